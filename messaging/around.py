"""Pages of a group's messages that begin anywhere: around a message, around the first unread one, or after a seq.

They join the pages that end before a seq: each says whether there are older and newer messages than its own.
"""

import asyncio
from dataclasses import dataclass
from itertools import count
from typing import Any

from dynamodb import store
from dynamodb.rows import Item
from foundation.errors import NotFound
from foundation.ids import parse_message_id
from groups import selectors as groups
from groups.log import queries
from groups.log.entry import Entry
from groups.read_mark import ReadMark
from realtime.hub.change import Position
from users.actor import Actor

from . import models

# What `around` may be besides the id of a message.
UNREAD = "unread"
_MAX_ENTRIES_A_READ = 10_000
# How many queries search for a message of somebody else: some 20,000 entries, for the log may have any number.
_MAX_SEARCHES = 4

Wire = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Messages in wire form, oldest first, and whether there are older and newer ones."""

    messages: list[Wire]
    has_more: bool
    has_newer: bool


async def list_after(group_id: str, after: int, *, limit: int) -> Surroundings:
    """Return the oldest top-level messages whose seq is greater than `after`, `limit` at most."""
    items = await _top_level_after(group_id, after, limit=limit + 1)
    # Each entry says how many messages there are up to it.
    first = int(items[0]["messages"]["N"]) if items else await _count_through(group_id, after) + 1
    return Surroundings([models.to_wire(item) for item in items[:limit]], first > 1, len(items) > limit)


async def list_around(group_id: str, seq: int, *, limit: int) -> Surroundings:
    """Return the message at `seq`, and as many before as after it where there are so many, `limit` in all at most."""
    older, newer = await asyncio.gather(
        models.list_top_level_before(group_id, seq, limit=limit + 1),
        _top_level_after(group_id, seq - 1, limit=limit + 1),
    )
    before = min(len(older), max(limit // 2, limit - len(newer)))
    shown = [*older[:before][::-1], *map(models.to_wire, newer[: limit - before])]
    return Surroundings(shown, len(older) > before, len(newer) > limit - before)


async def find_place(actor: Actor, group_id: str, around: str, head: Position) -> tuple[int, ReadMark, int | None]:
    """Return the seq that `around` stands for, the actor's read mark, and the seq of the first unread message.

    A reply stands for the message that opened its thread; where nothing is unread, the end of the log is the place.
    Raises `NotFound` unless the message is one of the group.
    """
    mark = await groups.get_read_mark(actor=actor, group_id=group_id)
    may_be_unread = mark.unread(head) > 0
    unread = await find_first_of_others(group_id, mark.seq, actor.user_id) if may_be_unread else None
    if around == UNREAD:
        return unread or head.seq, mark, unread
    key = parse_message_id(around)
    if key is None or key[0] != group_id:
        raise NotFound
    entry = await queries.get_entry(*key)
    if entry is None or entry.kind != "message":
        raise NotFound
    root = parse_message_id(entry.parent_id) if entry.parent_id else None
    return (root or key)[1], mark, unread


async def find_first_of_others(group_id: str, after: int, user_id: str) -> int | None:
    """Return the seq of the first top-level message after `after` that somebody else has sent, or None.

    After very many of one's own, the first of these stands for it.
    """
    items, is_end = await _search(group_id, after, limit=1, searches=_MAX_SEARCHES, not_by=user_id)
    if not items and not is_end:
        items = await _top_level_after(group_id, after, limit=1)
    return int(items[0]["seq"]["N"]) if items else None


async def _count_through(group_id: str, seq: int) -> int:
    """Return how many messages there are up to `seq`, after which there are none."""
    head = await queries.last_entry(group_id)
    return int(head.message_count) if head and seq else 0


async def _top_level_after(group_id: str, after: int, *, limit: int) -> list[Item]:
    """Return the oldest top-level messages after a seq; thousands of other entries may lie between two of them."""
    return (await _search(group_id, after, limit=limit))[0]


async def _search(
    group_id: str, after: int, *, limit: int, searches: int | None = None, not_by: str | None = None
) -> tuple[list[Item], bool]:
    """Return the oldest top-level messages after a seq, and whether these are all: `limit`, or all there are."""
    found: list[Item] = []
    start, entries = None, max(2 * limit, 100)
    condition = (Entry.kind == "message") & Entry.parent_id.does_not_exist()
    if not_by:
        condition &= Entry.user_id != not_by
    for number in count(1):
        items, start = await store.call(_read_entries, group_id, after, start, entries, condition)
        found += items[: limit - len(found)]
        if start is None or len(found) == limit:
            break
        if number == searches:
            return found, False
        entries = min(10 * entries, _MAX_ENTRIES_A_READ)
    return found, True


def _read_entries(
    group_id: str, after: int, start: Item | None, entries: int, condition: Any
) -> tuple[list[Item], Item | None]:
    pages = Entry.query(
        group_id,
        Entry.seq > after,
        filter_condition=condition,
        consistent_read=True,
        page_size=entries,
        last_evaluated_key=start,
    ).page_iter
    return next(pages)["Items"], pages.last_evaluated_key
