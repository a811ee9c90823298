"""The actions on messages: each function checks, writes and publishes one of them.

The rules that depend on the log's end are in `proposals`; the appender decides them and publishes what it commits.
"""

from collections.abc import Awaitable, Coroutine, Sequence
from typing import Any, NotRequired, TypedDict, Unpack

import orjson

from files import selectors as files
from files import services as file_services
from foundation.answering import deadline, in_time
from foundation.errors import IdempotencyConflict, NotFound
from foundation.ids import parse_message_id
from foundation.limits import bucket
from foundation.tasks import run_to_completion
from groups.access import require_may_post, require_member
from groups.direct import is_direct_id
from groups.log import queries
from groups.log.appender import append, begin_append
from groups.log.earlier_sends import find_distant_end, find_earlier_send, find_remembered_send, is_covered
from groups.models import find_closed_by
from groups.policy import rules_of
from groups.read_mark import MarkKey, ReadMark
from groups.services import advance_read_mark
from realtime.hub.change import Position
from realtime.hub.hub import get_hub
from users.actor import Actor
from workspace import audit

from . import models
from .events import TypingChanged
from .models import Message
from .naming import find_permitted_mentions
from .proposals.delete import DeleteMessageProposal, DeleteReportedProposal, Deletion
from .proposals.edit import EditMessageProposal
from .proposals.react import ReactProposal
from .proposals.send import AlreadySent, SendMessageProposal, digest_of
from .reading import state_of, tell_moved
from .text.mentions import NOBODY, may_mention
from .typing_throttle import is_too_large, should_publish_typing


class NewMessage(TypedDict):
    """The fields of a message to send.

    `client_id` is the sender's own name for the message: sent again under it, the message is stored once. `after` is
    the last seq of the group that the client had seen when it first tried: a retry is recognised among the entries
    since, or refused (docs/decisions/0016), and without `after` recognised among the last 1,000. `parent_id` is the
    message that this one replies to; `attachments` are ids of files that the sender uploaded to the group and that
    belong to no message yet.
    """

    group_id: str
    content: str
    client_id: NotRequired[str | None]
    after: NotRequired[int | None]
    parent_id: NotRequired[str | None]
    attachments: NotRequired[Sequence[str]]


async def send_message(*, actor: Actor, **message: Unpack[NewMessage]) -> dict[str, Any]:
    """Store a message and return {"message": Message in wire form, "duplicate"?: True} (True: it was stored before).

    Raises `NotFound` unless the actor is a member, and for a parent that does not exist; `Gone` for a deleted parent,
    `Forbidden` where the group is archived, or does not let the actor post, or name everybody,
    `Invalid` for a parent that is a reply, for attachments that are not the sender's or belong to another message, and
    for an `after` that lies too far back to search the log since; `IdempotencyConflict` when the client_id already
    names a message with other content, `RateLimited` (`retry_after` in seconds), `Unavailable`.
    """
    return await (await begin_send(actor=actor, **message))


async def begin_send(*, actor: Actor, **message: Unpack[NewMessage]) -> Coroutine[Any, Any, dict[str, Any]]:
    """Queue a message behind those queued before, and return a coroutine for what `send_message` returns.

    What `send_message` raises is raised here or by the coroutine.
    """
    bucket.draw("message", actor.user_id)
    until = deadline()
    group_id, client_id, after = message["group_id"], message.get("client_id"), message.get("after")
    content = message["content"]
    file_ids = message.get("attachments", ())
    parent_seq = _parent_seq(group_id, message.get("parent_id"))
    if client_id:
        finding = _find_earlier_send(actor, group_id, client_id, after, has_files=bool(file_ids))
        # Most sends need no read, and so no timer.
        at_once = not file_ids and (after is None or is_covered(group_id, after))
        seq, after = await (finding if at_once else in_time(finding, until))
        if seq:
            digest = digest_of(content, parent_seq, list(dict.fromkeys(file_ids)))
            return in_time(_duplicate(group_id, seq, digest), until)
    proposal = SendMessageProposal(
        actor.user_id,
        content=content,
        client_id=client_id,
        after=after,
        parent_seq=parent_seq,
        attachments=await in_time(_require_attachments(actor, group_id, file_ids), until) if file_ids else [],
        mentions=await in_time(find_permitted_mentions(actor, content), until) if may_mention(content) else NOBODY,
    )
    return _stored(group_id, proposal.digest, begin_append(group_id, proposal, until), until)


