"""How fast one user may write and react: a token bucket in memory, so that the steady state costs no round trip.

Sending, editing, deleting and reacting take from one bucket: each is told to a whole group. A refused try is not free.
Each process counts for itself: with N workers a user spread over all of them gets N times the rate.
"""

import time
from collections import OrderedDict

from django.conf import settings

from foundation.errors import RateLimited

_MAX_BUCKETS = 50_000
_buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()


def check_rate_limit(user_id: str) -> None:
    """Take one token of the user's bucket; raises `RateLimited` with the seconds to wait."""
    rate, burst = settings.MESSAGE_RATE, float(settings.MESSAGE_BURST)
    if not rate:
        return
    present = time.monotonic()
    tokens, at = _buckets.pop(user_id, (burst, present))
    tokens = min(burst, tokens + (present - at) * rate)
    refused = tokens < 1
    _buckets[user_id] = (tokens if refused else tokens - 1, present)
    if len(_buckets) > _MAX_BUCKETS:
        _buckets.popitem(last=False)
    if refused:
        raise RateLimited(retry_after=round((1 - tokens) / rate, 3))
