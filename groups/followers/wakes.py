"""Which groups this process has appended to: marked in memory, and written to Redis together a moment later.

What Redis refuses is kept, and written later; meanwhile this process follows those groups itself. What a process had
not written when it was killed is found by the sweep.
"""

import asyncio
import logging
import time
from collections.abc import Iterable
from itertools import islice

import redis.asyncio as redis

from foundation.flusher import Flusher
from foundation.log_throttle import LogThrottle
from foundation.per_loop import PerLoop

from .wake_queue import wake_queue

logger = logging.getLogger(__name__)

# Seconds between two writes, and after a failed one before the next.
_INTERVAL, _PAUSE = 0.1, 2.0
_CLOSE_TIMEOUT = 1.0
# While Redis is away, so many groups are kept; others are left to the sweep.
_MAX_MARKED = 20_000
_A_WRITE = 1_000


class Wakes:
    """The groups that are marked and not written yet; `on_written` is set whenever some were written."""

    def __init__(self) -> None:
        self.on_written = asyncio.Event()
        self._marked: dict[str, None] = {}
        self._paused_until = 0.0
        self._flusher = Flusher(self.write, is_waiting=lambda: bool(self._marked), delay=self._delay)
        self._log_throttle = LogThrottle()

    def mark(self, group_id: str) -> None:
        """Say that a group's log may have grown; never waits and never fails."""
        self._marked[group_id] = None
        self._flusher.start()

    def take(self, limit: int) -> list[str]:
        """Remove and return groups that could not be written, for this process to follow."""
        group_ids = list(islice(self._marked, limit)) if self.is_away() else []
        for group_id in group_ids:
            del self._marked[group_id]
        return group_ids

    def is_away(self) -> bool:
        """Return whether Redis did not answer the last time."""
        return time.monotonic() < self._paused_until

    async def write(self) -> None:
        """Write what is marked; what fails is kept."""
        group_ids, self._marked = list(self._marked), {}
        for start in range(0, len(group_ids), _A_WRITE):
            try:
                await wake_queue().wake(group_ids[start : start + _A_WRITE])
            except redis.RedisError as error:
                self._keep(group_ids[start:], error)
                break
        if group_ids:
            self.on_written.set()

    def _keep(self, group_ids: Iterable[str], error: Exception) -> None:
        self._marked = dict.fromkeys(group_ids) | self._marked
        for group_id in list(islice(self._marked, max(0, len(self._marked) - _MAX_MARKED))):
            del self._marked[group_id]
        self._paused_until = time.monotonic() + _PAUSE
        if self._log_throttle.should_log():
            logger.warning("followers: Redis does not answer (%r); each process follows what it appends", error)

    def _delay(self) -> float:
        return max(_INTERVAL, self._paused_until - time.monotonic())

    async def close(self) -> None:
        """Write what is marked, if Redis can be reached, and stop: the sweep finds the rest."""
        await self._flusher.close(self.write, timeout=_CLOSE_TIMEOUT)


# The marks of the running event loop.
wakes = PerLoop(Wakes)


async def close_wakes() -> None:
    """Close the running loop's marks and its line to their queue, if it has any."""
    if marks := wakes.pop():
        await marks.close()
    if queue := wake_queue.pop():
        await queue.close()
