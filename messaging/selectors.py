"""Reads of messages: pages, threads, and the changes since a seq of the log. All check that the actor is a member.

Each raises `NotFound` unless the actor is a member, and `Unavailable` while DynamoDB is down. The entry points accept a
`limit` from 1 to `MAX_PAGE`.
"""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import orjson
from django.conf import settings

from foundation.errors import NotFound
from foundation.ids import parse_message_id
from foundation.limits import bucket
from foundation.slices import in_slices
from groups import selectors as groups
from groups.access import require_member
from users.actor import Actor

from . import around as surroundings
from . import models, reading_budget
from .change_events import changes_after
from .models import Message
from .threads import rows as threads

Wire = dict[str, Any]

MAX_PAGE = 100
# What is sent of a thread that has changed.
LAST_REPLIES = 10
# A client that is further behind must read a fresh page instead.
MAX_CHANGES_BEHIND = 1000
# What a packet has beside the messages.
_PACKET_MARGIN = 2_000


@dataclass(frozen=True, slots=True)
class Page:
    """A page of messages in wire form, oldest first; it is at least as new as the seq `head`."""

    messages: list[Wire]
    has_more: bool
    head: int


async def list_messages(*, actor: Actor, group_id: str, before: int | None = None, limit: int = 50) -> Page:
    """Return the newest top-level messages, or with `before` the newest whose seq is less than it, `limit` at most.

    Raises `NotFound` unless the actor is a member, and `RateLimited`.
    """
    reading_budget.require(actor)
    await require_member(actor=actor, group_id=group_id)
    if before is None:
        messages, head = await models.list_newest_top_level(group_id, limit=limit + 1)
    else:
        head = (await groups.get_head_position(group_id=group_id)).seq
        messages = await models.list_top_level_before(group_id, before, limit=limit + 1)
    return _charged_page(actor, messages, limit, head)


async def read_page(
    *,
    actor: Actor,
    group_id: str,
    before: int | None = None,
    after: int | None = None,
    around: str | None = None,
    limit: int = 50,
) -> dict[str, Any]:
    """Return {"messages", "hasMore", "head"} as `list_messages` does, or a page from another place, with "hasNewer".

    With `after`, it has the oldest messages whose seq is greater than it. With `around`, the id of a message, or
    "unread" for the first one that is unread, about as many before as after it; also "around", its seq, "read", the seq
    of the actor's read mark, and "unreadFrom", the seq of the first unread message, if there is one. Raises `NotFound`
    unless the actor is a member and the message exists in the group, and `RateLimited`.
    """
    if after is None and around is None:
        page = await list_messages(actor=actor, group_id=group_id, before=before, limit=limit)
        return {"messages": page.messages, "hasMore": page.has_more, "head": page.head}
    reading_budget.require(actor)
    await require_member(actor=actor, group_id=group_id)
    head = await groups.get_head_position(group_id=group_id)
    place: dict[str, Any] = {}
    if around is None:
        found = await surroundings.list_after(actor, group_id, after or 0, head, limit=limit)
    else:
        seq, mark, unread = await surroundings.find_place(actor, group_id, around, head)
        place = {"around": seq, "read": mark.seq, **({"unreadFrom": unread} if unread else {})}
        found = await surroundings.list_around(actor, group_id, seq, head, limit=limit)
    reading_budget.charge(actor, found.messages)
    return {
        "messages": found.messages,
        "hasMore": found.has_more,
        "hasNewer": found.has_newer,
        "head": head.seq,
        **place,
    }


