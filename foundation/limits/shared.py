"""Counts requests over all processes, in the windows of django-ratelimit, which are kept in Redis.

It happens on threads of its own: on a busy loop, a time-out as short would say that Redis is away.
"""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.conf import settings
from django.core.cache import caches
from django_ratelimit import ALL
from django_ratelimit.core import EXPIRATION_FUDGE, _get_window, _make_cache_key
from redis.exceptions import RedisError

from foundation.errors import RateLimited, Unavailable
from foundation.log_throttle import LogThrottle

from .rates import Rate
from .usage import Usage

logger = logging.getLogger(__name__)

# Guessing must not become free of charge while nobody counts: without Redis these are refused.
REQUIRED = frozenset(
    (
        *("sign_in", "failed_sign_in", "password", "password_of_strangers", "password_of_devices"),
        *("own_password", "second_factor", "second_factor_of_devices", "reset_mail"),
    )
)
# So many failures in a row mean that Redis is away: one alone may be a busy machine's.
_MAX_FAILURES = 3
# Seconds until one request tries Redis again: meanwhile nobody waits for it.
RETRY_INTERVAL = 1.0
# Seconds that a count may wait for a thread: requests must not queue up behind a Redis that is slow.
_MAX_QUEUED = 2.0
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
        # In a row.
        self._failures = 0
        self._retry_at = 0.0
        self._log_throttle = LogThrottle()

    def _is_away(self) -> bool:
        return self._failures >= _MAX_FAILURES

    async def count(self, rates: Mapping[str, Rate], caller: str) -> list[Usage] | None:
        """Return the usages, or None while Redis does not answer."""
        started_at = time.monotonic()
        if self._is_away():
            if started_at < self._retry_at:
                return None
            # One request at a time tries it again.
            self._retry_at = started_at + RETRY_INTERVAL
            return await self._try(rates, caller, started_at)
        while not self._is_away():
            usages = await self._try(rates, caller, started_at)
            if usages is not None or time.monotonic() - started_at > _MAX_QUEUED:
                return usages
        return None

    async def _try(self, rates: Mapping[str, Rate], caller: str, started_at: float) -> list[Usage] | None:
        try:
            loop = asyncio.get_running_loop()
            usages = await loop.run_in_executor(_threads, self._count, rates, caller, started_at)
        except (RedisError, OSError) as error:
            self._failures += 1
            self._retry_at = time.monotonic() + RETRY_INTERVAL
            if self._is_away() and self._log_throttle.should_log():
                logger.warning("Redis does not answer: requests are not counted, and signing in is refused: %s", error)
            return None
        if usages is not None:
            self._failures = 0
        return usages

    def _count(self, rates: Mapping[str, Rate], caller: str, started_at: float) -> list[Usage] | None:
        """Count in Redis, on a thread; None when it waited too long for that. Raises `RedisError` or `OSError`."""
        failed_meanwhile = self._is_away() and self._retry_at - RETRY_INTERVAL > started_at
        if failed_meanwhile or time.monotonic() - started_at > _MAX_QUEUED:
            return None
        return _count_in_redis(rates, caller)


def _count_in_redis(rates: Mapping[str, Rate], caller: str) -> list[Usage]:
    """Count in the windows of django-ratelimit, under its keys, by one round trip; its own function needs six."""
    cache: Any = caches[settings.RATELIMIT_USE_CACHE]
    ends = [_get_window(caller, rate.seconds) for rate in rates.values()]
    pipeline = cache._cache.get_client(write=True).pipeline(transaction=False)
    for (budget, rate), end in zip(rates.items(), ends, strict=True):
        key = cache.make_key(_make_cache_key(budget, end, str(rate), caller, ALL))
        pipeline.incr(key).expire(key, rate.seconds + EXPIRATION_FUDGE)
    counts, now = pipeline.execute()[::2], int(time.time())
    return [
        Usage(budget, rate, used, max(0, end - now))
        for (budget, rate), used, end in zip(rates.items(), counts, ends, strict=True)
    ]


_redis = _Redis()
