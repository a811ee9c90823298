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

# How long a size is cached, in seconds.
_TTL = 600.0
# After a failed lookup the group counts as large for this long, in seconds.
_FAILED_TTL = 5.0
# Lookups that begin together are one read for each hundred groups.
_MAX_CONCURRENT_LOOKUPS = 1000
_MAX_CACHED = 50_000

CountMembers = Callable[[str, int], Awaitable[int]]


async def _count_members(group_id: str, limit: int) -> int:
    return await groups.count_members(group_id=group_id, limit=limit)


class GroupSizes:
    """Looks sizes up in the background and caches them, so that presence never waits for the store.

    `count_members(group_id, limit)` returns how many members a group has, counted up to the limit; it may raise.
    """

    def __init__(self, clock: Clock = time.monotonic, count_members: CountMembers = _count_members) -> None:
        self._clock, self._count_members = clock, count_members
        # By group id: whether it is small, and when that expires.
        self._small: dict[str, tuple[bool, float]] = {}
        self._lookups: dict[str, asyncio.Task[None]] = {}
        # Counts how often a group turned out to be no longer small, or small again.
        self.changes = 0
        self._semaphore = asyncio.Semaphore(_MAX_CONCURRENT_LOOKUPS)

    def small_groups(self, group_ids: AbstractSet[str]) -> frozenset[str] | None:
        """Return the groups with at most PRESENCE_MAX_MEMBERS members; None until each has been looked up once.

        Starts the lookups that are due; an expired size is used until its lookup is done.
        """
        now = self._clock()
        for group_id in group_ids:
            if self._small.get(group_id, (False, 0.0))[1] < now and group_id not in self._lookups:
                self._lookups[group_id] = asyncio.create_task(self._look_up(group_id))
        if not group_ids <= self._small.keys():
            return None
        return frozenset(group_id for group_id in group_ids if self._small[group_id][0])

    async def wait_for_lookups(self) -> None:
        """Wait until all lookups under way are done."""
        while self._lookups:
            await asyncio.wait(self._lookups.values())

    async def _look_up(self, group_id: str) -> None:
        limit, small, ttl = settings.PRESENCE_MAX_MEMBERS, False, _FAILED_TTL
        try:
            async with self._semaphore:
                small = await self._count_members(group_id, limit + 1) <= limit
            ttl = _TTL
        except Exception as error:  # the store may be down
            logger.debug("the size of a group is not known: %r", error)
        finally:
            if self._small.pop(group_id, (small,))[0] != small:
                self.changes += 1
            self._small[group_id] = (small, self._clock() + ttl)
            if len(self._small) > _MAX_CACHED:
                del self._small[next(iter(self._small))]
            del self._lookups[group_id]

    def close(self) -> None:
        """Cancel the lookups under way."""
        for task in self._lookups.values():
            task.cancel()
