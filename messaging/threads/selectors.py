"""Reads of the threads that a person follows. Each shows nothing of a group that the person is not in."""

import asyncio
from collections.abc import Collection, Sequence
from typing import Any

from foundation.cursors import encode_cursor
from foundation.ids import message_id
from foundation.limits import bucket
from groups import selectors as groups
from groups.log import queries
from groups.log.entry import Entry
from groups.read_mark import MarkKey, ReadMark
from messaging import reading_budget
from messaging.models import Message
from realtime.hub.change import Position
from users.actor import Actor

from . import rows
from .counts import ThreadCounts
from .rows import RecentThread

Wire = dict[str, Any]
_Entries = dict[tuple[str, int], Entry]

MAX_PAGE = 50
# Unread ones are counted among so many threads, those with the latest replies.
MAX_COUNTED = 100


async def list_threads(*, actor: Actor, cursor: tuple[str] | None = None, limit: int = 20) -> Wire:
    """Return a page of the threads that the actor follows, those with the latest reply first.

    {"threads": [{"root", "group", "replyCount", "lastReply"?, and what `ReadMark.counts` says}], "nextCursor"?}, on the
    first page with what `find_counts` returns. A thread that gets a reply meanwhile moves to the beginning. Raises
    `RateLimited`, `Unavailable`.
    """
    bucket.require("history", actor.user_id)
    found = await rows.list_recent(actor.user_id, before=cursor[0] if cursor else None, limit=limit + 1)
    page = found[:limit]
    answer: Wire = {"threads": await _shown(actor, page)}
    if len(found) > limit:
        answer["nextCursor"] = encode_cursor(page[-1].place)
    if cursor is None:
        answer |= (await find_counts(actor=actor)).as_wire()
    return answer


async def list_unread_threads(*, actor: Actor) -> list[Wire]:
    """Return those that have unread replies of the MAX_COUNTED threads with the latest replies that the actor follows.

    Each as `list_threads` has it, with its `lastReply`.
    """
    shown = await _shown(actor, await rows.list_recent(actor.user_id, before=None, limit=MAX_COUNTED))
    return [thread for thread in shown if thread["unread"] and "lastReply" in thread]


async def count_unread(*, actor: Actor) -> int:
    """Return how many of the MAX_COUNTED threads with the latest replies that the actor follows have unread ones."""
    return (await find_counts(actor=actor)).threads


async def find_counts(*, actor: Actor) -> ThreadCounts:
    """Return what is unread in the MAX_COUNTED threads with the latest replies that the actor follows: four reads."""
    found = await rows.list_recent(actor.user_id, before=None, limit=MAX_COUNTED)
    ids = await groups.list_group_ids(user_id=actor.user_id)
    here = [thread for thread in found if thread.group_id in ids]
    roots, marks = await asyncio.gather(_entries(here), _marks(actor, here))
    counts = [_counts(roots.get(_root_key(thread)), marks[thread]) for thread in here]
    return ThreadCounts(
        sum(each["unread"] > 0 for each in counts),
        sum(len(each["mentions"]) for each in counts),
        sum(each["all"] for each in counts),
    )


async def _shown(actor: Actor, page: Sequence[RecentThread]) -> list[Wire]:
    names = await groups.list_names(actor=actor, group_ids={thread.group_id for thread in page})
    here = [thread for thread in page if thread.group_id in names]
    entries, marks = await asyncio.gather(_entries(here, with_last=True), _marks(actor, here))
    shown = []
    for thread in here:
        root, last = entries.get(_root_key(thread)), entries.get((thread.group_id, thread.last_reply))
        if root is None:
            continue
        wire: Wire = {"root": Message.from_entry(root).as_wire(), "group": names[thread.group_id]}
        wire |= {"replyCount": int(root.reply_count or 0), **_counts(root, marks[thread])}
        shown.append({**wire, "lastReply": Message.from_entry(last).as_wire()} if last else wire)
    reading_budget.charge(actor, [wire[name] for wire in shown for name in ("root", "lastReply") if name in wire])
    return shown


def _root_key(thread: RecentThread) -> tuple[str, int]:
    return thread.group_id, thread.root_seq


async def _entries(threads: Collection[RecentThread], *, with_last: bool = False) -> _Entries:
    lasts = [(thread.group_id, thread.last_reply) for thread in threads] if with_last else []
    return await queries.get_entries([*map(_root_key, threads), *lasts])


async def _marks(actor: Actor, threads: Collection[RecentThread]) -> dict[RecentThread, ReadMark]:
    keys = {
        thread: MarkKey(actor.user_id, thread.group_id, message_id(thread.group_id, thread.root_seq))
        for thread in threads
    }
    found = await groups.find_read_marks(keys=list(keys.values()))
    return {thread: found[key] for thread, key in keys.items()}


def _counts(root: Entry | None, mark: ReadMark) -> Wire:
    """Return what is unread of a thread; nothing, once its group is gone."""
    if root is None:
        return ReadMark().counts(Position(0, 0))
    return mark.counts(Message.from_entry(root).thread_end)
