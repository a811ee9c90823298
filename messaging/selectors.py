"""What a caller may read of messages: pages, threads, and the changes since a place in the log."""

from dataclasses import dataclass
from typing import Any

import orjson
from django.conf import settings

from foundation.errors import NotFound
from foundation.ids import parse_message_id
from groups import selectors as groups
from groups.access import require_member
from users.actor import Actor

from . import models
from .change_events import changes_after
from .models import Message, message_of

MAX_PAGE = 100
# A client this far behind reads a fresh page instead.
MAX_CHANGES_BEHIND = 1000


@dataclass(frozen=True, slots=True)
class Page:
    """Messages in wire form, oldest first; `head` is a place in the log that the page is at least as new as."""

    messages: list[dict[str, Any]]
    has_more: bool
    head: int


async def list_messages(*, actor: Actor, group_id: str, before: int | None = None, limit: int = 50) -> Page:
    """Return the newest top-level messages that precede `before` (all, without it)."""
    await require_member(actor=actor, group_id=group_id)
    head = (await groups.head_position(group_id=group_id)).seq
    found = await models.page_before(group_id, before or models.END, limit=limit + 1)
    return _page(found, limit, head)


async def list_thread(*, actor: Actor, message_id: str, before: int | None = None, limit: int = 50) -> dict[str, Any]:
    """Return {"root", "messages", "hasMore", "head", "read", "unread"} of a message's thread, newest replies."""
    group_id = await _require_group_of(actor, message_id)
    head = (await groups.head_position(group_id=group_id)).seq
    # Read after the head, it counts every reply up to there.
    root = await _message(message_id)
    if before is None:
        found = await models.newest_replies(root, limit=limit + 1)
    else:
        found = await models.replies_before(root.id, before, limit=limit + 1)
    page = _page(found, limit, head)
    read = await groups.read_mark(actor=actor, group_id=root.group_id, parent_id=root.id)
    return {
        "root": root.as_wire(),
        "messages": page.messages,
        "hasMore": page.has_more,
        "head": page.head,
        "read": read.seq,
        "unread": max(0, root.reply_count - read.message_count),
    }


def _page(newest_first: list[Message], limit: int, head: int) -> Page:
    messages = [message.as_wire() for message in reversed(newest_first[:limit])]
    return Page(messages, len(newest_first) > limit, head)


async def get_message(*, actor: Actor, message_id: str) -> dict[str, Any]:
    """Return one message in wire form; raises `NotFound` for what is missing or not the caller's to see."""
    return (await _require_message(actor, message_id)).as_wire()


async def _require_message(actor: Actor, message_id: str) -> Message:
    await _require_group_of(actor, message_id)
    return await _message(message_id)


async def _require_group_of(actor: Actor, message_id: str) -> str:
    place = parse_message_id(message_id)
    if place is None:
        raise NotFound
    await require_member(actor=actor, group_id=place[0])
    return place[0]


async def _message(message_id: str) -> Message:
    entry = await models.find_message(message_id)
    if entry is None:
        raise NotFound
    return message_of(entry)


async def list_changes(*, actor: Actor, group_id: str, since: int, limit: int = MAX_PAGE) -> dict[str, Any]:
    """Return {"changes": [{"event", "seq", "data"}], "head", "hasMore", "reset"?} that follow `since`.

    `reset` says that `since` lies too far back, or past the end: read a fresh page instead.
    """
    await require_member(actor=actor, group_id=group_id)
    head = (await groups.head_position(group_id=group_id)).seq
    if since > head or head - since > MAX_CHANGES_BEHIND:
        return {"changes": [], "head": head, "hasMore": False, "reset": True}
    found = await changes_after(group_id, since, limit=limit)
    changes = [{"event": c.event, "seq": c.seq, "data": orjson.loads(c.data)} for c in found]
    last = found[-1].seq if found else since
    return {"changes": changes, "head": max(head, last), "hasMore": last < head}


async def thread_state(
    *, actor: Actor, group_id: str, parent_id: str | None = None, since: int | None = None, limit: int = 50
) -> dict[str, Any]:
    """Return a `thread_state`: the newest page of the group or of one of its threads, and the changes since a seq."""
    state: dict[str, Any] = {"groupId": group_id}
    if parent_id is None:
        page = await list_messages(actor=actor, group_id=group_id, limit=limit)
        summaries = await groups.list_summaries(actor=actor, group_ids=[group_id])
        if not summaries:
            raise NotFound
        state |= {"messages": page.messages, "hasMore": page.has_more, "head": page.head}
        state |= {"read": summaries[0].read, "unread": summaries[0].unread}
    else:
        thread = await list_thread(actor=actor, message_id=parent_id, limit=limit)
        if thread["root"]["groupId"] != group_id:
            raise NotFound
        state |= {"parentId": parent_id, **thread}
    if since is not None:
        state |= await _caught_up(actor, group_id, since)
    return state


async def _caught_up(actor: Actor, group_id: str, since: int) -> dict[str, Any]:
    """Return the changes since a seq, and the head that they lead to, or that it is time for a fresh page."""
    answer = await list_changes(actor=actor, group_id=group_id, since=since, limit=MAX_CHANGES_BEHIND)
    # An answer is one packet: one that is too large would close the connection, each time that it is asked for.
    if answer.get("reset") or len(orjson.dumps(answer["changes"])) > settings.MAX_PACKET_BYTES:
        return {"reset": True}
    return {"changes": answer["changes"], "head": answer["head"]}
