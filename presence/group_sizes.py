"""Which groups are small enough for their people to be told of each other's presence."""

import asyncio
import logging
import time
from collections.abc import Set as AbstractSet

from django.conf import settings

from groups import selectors as groups

logger = logging.getLogger(__name__)

_KNOWN_SECONDS = 600.0
# After a failed look the group counts as large for this long.
_FAILED_SECONDS = 5.0
_AT_ONCE = 4
_MAX_REMEMBERED = 50_000


class GroupSizes:
    """Looks sizes up behind everybody's back: nobody waits for the store because of presence."""

    def __init__(self) -> None:
        self._small: dict[str, tuple[bool, float]] = {}
        self._looking: dict[str, asyncio.Task[None]] = {}
        self._places = asyncio.Semaphore(_AT_ONCE)

    def small(self, group_ids: AbstractSet[str]) -> frozenset[str] | None:
        """Return the small ones, or None as long as one was never looked at."""
        present = time.monotonic()
        for group_id in group_ids:
            if self._small.get(group_id, (False, 0.0))[1] < present and group_id not in self._looking:
                self._looking[group_id] = asyncio.create_task(self._look(group_id))
        if not group_ids <= self._small.keys():
            return None
        return frozenset(group_id for group_id in group_ids if self._small[group_id][0])

    async def _look(self, group_id: str) -> None:
        most, small, known_for = settings.PRESENCE_MAX_MEMBERS, False, _FAILED_SECONDS
        try:
            async with self._places:
                small = await groups.count_members(group_id=group_id, limit=most + 1) <= most
            known_for = _KNOWN_SECONDS
        except Exception as error:  # the store may be down
            logger.debug("the size of a group is not known: %r", error)
        finally:
            self._small.pop(group_id, None)
            self._small[group_id] = (small, time.monotonic() + known_for)
            if len(self._small) > _MAX_REMEMBERED:
                del self._small[next(iter(self._small))]
            del self._looking[group_id]

    def close(self) -> None:
        for task in self._looking.values():
            task.cancel()
