"""Blocks: up to 4,096 messages that are searched together. A row for each key says which of them have it.

A block never changes. Its messages are in the order of their places; `bits` are an integer whose bit n is set for the
n-th of them. What was changed since is in the tail again, and later in another block (`sealing`).
"""

from array import array
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pymongo
from bson.binary import Binary
from pymongo.asynchronous.collection import AsyncCollection

from files import storage
from files.storage import Document, call
from foundation.slices import in_slices

from .index import SECONDS, Hit

SIZE = 4_096
# A block that another replaces is kept for queries that have begun; what a dead process left is removed.
_KEPT, _ABANDONED = timedelta(minutes=1), timedelta(minutes=10)
_KEYS = 1 << 32
# Of so many blocks it is kept in memory which messages they have: some 60 KB each.
_MAX_LOADED = 500


@dataclass(frozen=True, slots=True)
class Outline:
    """A block by its number: the first and the last place in it."""

    number: int
    first: int
    last: int


@dataclass(frozen=True)
class Block:
    """Which messages a block has: their places in ascending order, and for each its group and seq."""

    places: Sequence[int]
    groups: Sequence[str]
    group_numbers: Sequence[int]
    seqs: Sequence[int]
    _of_group: dict[str, int] = field(default_factory=dict)

    def hit(self, number: int) -> Hit:
        return Hit(self.places[number], self.groups[self.group_numbers[number]], self.seqs[number])

    def of_groups(self, group_ids: Iterable[str]) -> int:
        """Return the bits of the messages of these groups."""
        if not self._of_group:
            for number, group in enumerate(self.group_numbers):
                self._of_group[self.groups[group]] = self._of_group.get(self.groups[group], 0) | 1 << number
        bits = 0
        for group_id in self._of_group.keys() & set(group_ids):
            bits |= self._of_group[group_id]
        return bits

    def between(self, first: int, below: int) -> int:
        """Return the bits of the messages from a place to another."""
        return (1 << bisect_left(self.places, below)) - (1 << bisect_left(self.places, first))


_loaded: OrderedDict[tuple[str, int], Block] = OrderedDict()


def _blocks() -> AsyncCollection[Document]:
    return storage.database()["search.blocks"]


def _rows() -> AsyncCollection[Document]:
    return storage.database()["search.keys"]


def newest_first(bits: int) -> Iterator[int]:
    """Yield the numbers of the bits that are set, the highest first."""
    while bits:
        number = bits.bit_length() - 1
        yield number
        bits ^= 1 << number


# --- writes ----------------------------------------------------------------------------------------------------------
async def next_number() -> int:
    state = storage.database()["search.state"]
    found = await call(
        state.find_one_and_update(
            {"_id": "blocks"}, {"$inc": {"last": 1}}, upsert=True, return_document=pymongo.ReturnDocument.AFTER
        )
    )
    return int(found["last"]) if found else 0


async def put(number: int, documents: Sequence[Document], numbers_by_key: Mapping[int, Sequence[int]]) -> None:
    """Store a block of documents, in the order of their places; it is there once all of it is."""
    groups = sorted({one["g"] for one in documents})
    by_id = {group_id: index for index, group_id in enumerate(groups)}
    block = {
        "_id": number,
        "first": documents[0]["o"],
        "last": documents[-1]["o"],
        "at": datetime.now(UTC),
        "places": array("q", (one["o"] for one in documents)).tobytes(),
        "groups": groups,
        "groupNumbers": array("H", (by_id[one["g"]] for one in documents)).tobytes(),
        "seqs": array("Q", (one["s"] for one in documents)).tobytes(),
    }
    await call(_blocks().insert_one({**block, "state": "building"}))
    rows = [{"_id": _row_id(number, key), "v": _packed(numbers)} for key, numbers in sorted(numbers_by_key.items())]
    for start in range(0, len(rows), 5_000):
        await call(_rows().insert_many(rows[start : start + 5_000], ordered=False))
    await call(_blocks().update_one({"_id": number}, {"$set": {"state": "ready"}}))


async def mark_changed(numbers: Iterable[int]) -> None:
    """Note that messages of these blocks were changed: they are to be replaced."""
    if wanted := list(numbers):
        await call(_blocks().update_many({"_id": {"$in": wanted}}, {"$set": {"changed": True}}))


