"""Counts requests over all processes, in the windows of django-ratelimit, which are kept in Redis.

The library blocks and its decorators know no async views, so its counting function runs on threads of its own.
"""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django_ratelimit.core import get_usage
from redis.exceptions import RedisError

from foundation.errors import RateLimited, Unavailable
from foundation.log_throttle import LogThrottle

from .rates import Rate
from .usage import Usage

logger = logging.getLogger(__name__)

# Guessing must not become free of charge while nobody counts: without Redis these are refused.
REQUIRED = frozenset(("sign_in", "failed_sign_in"))
# Seconds until Redis is tried again after a failure: meanwhile nobody waits for it.
RETRY_INTERVAL = 1.0
# Seconds that a count may wait for a thread.
_MAX_QUEUED = 0.25
# Without a copy of the caller's context, unlike asyncio.to_thread: Django keeps a cache, and with it the connection to
# Redis, in the context.
_threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="rate-limits")


async def count(budgets: Sequence[str], caller: str) -> list[Usage]:
    """Count one request of the caller, and return what is used of each budget that `RATE_LIMITS` has.

    Raises `RateLimited`. While Redis is away, a `REQUIRED` budget raises `Unavailable`; others are not counted.
    """
    rates = {name: settings.RATE_LIMITS[name] for name in budgets if name in settings.RATE_LIMITS}
    usages = await _redis.count(rates, caller) if rates else []
    if usages is None:
        if REQUIRED & rates.keys():
            raise Unavailable("Signing in is not possible just now: try again in a moment.", retry_after=RETRY_INTERVAL)
        return []
    for usage in usages:
        if usage.exceeded:
            raise RateLimited(retry_after=max(1, usage.reset), usage=usage)
    return usages


class _Redis:
    """Redis as the counting needs it: within a fraction of a second, or not at all."""

    def __init__(self) -> None:
        self._failed_at = float("-inf")
        # While Redis is away: when one request tries it again.
        self._retry_at: float | None = None
        self._log_throttle = LogThrottle()

    async def count(self, rates: Mapping[str, Rate], caller: str) -> list[Usage] | None:
        """Return the usages, or None while Redis does not answer."""
        now = time.monotonic()
        if self._retry_at is not None:
            if now < self._retry_at:
                return None
            self._retry_at = now + RETRY_INTERVAL
        try:
            usages = await asyncio.get_running_loop().run_in_executor(_threads, self._count, rates, caller, now)
        except (RedisError, OSError) as error:
            self._failed_at = time.monotonic()
            self._retry_at = self._failed_at + RETRY_INTERVAL
            if self._log_throttle.should_log():
                logger.warning("Redis does not answer: requests are not counted, and signing in is refused: %s", error)
            return None
        self._retry_at = None
        return usages

    def _count(self, rates: Mapping[str, Rate], caller: str, queued_at: float) -> list[Usage]:
        """Count in Redis, on a thread; raises `RedisError` or `OSError`."""
        if time.monotonic() - queued_at > _MAX_QUEUED or self._failed_at > queued_at:
            raise TimeoutError("the threads are busy, or Redis failed meanwhile")
        return [_count_one(budget, rate, caller) for budget, rate in rates.items()]


def _count_one(budget: str, rate: Rate, caller: str) -> Usage:
    # It looks at a request only to find the caller.
    usage = get_usage(None, group=budget, key=lambda group, request: caller, rate=str(rate), increment=True)
    # No usage, or -1: the window ended between its two commands, and this request is the first of the next.
    if usage is None or usage["time_left"] < 0:
        return Usage(budget, rate, 1, rate.seconds)
    return Usage(budget, rate, usage["count"], usage["time_left"])


_redis = _Redis()
