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

from . import models, reading_budget

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


async def list_after(actor: Actor, group_id: str, after: int, head: Position, *, limit: int) -> Surroundings:
    """Return the oldest top-level messages whose seq is greater than `after`, `limit` at most."""
    items = await _top_level_after(actor, group_id, after, limit=limit + 1, total=head.message_count)
    # Each entry says how many messages there are up to it.
    first = int(items[0]["messages"]["N"]) if items else 1 + (head.message_count if after else 0)
    return Surroundings([models.to_wire(item) for item in items[:limit]], first > 1, len(items) > limit)


async def list_around(actor: Actor, group_id: str, seq: int, head: Position, *, limit: int) -> Surroundings:
    """Return the message at `seq`, and as many before as after it where there are so many, `limit` in all at most."""
    older, newer = await asyncio.gather(
        models.list_top_level_before(group_id, seq, limit=limit + 1),
        _top_level_after(actor, group_id, seq - 1, limit=limit + 1, total=head.message_count),
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
    unread = await find_first_of_others(actor, group_id, mark.seq) if may_be_unread else None
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


async def find_first_of_others(actor: Actor, group_id: str, after: int) -> int | None:
    """Return the seq of the first top-level message after `after` that somebody else has sent, or None.

    After very many of one's own, the first of these stands for it.
    """
    items, is_end = await _search(actor, group_id, after, limit=1, searches=_MAX_SEARCHES, by_others=True)
    if not items and not is_end:
        items = await _top_level_after(actor, group_id, after, limit=1)
    return int(items[0]["seq"]["N"]) if items else None


async def _top_level_after(
    actor: Actor, group_id: str, after: int, *, limit: int, total: int | None = None
) -> list[Item]:
    """Return the oldest top-level messages after a seq; thousands of other entries may lie between two of them."""
    return (await _search(actor, group_id, after, limit=limit, total=total))[0]


async def _search(
    actor: Actor,
    group_id: str,
    after: int,
    *,
    limit: int,
    total: int | None = None,
    searches: int | None = None,
    by_others: bool = False,
) -> tuple[list[Item], bool]:
    """Return the oldest top-level messages after a seq, and whether these are all: `limit`, or all there are.

    `total` is how many there are in the log: after the last of them nothing is read. The actor pays for further reads.
    """
    found: list[Item] = []
    start, entries = None, max(2 * limit, 100)
    condition = (Entry.kind == "message") & Entry.parent_id.does_not_exist()
    if by_others:
        condition &= Entry.user_id != actor.user_id
    for number in count(1):
        items, start, entries_read = await store.call(_read_entries, group_id, after, start, entries, condition)
        if number > 1:
            reading_budget.charge_entries(actor, entries_read)
        found += items[: limit - len(found)]
        if start is None or len(found) == limit:
            break
        if total is not None and await _count_through(group_id, found, after) >= total:
            break
        if number == searches:
            return found, False
        entries = min(10 * entries, _MAX_ENTRIES_A_READ)
    return found, True


async def _count_through(group_id: str, found: list[Item], after: int) -> int:
    """Return how many messages there are up to the last of those found after a seq."""
    if found:
        return int(found[-1]["messages"]["N"])
    entry = await queries.get_entry(group_id, after) if after else None
    return int(entry.message_count) if entry else 0


def _read_entries(
    group_id: str, after: int, start: Item | None, entries: int, condition: Any
) -> tuple[list[Item], Item | None, int]:
    pages = Entry.query(
        group_id,
        Entry.seq > after,
        filter_condition=condition,
        consistent_read=True,
        page_size=entries,
        last_evaluated_key=start,
    ).page_iter
    return next(pages)["Items"], pages.last_evaluated_key, pages.total_scanned_count
