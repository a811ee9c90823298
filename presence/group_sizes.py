"""Which groups are small enough for their members to see each other's presence."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from collections.abc import Set as AbstractSet

from django.conf import settings

from groups import selectors as groups

from .clock import Clock

logger = logging.getLogger(__name__)

_KNOWN_SECONDS = 600.0
# After a failed lookup the group counts as large for this long.
_FAILED_SECONDS = 5.0
_LOOKUPS_AT_ONCE = 4
_MAX_REMEMBERED = 50_000

CountMembers = Callable[[str, int], Awaitable[int]]


async def _count_members(group_id: str, limit: int) -> int:
    return await groups.count_members(group_id=group_id, limit=limit)


class GroupSizes:
    """Looks sizes up in the background and remembers them: nothing waits for the store because of presence.

    `count_members(group_id, limit)` returns how many members a group has, counted up to the limit; it may raise.
    """

    def __init__(self, clock: Clock = time.monotonic, count_members: CountMembers = _count_members) -> None:
        self._clock, self._count_members = clock, count_members
        # Of each group: whether it is small, and until when that holds.
        self._small: dict[str, tuple[bool, float]] = {}
        self._lookups: dict[str, asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(_LOOKUPS_AT_ONCE)

    def small(self, group_ids: AbstractSet[str]) -> frozenset[str] | None:
        """Return those with PRESENCE_MAX_MEMBERS at most, or None as long as one was never looked up.

        Starts the lookups that are due; what was known holds until they are done.
        """
        now = self._clock()
        for group_id in group_ids:
            if self._small.get(group_id, (False, 0.0))[1] < now and group_id not in self._lookups:
                self._lookups[group_id] = asyncio.create_task(self._look_up(group_id))
        if not group_ids <= self._small.keys():
            return None
        return frozenset(group_id for group_id in group_ids if self._small[group_id][0])

    async def looked_up(self) -> None:
        """Wait until all lookups that were started are done."""
        while self._lookups:
            await asyncio.wait(self._lookups.values())

    async def _look_up(self, group_id: str) -> None:
        limit, small, known_for = settings.PRESENCE_MAX_MEMBERS, False, _FAILED_SECONDS
        try:
            async with self._places:
                small = await self._count_members(group_id, limit + 1) <= limit
            known_for = _KNOWN_SECONDS
        except Exception as error:  # the store may be down
            logger.debug("the size of a group is not known: %r", error)
        finally:
            self._small.pop(group_id, None)
            self._small[group_id] = (small, self._clock() + known_for)
            if len(self._small) > _MAX_REMEMBERED:
                del self._small[next(iter(self._small))]
            del self._lookups[group_id]

    def close(self) -> None:
        """Give up the lookups under way."""
        for task in self._lookups.values():
            task.cancel()
