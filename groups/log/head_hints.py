"""Hints in Redis of where each log ends and when it last grew, so that many logs' ends are found in one call.

A hint may be missing or wrong: `heads` proves it. Appenders note the ends here; they are written together, a moment
later, so that no append waits for Redis. What Redis refuses is written with the next.
"""

import logging
import time
from collections.abc import Collection
from typing import NamedTuple

import redis.asyncio as redis
from django.conf import settings

from foundation.flusher import Flusher
from foundation.log_throttle import LogThrottle
from foundation.per_loop import PerLoop
from foundation.pools import counted
from foundation.redis_retry import no_retry

logger = logging.getLogger(__name__)

# Seconds between two writes, and after a failed call before the next.
_INTERVAL, _PAUSE = 0.1, 2.0
_TIMEOUT = 0.25
# While Redis is away, the hints of at most so many logs are kept.
_MAX_UNWRITTEN = 20_000
_CLOSE_TIMEOUT = 1.0


class HeadHint(NamedTuple):
    """A log ended with the entry `seq`, which was appended `at`, in seconds since 1970."""

    seq: int
    at: float


class HeadHints:
    """The hints of all logs, in one hash."""

    def __init__(self) -> None:
        self._redis = counted(
            redis.Redis.from_url(
                settings.REDIS_URL, socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT, retry=no_retry()
            )
        )
        self._key = f"{settings.NAMESPACE}:heads"
        self._unwritten: dict[str, HeadHint] = {}
        self._paused_until = 0.0
        self._flusher = Flusher(self.write, is_waiting=lambda: bool(self._unwritten), delay=self._delay)
        self._log_throttle = LogThrottle()

    def note(self, group_id: str, seq: int, *, at: float | None = None) -> None:
        """Note a log's end, to be written soon; never waits and never fails."""
        # The last element is the latest: the oldest is dropped first.
        self._unwritten.pop(group_id, None)
        self._unwritten[group_id] = HeadHint(seq, time.time() if at is None else at)
        if len(self._unwritten) > _MAX_UNWRITTEN:
            del self._unwritten[next(iter(self._unwritten))]
        self._flusher.start()

    async def get(self, group_ids: Collection[str]) -> dict[str, HeadHint]:
        """Return the hints that there are, in one call; those noted here while Redis is away."""
        own = {group_id: self._unwritten[group_id] for group_id in self._unwritten.keys() & set(group_ids)}
        if not group_ids or time.monotonic() < self._paused_until:
            return own
        fields = list(group_ids)
        try:
            values = await self._redis.hmget(self._key, fields)
        except redis.RedisError as error:
            self._pause(error)
            return own
        read = {group_id: _parsed(value) for group_id, value in zip(fields, values, strict=True) if value}
        return {**{group_id: hint for group_id, hint in read.items() if hint}, **own}

    def _delay(self) -> float:
        return max(_INTERVAL, self._paused_until - time.monotonic())

    async def write(self) -> None:
        """Write what was noted; what fails is kept."""
        hints, self._unwritten = self._unwritten, {}
        if not hints:
            return
        try:
            await self._redis.hset(self._key, mapping={id_: f"{hint.seq} {hint.at:.3f}" for id_, hint in hints.items()})
        except redis.RedisError as error:
            self._unwritten = {**hints, **self._unwritten}
            self._pause(error)

    def _pause(self, error: Exception) -> None:
        self._paused_until = time.monotonic() + _PAUSE
        if self._log_throttle.should_log():
            logger.warning("hints of logs' ends: Redis does not answer (%r); the logs are read instead", error)

    async def close(self) -> None:
        """Write what was noted, if Redis can be reached, and stop."""
        await self._flusher.close(self.write, timeout=_CLOSE_TIMEOUT)
        await self._redis.aclose()


def _parsed(value: bytes | str) -> HeadHint | None:
    try:
        seq, at = value.split()
        return HeadHint(int(seq), float(at))
    except ValueError:
        return None


# The hints of the running event loop.
head_hints = PerLoop(HeadHints)


async def close_head_hints() -> None:
    """Close the running loop's hints, if it has any."""
    if hints := head_hints.pop():
        await hints.close()
