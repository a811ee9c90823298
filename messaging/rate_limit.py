"""How fast one user may act: a token bucket in memory, so that checking costs no round trip.

Sending, editing, deleting and reacting share one bucket, because each is delivered to a whole group; an attempt that
fails later costs a token too. Each process has its own buckets: a user with connections to N workers gets N times the
rate.
"""

import time
from collections import OrderedDict

from django.conf import settings

from foundation.errors import RateLimited

_MAX_BUCKETS = 50_000
# By user id: the tokens left, and when they were counted.
_buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()


def check_rate_limit(user_id: str) -> None:
    """Take one token of the user's bucket; raises `RateLimited` with `retry_after` in seconds."""
    rate, burst = settings.MESSAGE_RATE, float(settings.MESSAGE_BURST)
    if not rate:
        return
    now = time.monotonic()
    tokens, updated_at = _buckets.pop(user_id, (burst, now))
    tokens = min(burst, tokens + (now - updated_at) * rate)
    refused = tokens < 1
    _buckets[user_id] = (tokens if refused else tokens - 1, now)
    if len(_buckets) > _MAX_BUCKETS:
        _buckets.popitem(last=False)
    if refused:
        raise RateLimited(retry_after=round((1 - tokens) / rate, 3))
