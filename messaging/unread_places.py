"""Where something is unread for a person: groups, and threads that they follow, those with the newest first.

A page costs a bounded number of reads: one pass over the MAX_GROUPS groups that were written to last and the
threads with the latest replies, and a query for the first unread messages of each place that it shows.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from foundation.cursors import encode_cursor
from foundation.ids import parse_message_id
from foundation.limits import bucket
from foundation.tasks import map_some_at_a_time
from groups import selectors as groups
from groups.log import queries
from groups.summary import GroupSummary
from users.actor import Actor

from . import around, models, reading_budget
from .services import mark_read
from .threads.selectors import list_unread_threads

Wire = dict[str, Any]

MAX_GROUPS = 100
# Places of a page, and messages of each.
MAX_PAGE, FIRST = 20, 3
_MAX_CONCURRENT = 4


@dataclass(frozen=True, slots=True)
class ReadPlace:
    """A group, or the thread of the message `id`, and the seq up to which it was seen."""

    id: str
    seq: int


@dataclass(frozen=True, slots=True)
class _Place:
    """A group or a thread with something unread; `at` is the time of the last that was said there."""

    id: str
    at: str
    seq: int
    read: int
    wire: Wire

    @property
    def order(self) -> tuple[str, str]:
        return self.at, self.id

    @property
    def is_thread(self) -> bool:
        return "root" in self.wire


async def list_unread(*, actor: Actor, cursor: tuple[str, str] | None = None, limit: int = MAX_PAGE) -> Wire:
    """Return a page of the places where something is unread, newest first.

    {"places": [{"id", "seq", "group", "root"? of a thread, "unread", "mentions", "all", "messages": the first unread
    ones}], "leftOut": whether groups were not looked at, "nextCursor"?}. To read a place up to its `seq` reads what
    was there now. Raises `RateLimited`, `Unavailable`.
    """
    bucket.require("history", actor.user_id)
    (in_groups, left_out), threads = await asyncio.gather(_groups(actor), list_unread_threads(actor=actor))
    places = sorted([*in_groups, *map(_thread_place, threads)], key=lambda place: place.order, reverse=True)
    rest = [place for place in places if cursor is None or place.order < cursor]
    page = rest[:limit]
    answer: Wire = {
        "places": await map_some_at_a_time(partial(_shown, actor), page, _MAX_CONCURRENT),
        "leftOut": left_out,
    }
    return {**answer, "nextCursor": encode_cursor(*page[-1].order)} if len(rest) > limit else answer


async def _groups(actor: Actor) -> tuple[list[_Place], bool]:
    """Return the groups with something unread, and whether there are groups that were not looked at."""
    ids = await groups.list_group_ids(user_id=actor.user_id)
    recent = await groups.find_recent(ids, limit=MAX_GROUPS)
    unread = [each for each in await groups.list_summaries(actor=actor, group_ids=recent) if each.unread]
    ends = await queries.get_entries((each.id, each.head) for each in unread)
    return [
        _group_place(each, ends[each.id, each.head].created_at) for each in unread if (each.id, each.head) in ends
    ], (len(ids) > len(recent))


def _group_place(group: GroupSummary, at: str) -> _Place:
    named: Wire = {"group": {"id": group.id, "name": group.name, "kind": group.kind}}
    counts = {"unread": group.unread, "mentions": list(group.mentions), "all": group.unread_alls}
    return _Place(group.id, at, group.head, group.read, named | counts)


def _thread_place(thread: Wire) -> _Place:
    last, names = thread["lastReply"], ("group", "root", "unread", "mentions", "all")
    wire = {name: thread[name] for name in names}
    return _Place(thread["root"]["id"], last["createdAt"], last["seq"], thread["read"], wire)


async def _shown(actor: Actor, place: _Place) -> Wire:
    messages = await (_first_replies(place) if place.is_thread else _first_messages(actor, place))
    reading_budget.charge(actor, messages)
    return {"id": place.id, "seq": place.seq, **place.wire, "messages": messages}


async def _first_messages(actor: Actor, place: _Place) -> list[Wire]:
    head = await groups.get_head_position(group_id=place.id)
    return (await around.list_after(actor, place.id, place.read, head, limit=FIRST)).messages


async def _first_replies(place: _Place) -> list[Wire]:
    return [reply.as_wire() for reply in await models.list_replies_after(place.id, place.read, limit=FIRST)]


async def read_places(*, actor: Actor, places: Sequence[ReadPlace]) -> None:
    """Move the actor's read marks of these places to what was seen there, as `mark_read` does, one after another.

    Raises what that raises; those before it are read then.
    """
    for place in places:
        thread = parse_message_id(place.id)
        if thread is None:
            await mark_read(actor=actor, group_id=place.id, seq=place.seq)
        else:
            await mark_read(actor=actor, group_id=thread[0], parent_id=place.id, seq=place.seq)
