"""How far the followers have come: a row a group, in a directory of all groups that is divided into 256 partitions.

The row is written with the group and deleted when it is erased, and between that only updated: nothing brings it back.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from zlib import crc32

from dynamodb import store
from groups import models
from groups.models import Group
from groups.rows import GroupRow

from .wake_queue import PARTITIONS

# So many entries that were set aside are remembered of a follower in a group.
_MAX_SET_ASIDE = 100
_ATTEMPTS = 3
# How many rows one read returns.
_PAGE = 1_000


@dataclass(frozen=True, slots=True)
class Place:
    """A follower has handled the entries up to `seq`, but for those that it has set aside.

    `tries` is how often the next one has failed; what a former `generation` of the follower has handled does not count.
    """

    seq: int = 0
    generation: int = 1
    tries: int = 0
    set_aside: tuple[int, ...] = ()

    def moved(self, seq: int) -> "Place":
        return replace(self, seq=seq, tries=0)

    def tried(self) -> "Place":
        return replace(self, tries=self.tries + 1)

    def passed(self, seq: int) -> "Place":
        """Set the entry `seq` aside, and go on after it."""
        return replace(self.moved(seq), set_aside=(*self.set_aside, seq)[-_MAX_SET_ASIDE:])

    def merged(self, other: "Place | None") -> "Place":
        """Return the later of two places that two processes have come to at the same time."""
        if other is None or other.generation < self.generation:
            return self
        if other.generation > self.generation:
            return other
        later = max(self, other, key=lambda place: (place.seq, place.tries))
        return replace(later, set_aside=tuple(sorted({*self.set_aside, *other.set_aside}))[-_MAX_SET_ASIDE:])

    def as_json(self) -> dict[str, Any]:
        values = {"seq": self.seq, "generation": self.generation, "tries": self.tries, "aside": list(self.set_aside)}
        return {name: value for name, value in values.items() if value}

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> "Place":
        found = values.get
        return cls(found("seq", 0), found("generation", 1), found("tries", 0), tuple(found("aside", ())))


@dataclass(frozen=True, slots=True)
class GroupPlaces:
    """The places in one group by follower; `version` counts the writes of its row, `created_at` is the group's."""

    group_id: str
    created_at: str
    version: int = 0
    by_name: Mapping[str, Place] = field(default_factory=dict)

    def merged(self, places: Mapping[str, Place]) -> "GroupPlaces":
        ours = {name: place.merged(self.by_name.get(name)) for name, place in places.items()}
        return replace(self, by_name={**self.by_name, **ours})


# --- rows ------------------------------------------------------------------------------------------------------------
def _partition(number: int) -> str:
    return f"directory#{number:02x}"


def _key(group_id: str) -> tuple[str, str]:
    return _partition(crc32(group_id.encode()) % PARTITIONS), group_id


def new_row(group: Group) -> GroupRow:
    """Return the row of a group that nobody has followed yet."""
    return GroupRow(*_key(group.id), created_at=group.created_at, version=0)


def _places(row: GroupRow) -> GroupPlaces:
    places = {name: Place.of(values) for name, values in (row.places or {}).items()}
    return GroupPlaces(row.item, row.created_at or "", int(row.version or 0), places)


# --- named queries ---------------------------------------------------------------------------------------------------
async def find(group_ids: Iterable[str]) -> dict[str, GroupPlaces]:
    """Return the places in these groups; groups that are not in the directory are left out."""
    return {row.item: _places(row) for row in await models.get_rows(map(_key, group_ids))}


async def find_in_partition(number: int, *, after: str | None = None) -> tuple[list[GroupPlaces], str | None]:
    """Return the places in up to 1,000 groups of a partition, and the id of the last one if there are more."""
    partition = _partition(number)
    start = models.start_after(partition, after) if after else None

    def query() -> list[GroupRow]:
        return list(GroupRow.query(partition, consistent_read=True, limit=_PAGE, last_evaluated_key=start))

    found = [_places(row) for row in await store.call(query)]
    return found, found[-1].group_id if len(found) == _PAGE else None


async def write(known: GroupPlaces, places: Mapping[str, Place]) -> None:
    """Write these followers' places, unless another process has come further; nothing if the group is erased."""
    for _ in range(_ATTEMPTS):
        wanted = known.merged(places)
        if wanted == known:
            return
        try:
            await store.call(_update, wanted)
        except store.ConditionFailed:
            found = (await find([known.group_id])).get(known.group_id)
            if found is None:
                return
            known = found
        else:
            return


def _update(places: GroupPlaces) -> None:
    by_name = {name: place.as_json() for name, place in places.by_name.items()}
    GroupRow(*_key(places.group_id)).update(
        actions=[GroupRow.places.set(by_name), GroupRow.version.set(places.version + 1)],
        condition=GroupRow.version == places.version,
    )


async def delete(group_id: str) -> None:
    await store.call(GroupRow(*_key(group_id)).delete)
