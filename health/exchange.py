"""Shares over Redis what each process says of itself, and the history of all of them together.

What a process writes expires when it is silent, so that no clock is compared with another.
"""

import os
import platform
import secrets
from typing import Any

import orjson
import redis.asyncio as redis
from django.conf import settings

from foundation.pools import counted
from foundation.redis_retry import no_retry

# Part of the keys: processes of a version that writes another format do not read each other.
_FORMAT = 1
_TIMEOUT = 1.0
# After so many silent intervals a process counts as gone, and these seconds, for its engines may be slow to check.
_SILENT_INTERVALS, _SLOW_SECONDS = 3, 2.0
# The history has a point for each of these seconds at most, and so many of them.
HISTORY_SECONDS, POINTS = 900, 180
POINT_SECONDS = HISTORY_SECONDS / POINTS

Json = dict[str, Any]


def lifetime() -> float:
    """Return for how many seconds others believe what a process has said of itself."""
    interval: float = settings.HEALTH_INTERVAL
    return interval * _SILENT_INTERVALS + _SLOW_SECONDS


class Exchange:
    """Raises `RedisError` while Redis is away."""

    def __init__(self) -> None:
        self.host, self.pid = platform.node(), os.getpid()
        # Two hosts may have one name, and a process the number of one that has just died.
        self._id = f"{self.host}:{self.pid}:{secrets.token_hex(4)}"
        self._prefix = f"{settings.NAMESPACE}:health:{_FORMAT}"
        self._redis = counted(
            redis.Redis.from_url(
                settings.REDIS_URL,
                socket_timeout=_TIMEOUT,
                socket_connect_timeout=_TIMEOUT,
                decode_responses=True,
                retry=no_retry(),  # the next sample is the next try
            )
        )

    async def write(self, process: Json) -> None:
        """Write what this process says of itself; it is there for `lifetime()`."""
        async with self._redis.pipeline(transaction=False) as call:
            call.set(self._key(self._id), orjson.dumps(process), px=int(lifetime() * 1000))
            call.sadd(self._prefix, self._id)
            await call.execute()

    async def read_others(self) -> list[Json]:
        """Return what the other processes said last, without those that have been silent for long."""
        ids = sorted({str(each) for each in await self._redis.smembers(self._prefix)} - {self._id})
        if not ids:
            return []
        found = await self._redis.mget([self._key(each) for each in ids])
        if silent := [each for each, text in zip(ids, found, strict=True) if text is None]:
            await self._redis.srem(self._prefix, *silent)
        return [orjson.loads(text) for text in found if text is not None]

    async def close(self) -> None:
        """Take this process out, as far as that is possible, and close the connections."""
        try:
            await self._redis.delete(self._key(self._id))
            await self._redis.srem(self._prefix, self._id)
        finally:
            await self._redis.aclose()

    def _key(self, process_id: str) -> str:
        return f"{self._prefix}:{process_id}"

    # --- history -----------------------------------------------------------------------------------------------------
    async def add_point(self, point: Json) -> None:
        """Append to the history, unless another process has done so just now."""
        turn = int(max(settings.HEALTH_INTERVAL, POINT_SECONDS) * 900)
        if not await self._redis.set(f"{self._prefix}:turn", 1, nx=True, px=turn):
            return
        history = f"{self._prefix}:history"
        async with self._redis.pipeline(transaction=False) as call:
            call.rpush(history, orjson.dumps(point))
            call.ltrim(history, -POINTS, -1)
            call.expire(history, HISTORY_SECONDS)
            await call.execute()

    async def read_history(self) -> list[Json]:
        return [orjson.loads(text) for text in await self._redis.lrange(f"{self._prefix}:history", 0, -1)]
