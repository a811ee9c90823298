"""Every rule about messages: each function checks, writes and publishes one thing.

The checks that depend on the log's end are in `proposals`; the appender decides them and publishes what it commits.
"""

from collections.abc import Awaitable, Coroutine, Sequence
from typing import Any

import orjson

from files import selectors as files
from files import services as file_services
from foundation.errors import IdempotencyConflict, NotFound
from foundation.ids import parse_message_id
from foundation.tasks import run_to_completion
from groups.access import require_member
from groups.log import reading
from groups.log.appender import append, begin_append
from groups.log.earlier_sends import find_distant_end, find_earlier_send, find_remembered_send
from groups.models import ReadMark
from groups.services import advance_read_mark
from realtime.hub.hub import get_hub
from users.actor import Actor

from . import models, proposals
from .events import TypingChanged
from .models import Message, grouped, message_of
from .proposals import AlreadySent, Deletion
from .rate_limit import check_rate_limit
from .typing_limit import is_large, should_send


async def send_message(
    *,
    actor: Actor,
    group_id: str,
    content: str,
    client_id: str | None = None,
    after: int | None = None,
    parent_id: str | None = None,
    attachments: Sequence[str] = (),
) -> dict[str, Any]:
    """Store a message exactly once per `client_id` and return {"message", "duplicate"?: True}.

    `after` is the last seq of the group that the client had seen when it first tried: a retry is recognised among all
    entries since, however old. Raises `IdempotencyConflict` when the client_id already names another message.
    """
    return await (
        await begin_send(
            actor=actor,
            group_id=group_id,
            content=content,
            client_id=client_id,
            after=after,
            parent_id=parent_id,
            attachments=attachments,
        )
    )


async def begin_send(
    *,
    actor: Actor,
    group_id: str,
    content: str,
    client_id: str | None = None,
    after: int | None = None,
    parent_id: str | None = None,
    attachments: Sequence[str] = (),
) -> Coroutine[Any, Any, dict[str, Any]]:
    """Queue a message behind those that were queued before, and return what is left to be awaited."""
    check_rate_limit(actor.user_id)
    parent_seq = _parent_seq(group_id, parent_id)
    if client_id:
        earlier, after = await _earlier_try(actor, group_id, client_id, after, has_files=bool(attachments))
        if earlier:
            digest = proposals.digest_of(content, parent_seq, list(dict.fromkeys(attachments)))
            return _earlier(group_id, earlier, digest)
    references = await _attachments(actor, group_id, attachments)
    proposal = proposals.SendMessageProposal(
        actor.user_id,
        content=content,
        client_id=client_id,
        after=after,
        parent_seq=parent_seq,
        attachments=references,
    )
    return _sent(group_id, proposal.digest, begin_append(group_id, proposal))


async def _earlier_try(
    actor: Actor, group_id: str, client_id: str, after: int | None, *, has_files: bool
) -> tuple[int | None, int | None]:
    """Return the seq of an earlier try that the appender need not look for, or None, and after which seq it must look.

    A message whose files are gone with it, or cannot be asked for just now, must still be found.
    """
    if has_files and (seq := find_remembered_send(group_id, user_id=actor.user_id, client_id=client_id)):
        await require_member(actor=actor, group_id=group_id)
        return seq, after
    end = None if after is None else await find_distant_end(group_id, after)
    if after is None or end is None:
        return None, after
    await require_member(actor=actor, group_id=group_id)
    return await find_earlier_send(group_id, user_id=actor.user_id, client_id=client_id, after=after, end=end)


async def _sent(group_id: str, digest: str, stored: Awaitable[Message | AlreadySent]) -> dict[str, Any]:
    outcome = await stored
    if isinstance(outcome, Message):
        return {"message": outcome.as_wire()}
    return await _earlier(group_id, outcome.seq, digest)


async def _earlier(group_id: str, seq: int, digest: str) -> dict[str, Any]:
    """Answer a repeated send with what is stored; a deleted message keeps no digest and is returned as it is."""
    entry = await reading.get_entry(group_id, seq)
    if entry is None:
        raise NotFound
    message = message_of(entry).as_wire()
    if entry.digest is not None and entry.digest != digest:
        raise IdempotencyConflict(message)
    return {"message": message, "duplicate": True}