async def list_thread(*, actor: Actor, message_id: str, before: int | None = None, limit: int = 50) -> dict[str, Any]:
    """Return a message's thread.

    {"root", "messages", "hasMore", "head", "following", and what `ReadMark.counts` says of it}. `messages` are the
    newest replies, or with `before` the newest whose seq is less than it, `limit` at most. Raises `NotFound` unless the
    actor is a member and the message exists, and `RateLimited`.
    """
    reading_budget.require(actor)
    group_id = await _require_group_of(actor, message_id)
    head = (await groups.get_head_position(group_id=group_id)).seq
    # Read after the head, so that its reply count covers all entries up to the head.
    root = await _require_message(message_id)
    if before is None:
        replies = await models.list_newest_replies(root, limit=limit + 1)
    else:
        replies = await models.list_replies_before(root.id, before, limit=limit + 1)
    page = _charged_page(actor, [reply.as_wire() for reply in replies], limit, head)
    mark, following = await asyncio.gather(
        groups.get_read_mark(actor=actor, group_id=root.group_id, parent_id=root.id),
        threads.find_followers(group_id, root.seq, [actor.user_id]),
    )
    return {
        "root": root.as_wire(),
        "messages": page.messages,
        "hasMore": page.has_more,
        "head": page.head,
        **mark.counts(root.thread_end),
        "following": bool(following),
    }


def _charged_page(actor: Actor, newest_first: list[Wire], limit: int, head: int) -> Page:
    reading_budget.charge(actor, newest_first)
    return _page(newest_first, limit, head)


def _page(newest_first: list[Wire], limit: int, head: int) -> Page:
    return Page(newest_first[:limit][::-1], len(newest_first) > limit, head)


async def get_message(*, actor: Actor, message_id: str) -> dict[str, Any]:
    """Return one message in wire form; raises `NotFound` unless the actor is a member and the message exists."""
    await _require_group_of(actor, message_id)
    return (await _require_message(message_id)).as_wire()


async def _require_group_of(actor: Actor, message_id: str) -> str:
    """Return the id of a message's group; raises `NotFound` unless the actor is a member."""
    key = parse_message_id(message_id)
    if key is None:
        raise NotFound
    group_id, _ = key
    await require_member(actor=actor, group_id=group_id)
    return group_id


async def _require_message(message_id: str) -> Message:
    entry = await models.find_message(message_id)
    if entry is None:
        raise NotFound
    return Message.from_entry(entry)


async def list_changes(*, actor: Actor, group_id: str, since: int, limit: int = MAX_PAGE) -> dict[str, Any]:
    """Return {"changes": [{"event", "seq", "data"}], "head", "hasMore", "reset"?} with what follows the seq `since`.

    There are `limit` changes at most. `reset: True` means that `since` lies more than MAX_CHANGES_BEHIND back, or past
    the log's end: the client must read a fresh page instead. Raises `NotFound` unless the actor is a member, and
    `RateLimited`.
    """
    reading_budget.require(actor)
    await require_member(actor=actor, group_id=group_id)
    head = (await groups.get_head_position(group_id=group_id)).seq
    if since > head or head - since > MAX_CHANGES_BEHIND:
        return {"changes": [], "head": head, "hasMore": False, "reset": True}
    changes = await changes_after(group_id, since, limit=limit)
    reading_budget.charge_bytes(actor, sum(len(change.data) for change in changes))
    wire = [
        {"event": change.event, "seq": change.seq, "data": orjson.loads(change.data)}
        async for change in in_slices(changes)
    ]
    last = changes[-1].seq if changes else since
    return {"changes": wire, "head": max(head, last), "hasMore": last < head}


async def thread_state(
    *,
    actor: Actor,
    group_id: str,
    parent_id: str | None = None,
    since: int | None = None,
    before: int | None = None,
    after: int | None = None,
    around: str | None = None,
    limit: int = 50,
) -> dict[str, Any]:
    """Return a page of a group, or of the thread of `parent_id`, in the shape of `ThreadStateSerializer`.

    The page has the newest messages, or with `before` the newest whose seq is less than it: `limit` at most, and no
    more than fit into a packet. Of a group, `after` and `around` choose another page (`read_page`). With `since`, also
    the changes that follow it, or `reset: True`. Raises `NotFound` unless the actor is a member and the thread exists
    in this group, and `RateLimited`.
    """
    bucket.draw("thread_sync", actor.user_id)
    state: dict[str, Any] = {"groupId": group_id}
    if parent_id is None:
        page = await read_page(actor=actor, group_id=group_id, before=before, after=after, around=around, limit=limit)
        summaries = await groups.list_summaries(actor=actor, group_ids=[group_id])
        if not summaries:
            raise NotFound
        counts = summaries[0].as_wire()
        state |= {**page, **{name: counts[name] for name in ("read", "unread", "mentions", "all", "version")}}
    else:
        thread = await list_thread(actor=actor, message_id=parent_id, before=before, limit=limit)
        if thread["root"]["groupId"] != group_id:
            raise NotFound
        state |= {"parentId": parent_id, **thread}
    state = fitting(state)
    if since is not None:
        space = settings.MAX_PACKET_BYTES - len(orjson.dumps(state))
        state |= await _changes_since(actor, group_id, since, space=space)
    return state


