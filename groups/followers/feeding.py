"""Feeds entries to a follower: together, and one by one where that fails; what fails again and again is set aside."""

import asyncio
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import redis.asyncio as redis

from foundation.errors import Unavailable
from groups.log.entry import Entry

from .follower import Follower
from .places import Place
from .registrations import Registration
from .wake_queue import wake_queue

logger = logging.getLogger(__name__)

# An entry that fails is tried so often, with these pauses between, in seconds.
TRIES = 5
_PAUSES = (1.0, 2.0, 4.0, 8.0)
# Which share of a slice's time an entry must have had, for a time-out to be its own fault and not that of a slow store.
_ENOUGH = 0.9
# Seconds until it is tried again when something that a follower needs is away.
AWAY_PAUSE = 2.0


@dataclass(frozen=True, slots=True)
class Fed:
    """Where a follower has come to; `again` is in how many seconds it is to go on, None if it handled everything."""

    place: Place
    again: float | None = None


@dataclass(frozen=True, slots=True)
class Feeding:
    """A follower in one group, for `seconds` until `deadline`, in monotonic time: then the lease is nearly over."""

    follower: Follower
    registration: Registration
    group_id: str
    deadline: float
    seconds: float

    async def feed(self, place: Place, entries: Sequence[Entry]) -> Fed:
        """Feed the entries that follow the place; raises nothing but what cancels it."""
        # What has failed before is tried alone, so that it costs the others nothing.
        alone = 1 if place.tries else 0
        fed = await self._one_by_one(place, entries[:alone])
        news_since = self.registration.news_since()
        for _, run in groupby(entries[alone:], lambda entry: entry.created_at >= news_since):
            if fed.again is not None:
                break
            fed = await self._together(fed.place, list(run))
        return fed

    async def _together(self, place: Place, entries: Sequence[Entry]) -> Fed:
        if self._left() <= 0:
            return Fed(place, 0.0)
        try:
            # Half of the time, so that the other half is left to find the one that hangs.
            await self._handle(entries, share=0.5)
        except Unavailable:
            return Fed(place, AWAY_PAUSE)
        except Exception:  # a bug, or an entry that nobody foresaw: which one?
            return await self._one_by_one(place, entries)
        return Fed(place.moved(int(entries[-1].seq)))

    async def _one_by_one(self, place: Place, entries: Sequence[Entry]) -> Fed:
        for entry in entries:
            left = self._left()
            if left <= 0:
                return Fed(place, 0.0)
            try:
                await self._handle([entry])
            except Unavailable:
                return Fed(place, AWAY_PAUSE)
            except Exception as error:  # of this entry alone: it must not block its group
                if isinstance(error, TimeoutError) and place.tries and left < _ENOUGH * self.seconds:
                    return Fed(place, 0.0)
                fed = await self._failed(place, entry, error)
                if fed.again is not None:
                    return fed
                place = fed.place
            else:
                place = place.moved(int(entry.seq))
        return Fed(place)

    async def _failed(self, place: Place, entry: Entry, error: Exception) -> Fed:
        """Count a try, or set the entry aside after the last."""
        place = place.tried()
        if place.tries < TRIES:
            self._log_try(entry, place, error)
            return Fed(place, _PAUSES[place.tries - 1])
        await self._say_set_aside(entry)
        return Fed(place.passed(int(entry.seq)))

    async def _handle(self, entries: Sequence[Entry], *, share: float = 1.0) -> None:
        async with asyncio.timeout(share * self._left()):
            notify = entries[0].created_at >= self.registration.news_since()
            await self.follower.handle(self.group_id, entries, notify=notify)

    def _left(self) -> float:
        return self.deadline - time.monotonic()

    def _log_try(self, entry: Entry, place: Place, error: Exception) -> None:
        name, number = self.follower.name, int(entry.seq)
        logger.warning(
            "follower %s: entry %d of %s failed, try %d: %r", name, number, self.group_id, place.tries, error
        )

    async def _say_set_aside(self, entry: Entry) -> None:
        name, number = self.follower.name, int(entry.seq)
        logger.exception(
            "follower %s: entry %d of %s is set aside: it failed %d times", name, number, self.group_id, TRIES
        )
        try:
            await wake_queue().note_set_aside(name)
        except redis.RedisError:
            return  # the place has it too