def _parent_seq(group_id: str, parent_id: str | None) -> int | None:
    if parent_id is None:
        return None
    place = parse_message_id(parent_id)
    if place is None or place[0] != group_id:
        raise NotFound("There is no message to reply to.")
    return place[1]


async def _attachments(actor: Actor, group_id: str, file_ids: Sequence[str]) -> list[dict[str, Any]]:
    if not file_ids:
        return []
    references = await files.require_files(group_id=group_id, file_ids=list(file_ids), user_id=actor.user_id)
    return [reference.as_wire() for reference in references]


async def edit_message(*, actor: Actor, message_id: str, content: str, if_version: int | None = None) -> dict[str, Any]:
    """Give a message other content and return {"message"}; `if_version` refuses an editor who saw an older one."""
    check_rate_limit(actor.user_id)
    group_id, seq = _place(message_id)
    proposal = proposals.EditMessageProposal(actor.user_id, seq, content=content, if_version=if_version)
    message: Message = await append(group_id, proposal)
    return {"message": message.as_wire()}


async def delete_message(*, actor: Actor, message_id: str) -> dict[str, Any]:
    """Delete a message for good and return {"messageId", "seq"}; again is the same as once."""
    check_rate_limit(actor.user_id)
    group_id, seq = _place(message_id)
    return await run_to_completion(_delete(group_id, proposals.DeleteMessageProposal(actor.user_id, seq)))


async def _delete(group_id: str, proposal: proposals.DeleteMessageProposal) -> dict[str, Any]:
    deletion: Deletion = await append(group_id, proposal)
    if deletion.file_ids:
        await file_services.discard_files(file_ids=deletion.file_ids)
    return {"messageId": deletion.message_id, "seq": deletion.seq}


async def react(*, actor: Actor, message_id: str, emoji: str, action: str) -> dict[str, Any]:
    """Add ("add") or take back ("remove") one's reaction and return {"messageId", "reactions"}."""
    check_rate_limit(actor.user_id)
    group_id, seq = _place(message_id)
    message: Message = await append(group_id, proposals.ReactProposal(actor.user_id, seq, emoji=emoji, action=action))
    return {"messageId": message_id, "reactions": grouped(message.reactions)}


async def mark_read(*, actor: Actor, group_id: str, seq: int, parent_id: str | None = None) -> dict[str, Any]:
    """Move the caller's read mark forward to `seq` and return {"read", "unread"}; it never moves back."""
    await require_member(actor=actor, group_id=group_id)
    head = await reading.last_entry(group_id)
    if head is None:
        raise NotFound
    seq = min(seq, int(head.seq))
    if parent_id is None:
        entry = await reading.get_entry(group_id, seq) if seq else None
        mark, total = ReadMark(seq, int(entry.messages) if entry else 0), int(head.messages)
    else:
        # Read after the head, it counts every reply up to there.
        root = await _thread_root(group_id, parent_id)
        mark, total = ReadMark(seq, await models.replies_through(root, seq)), root.reply_count
    mark = await advance_read_mark(actor=actor, group_id=group_id, parent_id=parent_id, mark=mark)
    return {"read": mark.seq, "unread": max(0, total - mark.messages)}


async def _thread_root(group_id: str, parent_id: str) -> Message:
    entry = await models.find_message(parent_id)
    if entry is None or entry.group_id != group_id or entry.parent_id:
        raise NotFound("There is no such thread.")
    return message_of(entry)


async def set_typing(*, actor: Actor, group_id: str, typing: bool, parent_id: str | None = None) -> None:
    """Tell the group that the caller types, or stopped; told seldom, not in large groups, and never kept."""
    if not should_send(actor.user_id, group_id, parent_id, typing=typing):
        return
    await require_member(actor=actor, group_id=group_id)
    if await is_large(group_id):
        return
    head = await reading.last_entry(group_id)
    if head is None:
        raise NotFound
    event = TypingChanged(group_id, actor.user_id, actor.name, typing, parent_id)
    get_hub().broadcast_transient(
        group_id, event.name, orjson.dumps(event.data()), sender=actor.user_id, at=int(head.seq)
    )


def _place(message_id: str) -> tuple[str, int]:
    place = parse_message_id(message_id)
    if place is None:
        raise NotFound
    return place