async def _find_earlier_send(
    actor: Actor, group_id: str, client_id: str, after: int | None, *, has_files: bool
) -> tuple[int | None, int | None]:
    """Return the seq of an earlier send that the appender would not find or need not search for, or None.

    Also returns the `after` from which the appender must search. A send with files is looked up before its files are: a
    retry must be recognised even when they were deleted with the message, or MongoDB is down.
    """
    if has_files and (seq := find_remembered_send(group_id, user_id=actor.user_id, client_id=client_id)):
        await require_member(actor=actor, group_id=group_id)
        return seq, after
    end = None if after is None else await find_distant_end(group_id, after)
    if after is None or end is None:
        return None, after
    await require_member(actor=actor, group_id=group_id)
    return await find_earlier_send(group_id, user_id=actor.user_id, client_id=client_id, after=after, end=end)


async def _stored(
    group_id: str, digest: str, appended: Awaitable[Message | AlreadySent], until: float
) -> dict[str, Any]:
    result = await appended
    if isinstance(result, Message):
        return {"message": result.as_wire()}
    return await in_time(_duplicate(group_id, result.seq, digest), until)


async def _duplicate(group_id: str, seq: int, digest: str) -> dict[str, Any]:
    """Return the stored message of a repeated send; a deleted one has no digest and is returned for any content."""
    entry = await queries.get_entry(group_id, seq)
    if entry is None:
        raise NotFound
    message = Message.from_entry(entry).as_wire()
    if entry.digest is not None and entry.digest != digest:
        raise IdempotencyConflict(message)
    return {"message": message, "duplicate": True}


def _parent_seq(group_id: str, parent_id: str | None) -> int | None:
    if parent_id is None:
        return None
    key = parse_message_id(parent_id)
    if key is None or key[0] != group_id:
        raise NotFound("There is no message to reply to.")
    return key[1]


async def _require_attachments(actor: Actor, group_id: str, file_ids: Sequence[str]) -> list[dict[str, Any]]:
    if not file_ids:
        return []
    references = await files.require_files(group_id=group_id, file_ids=list(file_ids), user_id=actor.user_id)
    return [reference.as_wire() for reference in references]


async def edit_message(*, actor: Actor, message_id: str, content: str, if_version: int | None = None) -> dict[str, Any]:
    """Change a message's content and return {"message": Message in wire form}.

    `if_version` is the version that the editor saw. Raises `VersionConflict` when the message has another one,
    `NotFound` unless the actor is a member and the message exists, `Forbidden` unless the actor is the author and may
    name those whom the text names anew, `Gone` when it is deleted, `RateLimited`, `Unavailable`.
    """
    bucket.draw("message", actor.user_id)
    group_id, seq = _require_key(message_id)
    mentions = await find_permitted_mentions(actor, content)
    proposal = EditMessageProposal(actor.user_id, seq, content=content, if_version=if_version, mentions=mentions)
    message: Message = await append(group_id, proposal)
    return {"message": message.as_wire()}


async def delete_message(*, actor: Actor, message_id: str) -> dict[str, Any]:
    """Delete a message and its files for good, and return {"messageId", "seq" of the deletion}; idempotent.

    Finishes even when the caller is cancelled, and the files' deletion once MongoDB is back. Raises `NotFound` unless
    the actor is a member and the message exists, `Forbidden` unless the actor is the author, an owner or an admin,
    `RateLimited`, `Unavailable`.
    """
    bucket.draw("message", actor.user_id)
    group_id, seq = _require_key(message_id)
    return await run_to_completion(_delete(actor, group_id, DeleteMessageProposal(actor.user_id, seq)))


async def delete_reported_message(*, actor: Actor, message_id: str) -> dict[str, Any]:
    """Delete a message as `delete_message` does, for `moderation`: the caller has checked that it was reported.

    And that the actor administers the workspace; they need not be a member, and read nothing of the group by it.
    Raises `NotFound` unless the message exists, `Unavailable`.
    """
    group_id, seq = _require_key(message_id)
    return await run_to_completion(_delete(actor, group_id, DeleteReportedProposal(actor.user_id, seq)))


