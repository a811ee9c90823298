"""Follows one group for a slice of time: reads its log after the followers' places, and feeds all of them."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings

from groups.log import queries
from groups.log.entry import Entry

from . import places, registrations
from .feeding import Fed, Feeding
from .follower import Follower
from .places import GroupPlaces, Place
from .registrations import Registration

# How many entries one read returns: decoding them holds up the loop for a millisecond or two.
_PAGE = 100
# Seconds after which a slice ends between two reads: then the place is written, and other groups have their turn.
_SECONDS = 1.0
# The share of the lease that may be used: the place is written after that.
_LEASE_SHARE = 0.67


@dataclass(frozen=True, slots=True)
class Result:
    """In how many seconds the group is to be followed again, None: when something is appended.

    `behind` has by follower when the oldest entry was written that it has not handled, in seconds since 1970, or None.
    """

    again: float | None
    behind: dict[str, float | None]


@dataclass
class Slice:
    """A slice of one group; `known` are the places when it begins."""

    known: GroupPlaces
    followers: Mapping[str, tuple[Follower, Registration]]
    _at: dict[str, Place] = field(default_factory=dict)
    _again: dict[str, float] = field(default_factory=dict)
    _behind: dict[str, float | None] = field(default_factory=dict)

    async def run(self) -> Result:
        """Feed what there is; raises `Unavailable` when the log cannot be read or the place not be written."""
        start = time.monotonic()
        for name, (follower, registration) in self.followers.items():
            current = registrations.current_place(self.known, name, registration)
            self._at[name] = current or await registrations.first_place(self.known, follower, registration)
        self._behind = dict.fromkeys(self._at)
        active = set(self._at)
        try:
            while active:
                active -= await self._feed_furthest(active, start)
                if time.monotonic() - start >= _SECONDS:
                    break
        finally:
            await places.write(self.known, self._at)
        for name in active:
            self._again[name] = 0.0
        return Result(min(self._again.values(), default=None), self._behind)

    async def _feed_furthest(self, active: set[str], start: float) -> set[str]:
        """Read once and feed the followers that are ahead of the others; return those that are done for now.

        Usually all are at the same place. One that starts anew, or fails, must not hold up the others.
        """
        seq = max(self._at[name].seq for name in active)
        names = [name for name in active if self._at[name].seq == seq]
        entries = _without_gap(await queries.entries_after(self.known.group_id, seq, limit=_PAGE), seq)
        fed = await asyncio.gather(*(self._feed(name, entries, start) for name in names)) if entries else []
        for name, result in zip(names, fed, strict=False):
            self._note(name, result, entries)
        return {name for name in names if name in self._again} if len(entries) == _PAGE else set(names)

    async def _feed(self, name: str, entries: Sequence[Entry], start: float) -> Fed:
        seconds: float = _LEASE_SHARE * settings.FOLLOW_LEASE
        feeding = Feeding(*self.followers[name], self.known.group_id, start + seconds, seconds)
        return await feeding.feed(self._at[name], entries)

    def _note(self, name: str, fed: Fed, entries: Sequence[Entry]) -> None:
        self._at[name] = fed.place
        left = [entry for entry in entries if entry.seq > fed.place.seq]
        if fed.again is not None:
            self._again[name] = fed.again
        # The last one stands for the next page, which is hardly newer.
        oldest = left[0] if left else entries[-1] if len(entries) == _PAGE else None
        self._behind[name] = datetime.fromisoformat(oldest.created_at).timestamp() if oldest else None


def _without_gap(entries: Sequence[Entry], seq: int) -> Sequence[Entry]:
    """Return the entries up to the first gap: a group that is being erased loses its log from the beginning."""
    count = 0
    while count < len(entries) and entries[count].seq == seq + count + 1:
        count += 1
    return entries[:count]
