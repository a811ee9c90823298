"""Token buckets in memory, for what is too frequent for a round trip to Redis: messages and events of sockets.

Each process has its own buckets: a user with connections to N workers gets N times the rate.
"""

import time
from collections import OrderedDict

from django.conf import settings

from foundation.errors import RateLimited

from .rates import Rate
from .usage import Usage

_MAX_BUCKETS = 50_000
# By budget and user id: the tokens left, and when they were counted.
_buckets: OrderedDict[tuple[str, str], tuple[float, float]] = OrderedDict()


def draw(budget: str, user_id: str) -> None:
    """Take one token of the user's bucket; raises `RateLimited` with `retry_after` in seconds.

    A budget of `RATE_LIMITS` holds `count` tokens, and is refilled evenly in its `seconds`.
    """
    rate: Rate | None = settings.RATE_LIMITS.get(budget)
    if rate is None:
        return
    now, key, per_second = time.monotonic(), (budget, user_id), rate.count / rate.seconds
    tokens, updated_at = _buckets.pop(key, (float(rate.count), now))
    tokens = min(float(rate.count), tokens + (now - updated_at) * per_second)
    refused = tokens < 1
    _buckets[key] = (tokens if refused else tokens - 1, now)
    if len(_buckets) > _MAX_BUCKETS:
        _buckets.popitem(last=False)
    if refused:
        wait = round((1 - tokens) / per_second, 3)
        raise RateLimited(retry_after=wait, usage=Usage(budget, rate, rate.count + 1, wait))
