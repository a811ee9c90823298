"""The documents of all messages in MongoDB, and the named queries that walk them from the newest back.

Those that are not in a block (`blocks`) are the tail: what was written or changed last. Each function raises
`Unavailable` while MongoDB is down, or takes too long.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pymongo
from pymongo import UpdateOne
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import BulkWriteError

from files import storage
from files.storage import call, is_duplicate
from foundation.ids import message_id

from .documents import Document
from .keys import LONG

Filter = Mapping[str, Any]
Index = list[tuple[str, int]]
# The place where something begins, and the one before which it ends.
Span = tuple[int, int]

_OF_GROUPS: Index = [("g", 1), ("o", -1)]
_OF_ALL: Index = [("o", -1), ("g", 1)]
_OF_BLOCKS: Index = [("b", 1), ("o", -1)]
_OF_FILES: Index = [("f", 1), ("o", -1)]
# Of messages with files alone; `s` tells it from `_OF_GROUPS`, as a hint must.
_OF_GROUP_FILES: Index = [("g", 1), ("o", -1), ("s", 1)]
# MongoDB merges so many ranges of an index in order.
MAX_MERGED = 200
# Seconds that one query may take.
SECONDS = 3.0
_SHOWN = {"g": 1, "s": 1, "o": 1}


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """A message that was found; the later one is greater."""

    place: int
    group_id: str
    seq: int

    @property
    def id(self) -> str:
        return message_id(self.group_id, self.seq)

    @property
    def key(self) -> tuple[str, int]:
        return self.group_id, self.seq


def messages() -> AsyncCollection[Document]:
    return storage.database()["search.messages"]


async def ensure_indexes() -> None:
    for index in (_OF_GROUPS, _OF_ALL, _OF_BLOCKS):
        await call(messages().create_index(index))
    await call(messages().create_index(_OF_FILES, partialFilterExpression={"f": {"$exists": True}}))
    await call(messages().create_index(_OF_GROUP_FILES, partialFilterExpression={"n": {"$exists": True}}))


# --- writes ----------------------------------------------------------------------------------------------------------
async def write(documents: Sequence[Document]) -> None:
    """Put documents in the place of older ones of the same messages; newer ones stay. What is written is in the tail.

    In the same step a document learns which block it was in, since it may be sealed or replaced at any moment:
    `list_left_blocks` has these until `clear_left_blocks`.

    A document that has the same change is replaced too: so a rebuild writes anew what was wrong.
    """
    if not documents:
        return
    puts = [
        UpdateOne({"_id": one["_id"], "c": {"$lte": one["c"]}}, _replacement(one), upsert=True) for one in documents
    ]
    # Where another one is, the insertion finds its id. It may be an older one, which another process has inserted in
    # the same moment: the second time that is replaced, and only a newer one refuses.
    if refused := await _put(puts):
        await _put([puts[number] for number in refused])


def _replacement(document: Document) -> list[dict[str, Any]]:
    left: Document = {"$setUnion": [{"$ifNull": ["$w", []]}, {"$cond": [{"$gte": ["$b", 0]}, ["$b"], []]}]}
    return [
        {"$replaceWith": {"$mergeObjects": [{"$literal": document}, {"w": left}]}},
        {"$set": {"w": {"$cond": [{"$eq": ["$w", []]}, "$$REMOVE", "$w"]}}},
    ]


async def _put(puts: Sequence[UpdateOne]) -> list[int]:
    """Make these replacements, and return the numbers of those that found the id taken."""
    try:
        await call(messages().bulk_write(puts, ordered=False))
    except BulkWriteError as error:
        failed = (error.details or {}).get("writeErrors", ())
        if not is_duplicate(error) or len({each.get("code") for each in failed}) > 1:
            raise
        return [int(each["index"]) for each in failed]
    return []


async def forget(group_id: str) -> None:
    """Delete the documents of a group."""
    await call(messages().delete_many({"g": group_id}))


async def clear_left_blocks(ids: Iterable[str], blocks: Iterable[int]) -> None:
    """Say that these blocks are noted as changed; those that the messages have left since are kept."""
    await call(messages().update_many({"_id": {"$in": list(ids)}}, {"$pull": {"w": {"$in": list(blocks)}}}))


async def seal(block: int, documents: Sequence[Document]) -> int:
    """Take documents out of the tail, those that are as they were read: they are in a block now. Return how many."""
    marks = [UpdateOne({"_id": one["_id"], "c": one["c"]}, {"$set": {"b": block}}) for one in documents]
    return (await call(messages().bulk_write(marks, ordered=False))).matched_count


# --- reads -----------------------------------------------------------------------------------------------------------
async def count_tail(limit: int) -> int:
    return await call(messages().count_documents({"b": None, "o": {"$gt": -1}}, limit=limit))


async def list_tail(limit: int) -> list[Document]:
    """Return the oldest documents of the tail."""
    return await _list({"b": None, "o": {"$gt": -1}}, limit)


async def list_block(block: int) -> list[Document]:
    """Return the documents of a block that have not changed since."""
    return await _list({"b": block, "o": {"$gt": -1}}, 0)


async def _list(among: Filter, limit: int) -> list[Document]:
    return await call(messages().find(among).sort("o", 1).limit(limit).hint(_OF_BLOCKS).to_list())


async def list_left_blocks(ids: Iterable[str]) -> set[int]:
    """Return the blocks that these messages were in until they were written again."""
    found = messages().find({"_id": {"$in": list(ids)}, "w.0": {"$exists": True}}, {"w": 1})
    return {block for one in await call(found.to_list()) for block in one["w"]}


async def list_groups() -> list[str]:
    """Return the ids of all groups that have documents."""
    return list(await call(messages().distinct("g")))


async def find_end(group_ids: Sequence[str], below: int, size: int) -> int | None:
    """Return the place of the `size`-th message before the place `below`; None where there are fewer.

    Of more groups than `MAX_MERGED`, messages of others count too.
    """
    many = len(group_ids) > MAX_MERGED
    among: Filter = {"o": {"$lt": below, "$gt": -1}} | ({} if many else {"g": {"$in": list(group_ids)}})
    return await _find_end(among, size, _OF_ALL if many else _OF_GROUPS)


async def find_between(group_ids: Sequence[str], matching: Filter, span: Span, limit: int) -> list[Hit]:
    """Return what matches among the messages of these groups, newest first."""
    hint = _OF_ALL if len(group_ids) > MAX_MERGED else _OF_GROUPS
    return await _find({"g": {"$in": list(group_ids)}}, matching, span, limit, hint)


async def find_in_tail(group_ids: Sequence[str], matching: Filter, span: Span, limit: int) -> list[Hit]:
    """Return what matches in the tail, as `find_between`."""
    return await _find({"b": None, "g": {"$in": list(group_ids)}}, matching, span, limit, _OF_BLOCKS)


async def find_named(key: int, group_ids: Sequence[str], matching: Filter, span: Span, limit: int) -> list[Hit]:
    """Return what matches among the messages with files in whose names a pair is, as `find_between`."""
    among = {"f": {"$in": [key, LONG]}, "g": {"$in": list(group_ids)}}
    return await _find(among, matching, span, limit, _OF_FILES)


async def find_newest_named(group_ids: Sequence[str], matching: Filter, span: Span, limit: int) -> list[Hit]:
    """Return what matches among all messages with files, of `MAX_MERGED` groups at most, as `find_between`."""
    among = {"n": {"$exists": True}, "g": {"$in": list(group_ids)}}
    return await _find(among, matching, span, limit, _OF_GROUP_FILES)


async def find_end_of_files(group_ids: Sequence[str], below: int, size: int) -> int | None:
    """Return the place of the `size`-th message with files before a place, of `MAX_MERGED` groups at most, or None."""
    among: Filter = {"n": {"$exists": True}, "g": {"$in": list(group_ids)}, "o": {"$lt": below}}
    return await _find_end(among, size, _OF_GROUP_FILES)


async def count_named(key: int, limit: int) -> int:
    """Return in how many messages with files a pair is in their names, up to `limit`."""
    with pymongo.timeout(SECONDS):
        return await call(messages().count_documents({"f": {"$in": [key, LONG]}}, limit=limit))


async def find_end_named(key: int, size: int) -> int | None:
    """Return the place of the `size`-th of these, the latest first; None where there are fewer."""
    return await _find_end({"f": {"$in": [key, LONG]}}, size, _OF_FILES)


async def find_among(ids: Sequence[str], matching: Filter) -> list[Hit]:
    """Return what matches among the messages with these ids, in any order."""
    with pymongo.timeout(SECONDS):
        return _hits(await call(messages().find({"$and": [{"_id": {"$in": list(ids)}}, matching]}, _SHOWN).to_list()))


async def find_scores(ids: Sequence[str], score: Mapping[str, Any]) -> dict[str, int]:
    """Return the scores of the messages with these ids by an expression of their documents, of those with a text."""
    among = {"_id": {"$in": list(ids)}, "t": {"$exists": True}}
    stages: list[Document] = [{"$match": among}, {"$project": {"score": score}}]
    with pymongo.timeout(SECONDS):
        found = await call((await call(messages().aggregate(stages))).to_list())
    return {one["_id"]: int(one["score"]) for one in found}


async def _find_end(among: Filter, size: int, hint: Index) -> int | None:
    found = messages().find(among, {"_id": 0, "o": 1}).sort("o", -1).skip(size - 1).limit(1).hint(hint)
    with pymongo.timeout(SECONDS):
        ends = await call(found.to_list())
    return int(ends[0]["o"]) if ends else None


async def _find(among: Filter, matching: Filter, span: Span, limit: int, hint: Index) -> list[Hit]:
    between = {"o": {"$gte": span[0], "$lt": span[1]}}
    found = messages().find({"$and": [{**among, **between}, matching]}, _SHOWN).sort("o", -1).limit(limit).hint(hint)
    with pymongo.timeout(SECONDS):
        return _hits(await call(found.to_list()))


def _hits(documents: Iterable[Document]) -> list[Hit]:
    return [Hit(int(one["o"]), one["g"], int(one["s"])) for one in documents]