async def mark_group_changed(group_id: str) -> None:
    """Note the same of all blocks that have messages of a group."""
    await call(_blocks().update_many({"groups": group_id}, {"$set": {"changed": True}}))


async def replace(number: int) -> None:
    """Say that another block has what this one has; it is removed a while later."""
    now = datetime.now(UTC)
    await call(_blocks().update_one({"_id": number}, {"$set": {"state": "replaced", "at": now}}))


async def remove_old() -> None:
    """Remove what was replaced, and what a process that has died was building."""
    now = datetime.now(UTC)
    replaced = {"state": "replaced", "at": {"$lt": now - _KEPT}}
    abandoned = {"state": "building", "at": {"$lt": now - _ABANDONED}}
    for one in await call(_blocks().find({"$or": [replaced, abandoned]}, {"_id": 1}).to_list()):
        number = int(one["_id"])
        between = {"$gte": _row_id(number, -(_KEYS // 2)), "$lt": _row_id(number + 1, -(_KEYS // 2))}
        await call(_rows().delete_many({"_id": between}))
        await call(_blocks().delete_one({"_id": number}))


# --- reads -----------------------------------------------------------------------------------------------------------
async def list_blocks() -> list[Outline]:
    """Return all blocks, those with the latest messages first."""
    found = _blocks().find({"state": "ready"}, {"first": 1, "last": 1})
    with pymongo.timeout(SECONDS):
        stored = await call(found.to_list())
    outlines = [Outline(int(one["_id"]), int(one["first"]), int(one["last"])) for one in stored]
    return sorted(outlines, key=lambda one: one.last, reverse=True)


async def find_changed() -> int | None:
    """Return the number of a block of which messages were changed."""
    found = await call(_blocks().find_one({"state": "ready", "changed": True}, {"_id": 1}))
    return int(found["_id"]) if found else None


async def load(numbers: Sequence[int]) -> dict[int, Block]:
    """Return blocks by their numbers; most are in memory."""
    name = storage.database().name
    # Taken before others are read: meanwhile another search may have them make room.
    found = {number: _loaded[name, number] for number in numbers if (name, number) in _loaded}
    if missing := [number for number in numbers if number not in found]:
        with pymongo.timeout(SECONDS):
            stored = await call(_blocks().find({"_id": {"$in": missing}}).to_list())
        found |= {int(one["_id"]): _to_block(one) for one in stored}
    for number, block in found.items():
        _loaded[name, number] = block
        _loaded.move_to_end((name, number))
    while len(_loaded) > max(_MAX_LOADED, len(numbers)):
        _loaded.popitem(last=False)
    return found


async def read_bits(numbers: Iterable[int], keys: Iterable[int]) -> dict[tuple[int, int], int]:
    """Return the bits of the messages that have a key, by block and key, where there are any."""
    wanted = list(keys)
    ids = {_row_id(number, key): (number, key) for number in numbers for key in wanted}
    with pymongo.timeout(SECONDS):
        rows = await call(_rows().find({"_id": {"$in": list(ids)}}, batch_size=10_000).to_list())
    return {ids[row["_id"]]: _unpacked(row["v"]) async for row in in_slices(rows)}


def _row_id(number: int, key: int) -> int:
    return number * _KEYS + key + _KEYS // 2


def _packed(numbers: Sequence[int]) -> Binary:
    # Two bytes a number, until a bit for each of all is less.
    if len(numbers) <= SIZE // 16:
        return Binary(array("H", numbers).tobytes())
    bits = 0
    for number in numbers:
        bits |= 1 << number
    # One byte more than lists have at most.
    return Binary(bits.to_bytes(SIZE // 8 + 1, "little"))


def _unpacked(value: bytes) -> int:
    if len(value) > SIZE // 8:
        return int.from_bytes(value, "little")
    bits = 0
    for number in array("H", value):
        bits |= 1 << number
    return bits


def _to_block(stored: Mapping[str, Any]) -> Block:
    return Block(
        array("q", stored["places"]), stored["groups"], array("H", stored["groupNumbers"]), array("Q", stored["seqs"])
    )
