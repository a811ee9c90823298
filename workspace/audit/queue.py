"""Acts that wait to be stored: at once, and while the store is away until it is back or the process ends.

Their lines stand in the log of the process all the same.
"""

import asyncio
import logging
from collections import deque
from itertools import islice

from foundation.errors import Unavailable
from foundation.flusher import Flusher
from foundation.ids import now
from foundation.log_throttle import LogThrottle
from foundation.per_loop import PerLoop

from . import models, sweeping
from .act import Act
from .refusals import Refusals

logger = logging.getLogger("workspace.audit")

# What waits beyond is counted, and the count is noted once the store is back.
MAX_WAITING = 10_000
# A write of DynamoDB takes so many rows.
_A_WRITE = 25
# Seconds: how long whoever acts waits for the note, from one try to the next, and at the end of the process.
_PATIENCE, _FIRST_RETRY, _LONGEST_RETRY, CLOSE_TIMEOUT = 1.0, 0.5, 15.0, 3.0


class Queue:
    """The acts of the running loop that are not stored yet, and the refusals that are being counted."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Act, asyncio.Future[None]]] = deque()
        self._lost = 0
        self._failures = 0
        self._days: set[str] = set()
        self._throttle = LogThrottle()
        # Two that store the same would take others for stored.
        self._storing = asyncio.Lock()
        self._flusher = Flusher(self._flush, is_waiting=lambda: bool(self._waiting), delay=self._delay)
        self.refusals = Refusals(self.put)

    async def add(self, act: Act) -> None:
        """Have an act stored; wait for that, but not for a store that is away. Raises nothing."""
        stored = self.put(act)
        if not self._failures:
            await asyncio.wait([stored], timeout=_PATIENCE)

    def put(self, act: Act) -> asyncio.Future[None]:
        """Have an act stored soon; return what is done then."""
        stored = asyncio.get_running_loop().create_future()
        if len(self._waiting) >= MAX_WAITING:
            self._lost += 1
            stored.set_result(None)
            return stored
        self._waiting.append((act, stored))
        self._flusher.start()
        return stored

    def _delay(self) -> float:
        return min(_LONGEST_RETRY, _FIRST_RETRY * 2 ** (self._failures - 1)) if self._failures else 0.0

    async def _flush(self) -> None:
        async with self._storing:
            await self._store_first()

    async def _store_first(self) -> None:
        """Store the first that wait; what cannot be stored now goes on waiting."""
        first = list(islice(self._waiting, _A_WRITE))
        try:
            await self._store([act for act, _ in first])
        except Unavailable:
            self._failures += 1
            if self._throttle.should_log():
                logger.warning("%d acts wait to be stored: the store does not answer", len(self._waiting))
            return
        except Exception:  # such as a row that the store will never take: the others must not wait for it
            logger.exception("%d acts could not be stored", len(first))
        self._failures = 0
        for _, stored in first:
            self._waiting.popleft()
            if not stored.done():
                stored.set_result(None)
        if self._lost and len(self._waiting) < MAX_WAITING:
            lost, self._lost = self._lost, 0
            self.put(Act(now(), "audit.lose", "nobody", count=lost))

    async def _store(self, acts: list[Act]) -> None:
        for day in {act.day for act in acts} - self._days:
            await models.add_day(day)
            self._days.add(day)
            # Once a day and process: what is older than is kept goes.
            sweeping.begin()
        await models.add(acts)

    async def drain(self) -> None:
        """Return when all that was noted is stored, the refusals of this minute too; raises nothing.

        It gives up at the first failure.
        """
        self.refusals.flush()
        while self._waiting:
            before = self._failures
            await self._flush()
            if self._failures > before:
                return

    async def close(self) -> None:
        """Store what waits, within `CLOSE_TIMEOUT`."""
        await self.refusals.close()
        await self._flusher.close(self.drain, timeout=CLOSE_TIMEOUT)
        await sweeping.close()
        if left := len(self._waiting) + self._lost:
            logger.warning("%d acts were not stored: their lines in this log are all that is left of them", left)


queue = PerLoop(Queue)


async def drain() -> None:
    """Store what was noted on the running loop, for a command that ends, or a test that looks."""
    await queue().drain()


async def close_audit() -> None:
    """Close the running loop's queue, if it has one."""
    if waiting := queue.pop():
        await waiting.close()
