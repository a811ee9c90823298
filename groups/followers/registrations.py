"""Since when each follower is there: a row a follower in the partition `followers`.

Entries that are older than that notify nobody. A follower that is rebuilt begins a new generation: it starts at the
first entry of each group again, and what was written before counts as old.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dynamodb import store
from foundation.ids import now
from groups import models
from groups.log import queries
from groups.rows import GroupRow

from .follower import FROM_NOW, Follower
from .places import GroupPlaces, Place

_PARTITION = "followers"
# What is older was imported, or restored, or waited while nobody followed: people are not told of it any more.
_NEWS_AGE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Registration:
    """A follower is there since `since`, an ISO time in UTC; `generation` counts its rebuilds, from 1."""

    since: str
    generation: int

    def news_since(self) -> str:
        """Return the time since when entries must have been written so that people may be told of them."""
        return max(self.since, (datetime.now(UTC) - _NEWS_AGE).isoformat())


async def load(followers: Iterable[Follower]) -> dict[str, Registration]:
    """Return the registrations by follower; who has none is there from now."""
    names = [follower.name for follower in followers]
    found = await _find(names)
    for name in names:
        if name not in found:
            await _add(name)
    return found if len(found) == len(names) else await _find(names)


async def _find(names: Iterable[str]) -> dict[str, Registration]:
    rows = await models.get_rows((_PARTITION, name) for name in names)
    return {row.item: Registration(row.created_at or "", int(row.version or 1)) for row in rows}


async def _add(name: str) -> None:
    row = GroupRow(_PARTITION, name, created_at=now(), version=1)
    try:
        await store.call(lambda: row.save(condition=GroupRow.group_id.does_not_exist()))
    except store.ConditionFailed:
        return  # another process was faster


async def first_start(name: str) -> str:
    """Return since when a follower is there; "" if it was rebuilt: then it has seen what is older."""
    found = (await _find([name])).get(name)
    return found.since if found and found.generation == 1 else ""


async def begin_generation(name: str) -> None:
    """Let a follower start again at the first entry of each group; raises `ConditionFailed` if it never was there."""
    row, exists = GroupRow(_PARTITION, name), GroupRow.version.exists()
    again = GroupRow.created_at.set(now()), GroupRow.version.add(1)
    await store.call(lambda: row.update(actions=[*again], condition=exists))


# --- places ----------------------------------------------------------------------------------------------------------
def current_place(places: GroupPlaces, name: str, registration: Registration) -> Place | None:
    """Return a follower's place in a group; None when this generation has not begun there."""
    place = places.by_name.get(name)
    return place if place and place.generation >= registration.generation else None


async def first_place(places: GroupPlaces, follower: Follower, registration: Registration) -> Place:
    """Return where a follower begins in a group."""
    first = Place(0, registration.generation)
    is_older = places.created_at < registration.since
    if follower.start != FROM_NOW or registration.generation > 1 or not is_older:
        return first
    return first.moved(await _last_before(places.group_id, registration.since))


async def _last_before(group_id: str, time: str) -> int:
    """Return the seq of the last entry that is older than `time`, by few reads of a long log."""
    head = await queries.last_entry(group_id)
    if head is None or head.created_at < time:
        return int(head.seq) if head else 0
    older, newer = 0, int(head.seq)
    while newer - older > 1:
        middle = (older + newer) // 2
        entry = await queries.get_entry(group_id, middle)
        if entry and entry.created_at < time:
            older = middle
        else:
            newer = middle
    return older
