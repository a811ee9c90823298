"""Following a thread, and not, by hand."""

import asyncio
from typing import Any

from dynamodb import store
from foundation.backoff import backoff
from foundation.errors import NotFound, Unavailable
from foundation.ids import parse_message_id
from foundation.limits import bucket
from groups.access import require_member
from groups.log import queries
from groups.log.entry import Entry
from groups.read_mark import MarkKey, ReadMark
from groups.read_marks import read_marks
from messaging import models
from messaging.open_threads import open_threads
from messaging.reading import state_of, tell_moved
from realtime.hub.change import Position
from users.actor import Actor

from . import rows
from .last_reply import LastReply, last_replies
from .rows import ThreadKey
from .telling import tell_following

_ATTEMPTS = 8
# Seconds between attempts.
_BACKOFF_BASE, _BACKOFF_CAP = 0.01, 0.1


async def set_following(*, actor: Actor, message_id: str, following: bool) -> dict[str, Any]:
    """Follow the thread of a top-level message from now on, or stop; return {"messageId", "following"}; idempotent.

    From now on: what replies there are count as read.
    Who has stopped follows it again when they write there, or are named. The actor's own connections are told. Raises
    `NotFound` unless the actor is a member and the message exists and is no reply, `RateLimited`, `Unavailable`.
    """
    bucket.draw("thread_read", actor.user_id)
    parsed = parse_message_id(message_id)
    if parsed is None:
        raise NotFound
    key = ThreadKey(actor.user_id, *parsed)
    for delay in backoff(_ATTEMPTS, base=_BACKOFF_BASE, cap=_BACKOFF_CAP):
        await require_member(actor=actor, group_id=key.group_id)
        try:
            changed = await (_follow(key) if following else _unfollow(key))
        except store.ConditionFailed:
            await asyncio.sleep(delay)
            continue
        if changed:
            tell_following(key, following=following)
            open_threads().changed(key.group_id, message_id, for_user=key.user_id)
        return {"messageId": message_id, "following": following}
    raise Unavailable


async def _follow(key: ThreadKey) -> bool:
    """Return whether the person did not follow the thread before."""
    before = (await rows.find([key]))[key]
    root = await _require_root(key)
    # Read after the root: a reply that comes between is one that the root does not count, and the write fails.
    head = await queries.last_entry(key.group_id)
    if head is None:
        raise NotFound
    if before.began is not None:
        return False
    last = (await last_replies([root])).get(key.root_seq, LastReply())
    after = before.begun_by_hand(int(head.seq)).at_reply(*last)
    count = root.reply_count
    if last.seq:
        # Before the thread is followed: when this fails, the same call does it again.
        await _read_up_to(key, Position(last.seq, int(count or 0), int(root.reply_alls or 0)))
    unchanged = Entry.reply_count == count if count else Entry.reply_count.does_not_exist()
    await rows.write(key, before, after, as_member=True, while_root=unchanged)
    return True


async def _read_up_to(key: ThreadKey, end: Position) -> None:
    """Mark a thread as read up to a reply: what is told is as of that one, for others may have come since."""
    mark_key = MarkKey(key.user_id, key.group_id, f"{key.group_id}.{key.root_seq}")
    stored, moved = await read_marks().advance(mark_key, ReadMark(end.seq, end.message_count, end.all_count))
    if moved:
        tell_moved(mark_key, await state_of(mark_key, stored, end))


async def _unfollow(key: ThreadKey) -> bool:
    """Return whether the person followed the thread before."""
    before = (await rows.find([key]))[key]
    await _require_root(key)
    # Read after the row: no reason that was applied to it lies after the log's end.
    head = await queries.last_entry(key.group_id)
    if head is None:
        raise NotFound
    await rows.write(key, before, before.ended_by_hand(int(head.seq)), as_member=True)
    return before.began is not None


async def _require_root(key: ThreadKey) -> Entry:
    entry = await models.find_message(f"{key.group_id}.{key.root_seq}")
    if entry is None or entry.parent_id:
        raise NotFound("There is no such thread.")
    return entry
