"""Compares rooms with their logs: what the link has lost is found here at the latest."""

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping
from itertools import islice

from django.conf import settings

from foundation.log_throttle import LogThrottle

from .room import Room, Source

logger = logging.getLogger(__name__)

# One question to the source takes this many rooms: it has a time-out as a whole, and when it fails, only these wait.
BATCH = 1000


class HeadCheck:
    """Looks at the rooms that were quiet every few seconds, and at all of them when it is called for."""

    def __init__(self, source: Source, rooms: Mapping[str, Room]) -> None:
        self._source, self._rooms = source, rooms
        # The names of those that are to be looked at, in that order.
        self._due: dict[str, None] = {}
        self._requested = asyncio.Event()
        self._log_throttle = LogThrottle()

    def check_all(self) -> None:
        """Compare every room as soon as possible: any of them may have missed something."""
        self._due.update(dict.fromkeys(self._rooms))
        self._requested.set()

    async def run(self) -> None:
        """Look, round after round, without an end."""
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(settings.ROOM_CHECK_INTERVAL):
                    await self._requested.wait()
            await self._round()
            self._requested.clear()

    async def _round(self) -> None:
        recently = time.monotonic() - settings.ROOM_CHECK_INTERVAL / 2
        self._due.update((name, None) for name, room in self._rooms.items() if room.last_heard < recently)
        failed: list[str] = []
        while names := list(islice(self._due, BATCH)):
            for name in names:
                del self._due[name]
            if not await self._compare(names):
                failed += names
        # Next time, be they quiet then or not.
        self._due.update(dict.fromkeys(failed))

    async def _compare(self, names: list[str]) -> bool:
        """Fetch what these rooms have missed, and say whether the source could tell."""
        rooms = [room for name in names if (room := self._rooms.get(name)) and room.loaded]
        if not rooms:
            return True
        try:
            ahead = await self._source.ahead({room.name: room.position.seq for room in rooms})
        except Exception:  # the store may be down, or have too much to do for just these
            if self._log_throttle.should_log():
                logger.exception("%d rooms could not be compared with their logs", len(rooms))
            return False
        for name in ahead:
            if room := self._rooms.get(name):
                room.fetch()
        return True
