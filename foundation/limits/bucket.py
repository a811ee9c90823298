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
    key, now = (budget, user_id), time.monotonic()
    tokens = _refilled(_buckets.pop(key, None), rate, now)
    _keep(key, tokens - 1 if tokens >= 1 else tokens, now)
    _require_token(budget, rate, tokens)


def charge(budget: str, user_id: str, tokens: float, *, most: float = 1.0, new: float | None = None) -> None:
    """Take what something has cost, when that is known afterwards; what is owed must be refilled before the next.

    Nobody owes more than `most` buckets. A bucket that was never drawn on has `new` tokens, if that is given.
    """
    rate: Rate | None = settings.RATE_LIMITS.get(budget)
    if rate is not None:
        now = time.monotonic()
        bucket = _buckets.pop((budget, user_id), None if new is None else (min(new, rate.count), now))
        left = _refilled(bucket, rate, now) - tokens
        _keep((budget, user_id), max(left, -most * rate.count), now)


def owed(budget: str, user_id: str) -> float:
    """Return how many tokens are lacking until there is one again: 0 where nothing is owed."""
    if (bucket := _buckets.get((budget, user_id))) and (rate := settings.RATE_LIMITS.get(budget)):
        return max(0.0, -_refilled(bucket, rate, time.monotonic()))
    return 0.0


def require(budget: str, user_id: str) -> None:
    """Raise `RateLimited` if `draw` would; takes nothing."""
    # Most buckets were never drawn on: this runs for each event.
    if (bucket := _buckets.get((budget, user_id))) and (rate := settings.RATE_LIMITS.get(budget)):
        _require_token(budget, rate, _refilled(bucket, rate, time.monotonic()))


def _keep(key: tuple[str, str], tokens: float, now: float) -> None:
    _buckets[key] = (tokens, now)
    if len(_buckets) > _MAX_BUCKETS:
        _buckets.popitem(last=False)


def _refilled(bucket: tuple[float, float] | None, rate: Rate, now: float) -> float:
    """Return how many tokens a bucket has by now; one that was never drawn on is full."""
    if bucket is None:
        return float(rate.count)
    tokens, updated_at = bucket
    return min(float(rate.count), tokens + (now - updated_at) * rate.count / rate.seconds)


def _require_token(budget: str, rate: Rate, tokens: float) -> None:
    if tokens < 1:
        wait = round((1 - tokens) * rate.seconds / rate.count, 3)
        raise RateLimited(retry_after=wait, usage=Usage(budget, rate, rate.count + 1, wait))