async def _delete(actor: Actor, group_id: str, proposal: DeleteMessageProposal) -> dict[str, Any]:
    deletion: Deletion = await append(group_id, proposal)
    if deletion.author_id not in (None, actor.user_id):
        about = {"group": group_id, "message": deletion.message_id, "user": deletion.author_id}
        await audit.record("message.delete", by=actor, **about)
    if deletion.file_ids:
        await file_services.discard_files(file_ids=deletion.file_ids)
    return {"messageId": deletion.message_id, "seq": deletion.seq}


async def react(*, actor: Actor, message_id: str, emoji: str, action: str) -> dict[str, Any]:
    """Add or remove the actor's reaction (`action` is "add" or "remove"); idempotent.

    Returns {"messageId", "reactions": [{emoji, userIds, count}]}. Raises `NotFound` unless the actor is a member and
    the message exists, `Gone` when it is deleted, `Invalid` when it has too many reactions, `RateLimited`,
    `Unavailable`.
    """
    bucket.draw("message", actor.user_id)
    group_id, seq = _require_key(message_id)
    message: Message = await append(group_id, ReactProposal(actor.user_id, seq, emoji=emoji, action=action))
    return {"messageId": message_id, "reactions": message.reactions_as_wire()}


async def mark_read(*, actor: Actor, group_id: str, seq: int, parent_id: str | None = None) -> dict[str, Any]:
    """Move the actor's read mark of the group, or of the thread of `parent_id`, forward to `seq`, never back.

    Returns {"read", "unread", "mentions", "all", "head", "version"} as `messaging.reading.state_of` does, and tells the
    actor's own connections if the mark was moved. A `seq` past the log's end stands for the end. Raises `NotFound`
    unless the actor is a member and the thread exists, `RateLimited`, `Unavailable`.
    """
    bucket.draw("thread_read", actor.user_id)
    await require_member(actor=actor, group_id=group_id)
    head = await queries.last_entry(group_id)
    if head is None:
        raise NotFound
    seq = min(seq, int(head.seq))
    end = head.position
    if parent_id is None:
        entry = await queries.get_entry(group_id, seq) if seq else None
        place = entry.position if entry else Position(0, 0)
        mark = ReadMark(seq, place.message_count, place.all_count)
    else:
        # Read after the head, so that its reply count covers all entries up to the head.
        root = await require_thread_root(group_id, parent_id)
        mark, end = await models.mark_in_thread(root, seq), root.thread_end_at(end.seq)
    stored, moved = await advance_read_mark(actor=actor, group_id=group_id, parent_id=parent_id, mark=mark)
    key = MarkKey(actor.user_id, group_id, parent_id)
    state = await state_of(key, stored, end)
    if moved:
        tell_moved(key, state)
    return state


async def require_thread_root(group_id: str, parent_id: str) -> Message:
    """Return the message that opened a thread; raises `NotFound` unless there is one in this group."""
    entry = await models.find_message(parent_id)
    if entry is None or entry.group_id != group_id or entry.parent_id:
        raise NotFound("There is no such thread.")
    return Message.from_entry(entry)


async def set_typing(*, actor: Actor, group_id: str, typing: bool, parent_id: str | None = None) -> None:
    """Publish to the group that the actor types, or has stopped; not stored, throttled, and never in large groups.

    Raises `NotFound` unless the actor is a member, `Forbidden` where they may not post, `RateLimited`, `Unavailable`.
    """
    bucket.draw("thread_typing", actor.user_id)
    if not should_publish_typing(actor.user_id, group_id, parent_id, typing=typing):
        return
    member = await require_member(actor=actor, group_id=group_id)
    if await is_too_large(group_id) or (is_direct_id(group_id) and await find_closed_by(group_id)):
        return
    head = await queries.last_entry(group_id)
    if head is None:
        raise NotFound
    require_may_post(rules_of(head.rules), member.role)
    event = TypingChanged(group_id, actor.user_id, actor.name, typing, parent_id)
    get_hub().broadcast_transient(
        group_id, event.name, orjson.dumps(event.data()), sender=actor.user_id, at=int(head.seq)
    )


def _require_key(message_id: str) -> tuple[str, int]:
    """Return the (group id, seq) in a message id; raises `NotFound` when it is malformed."""
    key = parse_message_id(message_id)
    if key is None:
        raise NotFound
    return key
