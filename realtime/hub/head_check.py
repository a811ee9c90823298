"""Compares rooms with the heads of their logs: what the link has lost is found here at the latest."""

import asyncio
import contextlib
import logging
import math
import time
from collections import deque
from collections.abc import Callable, Mapping
from itertools import islice

from django.conf import settings

from foundation.log_throttle import LogThrottle

from .log_source import LogSource
from .room import Room

logger = logging.getLogger(__name__)

# How many rooms one read of the source covers: it has one timeout, and when it fails, only these rooms wait.
BATCH = 1000


# A room that received nothing for so many seconds is quiet.
QUIET_SECONDS = 30.0


class HeadCheck:
    """Checks rooms every ROOM_CHECK_INTERVAL: those that received nothing lately, and all rooms after `check_all`.

    Of the quiet ones, it checks a share while the link is up, so that each comes once in QUIET_ROOM_CHECK_INTERVAL.
    """

    def __init__(self, source: LogSource, rooms: Mapping[str, Room], *, link_is_up: Callable[[], bool]) -> None:
        self._source, self._rooms, self._link_is_up = source, rooms, link_is_up
        # The names of the rooms whose turn comes, those that were not checked for the longest time first.
        self._turns: deque[str] = deque()
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
        self._queue.update(dict.fromkeys(self._due()))
        failed: list[str] = []
        while batch := list(islice(self._queue, BATCH)):
            for name in batch:
                del self._queue[name]
            if not await self._check(batch):
                failed += batch
        # These are checked again next time, even if they receive something meanwhile.
        self._queue.update(dict.fromkeys(failed))

    def _due(self) -> list[str]:
        """Return the rooms that received nothing lately, of the quiet ones only those whose turn it is."""
        now = time.monotonic()
        lately = now - settings.ROOM_CHECK_INTERVAL / 2
        active, turns = (now - QUIET_SECONDS, self._next_turns()) if self._link_is_up() else (float("-inf"), set())
        return [
            name
            for name, room in self._rooms.items()
            if room.last_received < lately and (room.last_received >= active or name in turns)
        ]

    def _next_turns(self) -> set[str]:
        share = min(1.0, settings.ROOM_CHECK_INTERVAL / settings.QUIET_ROOM_CHECK_INTERVAL)
        names: set[str] = set()
        for _ in range(math.ceil(len(self._rooms) * share)):
            if not self._turns:
                self._turns.extend(self._rooms)
            names.add(self._turns.popleft())
        return names

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
                room.fetch_gap()
        return True