async def thread_states(*, group_id: str, parent_id: str, user_ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """Return the state of a thread with its last replies for each of these users, by user id; checks no permission.

    Raises `NotFound` when there is no such thread.
    """
    head = (await groups.get_head_position(group_id=group_id)).seq
    root = await _require_message(parent_id)
    replies = await models.list_newest_replies(root, limit=LAST_REPLIES + 1)
    page = _page([reply.as_wire() for reply in replies], LAST_REPLIES, head)
    marks, following = await asyncio.gather(
        groups.get_read_marks(group_id=group_id, user_ids=user_ids, parent_id=parent_id),
        threads.find_followers(group_id, root.seq, user_ids),
    )
    state: dict[str, Any] = {"groupId": group_id, "parentId": parent_id, "root": root.as_wire(), "head": head}
    state |= {"messages": page.messages, "hasMore": page.has_more}
    state = fitting(state)
    return {
        user_id: {
            **state,
            **mark.counts(root.thread_end),
            "following": user_id in following,
        }
        for user_id, mark in marks.items()
    }


def fitting(state: dict[str, Any]) -> dict[str, Any]:
    """Return a page with those of its messages that fit into a packet, one at least, and whether there are more.

    They are the newest, of a page after a seq the oldest, and of one around a message those beside it. An
    acknowledgement is one packet: one that is too large would close the connection, again after each reconnect. Changes
    that do not fit beside them are replaced by `reset`.
    """
    if "messages" not in state:
        return state
    space = settings.MAX_PACKET_BYTES - _PACKET_MARGIN - len(orjson.dumps(state.get("root")))
    page = {**state, **_fitting_messages(state, space)}
    if "changes" in page and len(orjson.dumps(page)) > settings.MAX_PACKET_BYTES:
        del page["changes"]
        page["reset"] = True
    return page


def _fitting_messages(state: dict[str, Any], space: int) -> dict[str, Any]:
    """Return the messages that fit into so many bytes, and whether there are more on either side."""
    messages = state["messages"]
    if len(orjson.dumps(messages)) <= space:
        return {}
    goes_on = "hasNewer" in state
    # Where the page is about: what is far from there is left out first.
    centre = state.get("around", 0 if goes_on else models.PAST_END)
    nearest = sorted(messages, key=lambda message: abs(message["seq"] - centre))
    sizes = accumulate(len(orjson.dumps(message)) + 1 for message in nearest)
    kept = {message["seq"] for message in nearest[: max(1, sum(size <= space for size in sizes))]}
    chosen = [message for message in messages if message["seq"] in kept]
    fitting = {"messages": chosen, "hasMore": state["hasMore"] or chosen[0] is not messages[0]}
    return {**fitting, "hasNewer": state["hasNewer"] or chosen[-1] is not messages[-1]} if goes_on else fitting


async def _changes_since(actor: Actor, group_id: str, since: int, *, space: int) -> dict[str, Any]:
    """Return {"changes", "head"} with all changes since a seq, or {"reset": True} when there are too many."""
    page = await list_changes(actor=actor, group_id=group_id, since=since, limit=MAX_CHANGES_BEHIND)
    if page.get("reset") or len(orjson.dumps(page["changes"])) > space:
        return {"reset": True}
    return {"changes": page["changes"], "head": page["head"]}
