"""Compares rooms with the heads of their logs: what the link has lost is found here at the latest."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping
from itertools import islice

from django.conf import settings

from foundation.log_throttle import LogThrottle

from .log_source import LogSource
from .room import Room

logger = logging.getLogger(__name__)

# How many rooms one read of the source covers: it has one timeout, and when it fails, only these rooms wait.
BATCH = 1000


class HeadCheck:
    """Checks the rooms that received nothing lately every ROOM_CHECK_INTERVAL, and all rooms after `check_all`."""

    def __init__(self, source: LogSource, rooms: Mapping[str, Room]) -> None:
        self._source, self._rooms = source, rooms
        # The names of the rooms to check, in that order; a dict as an ordered set.
        self._queue: dict[str, None] = {}
        self._requested = asyncio.Event()
        self._log_throttle = LogThrottle()

    def check_all(self) -> None:
        """Check every room as soon as possible: the link was down, and any room may have missed changes."""
        self._queue.update(dict.fromkeys(self._rooms))
        self._requested.set()

    async def run(self) -> None:
        """Check until cancelled."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(settings.ROOM_CHECK_INTERVAL):
                    await self._requested.wait()
            await self._check_queue()
            self._requested.clear()

    async def _check_queue(self) -> None:
        lately = time.monotonic() - settings.ROOM_CHECK_INTERVAL / 2
        self._queue.update((name, None) for name, room in self._rooms.items() if room.last_received < lately)
        failed: list[str] = []
        while batch := list(islice(self._queue, BATCH)):
            for name in batch:
                del self._queue[name]
            if not await self._check(batch):
                failed += batch
        # These are checked again next time, even if they receive something meanwhile.
        self._queue.update(dict.fromkeys(failed))

    async def _check(self, names: list[str]) -> bool:
        """Let the rooms that are behind read their logs, and return whether the source could be read."""
        rooms = [room for name in names if (room := self._rooms.get(name)) and room.loaded]
        if not rooms:
            return True
        try:
            behind = await self._source.rooms_behind({room.name: room.position.seq for room in rooms})
        except Exception:  # the store may be down, or too busy for just these
            if self._log_throttle.should_log():
                logger.exception("%d rooms could not be compared with their logs", len(rooms))
            return False
        for name in behind:
            if room := self._rooms.get(name):
                room.fetch()
        return True
