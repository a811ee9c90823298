"""What is unread from a message on: read from the log once, when somebody marks it so (docs/decisions/0040)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from foundation.errors import Invalid, NotFound
from foundation.ids import parse_message_id
from foundation.limits import bucket
from groups.access import require_member
from groups.log import queries
from groups.log.entry import Entry
from groups.mentions import is_unread_mention, read_blocks
from groups.read_mark import MAX_MENTIONS, MarkDetails, MarkKey, ReadMark
from groups.read_marks import read_marks
from realtime.hub.change import Position
from users.actor import Actor
from users.blocks import Blocks

from . import models
from .reading import state_of, tell_moved

# How many entries of the log may follow the message: all of them are read.
MAX_BACK = 1000
# What reading one of them counts, of what a user may read.
_KB_AN_ENTRY = 0.3


@dataclass(frozen=True, slots=True)
class Unread:
    """A mark before a message; `head` is the log's end, with the number of messages, or replies, up to there."""

    mark: ReadMark
    head: Position
    entries_read: int


async def find_unread(message: Entry, *, user_id: str) -> Unread:
    """Return the mark of a user for whom a message is unread, and what follows it in its group or thread.

    Raises `Invalid` (`messageId`) when more than MAX_BACK entries follow the message, `NotFound` when it is gone with
    its group, and `Unavailable`.
    """
    seq = int(message.seq)
    # With the entry before it: how many messages there were.
    entries = await queries.outlines_after(message.group_id, seq - 2, limit=MAX_BACK + 3)
    later = [entry for entry in entries if entry.seq >= seq]
    if not later or later[0].seq != seq:
        raise NotFound
    if len(later) > MAX_BACK + 1:
        problem = f"More than {MAX_BACK:,} entries of the log follow it."
        raise Invalid("That is too far back to be marked as unread.", fields={"messageId": [problem]})
    head = later[-1].position
    key = MarkKey(user_id, message.group_id, message.parent_id)
    if message.parent_id:
        replies = [entry for entry in later if entry.parent_id == message.parent_id]
        last, mark = replies[-1], _mark_in_thread(replies, key, head, await read_blocks(replies, [user_id]))
        end = Position(head.seq, int(last.reply_number or 0), int(last.reply_alls or 0))
        return Unread(mark, end, len(entries))
    before = entries[0].position if entries[0].seq < seq else Position(0, 0)
    blocks = await read_blocks(later, [user_id])
    return Unread(_mark_in_group(later, before, key, head, blocks), head, len(entries))


def _mark_in_thread(replies: Sequence[Entry], key: MarkKey, head: Position, blocks: Blocks) -> ReadMark:
    mine = [reply for reply in replies if reply.user_id == key.user_id]
    details = MarkDetails(
        marked_at=head.seq,
        own=tuple(int(reply.seq) for reply in mine),
        own_alls=tuple(int(reply.seq) for reply in mine if reply.counts_for_all),
        mentions=_naming(replies, key, blocks),
    )
    return replace(models.mark_before_reply(replies[0], int(replies[0].seq) - 1), details=details)


def _mark_in_group(
    entries: Sequence[Entry], before: Position, key: MarkKey, head: Position, blocks: Blocks
) -> ReadMark:
    messages = [entry for entry in entries if entry.kind == "message" and not entry.parent_id]
    own = tuple(int(message.seq) for message in messages if message.user_id == key.user_id)
    alls = _counted_alls(entries, before, own)
    details = MarkDetails(marked_at=head.seq, own=own, own_alls=alls, mentions=_naming(messages, key, blocks))
    return ReadMark(int(entries[0].seq) - 1, before.message_count, before.all_count, details)


def _naming(messages: Iterable[Entry], key: MarkKey, blocks: Blocks) -> tuple[int, ...]:
    """Return the seqs of those messages, or replies, that name the user, the newest MAX_MENTIONS."""
    return tuple(int(message.seq) for message in messages if is_unread_mention(message, key, blocks))[-MAX_MENTIONS:]


def _counted_alls(entries: Sequence[Entry], before: Position, own: Sequence[int]) -> tuple[int, ...]:
    """Return those of the user's own messages that the log counts as naming everybody, edited or not since."""
    steps = pairwise([before, *(entry.position for entry in entries)])
    counted = {here.seq for earlier, here in steps if here.all_count > earlier.all_count}
    return tuple(seq for seq in own if seq in counted)


async def mark_unread(*, actor: Actor, message_id: str) -> dict[str, Any]:
    """Move the actor's read mark of a message's group, or if it is a reply of its thread, back to before the message.

    Messages of the actor's own after it do not count as unread. Returns {"read", "unread", "mentions", "all", "head",
    "version"} as `messaging.reading.state_of` does, and tells the actor's own connections. Raises `NotFound` unless the
    actor is a member and the message exists, `Invalid` (`messageId`) when more than MAX_BACK entries of the log follow
    it, `RateLimited`, `Unavailable`.
    """
    bucket.draw("thread_read", actor.user_id)
    bucket.require("history", actor.user_id)
    ids = parse_message_id(message_id)
    if ids is None:
        raise NotFound
    await require_member(actor=actor, group_id=ids[0])
    message = await models.find_message(message_id)
    if message is None:
        raise NotFound
    key = MarkKey(actor.user_id, message.group_id, message.parent_id)
    found: Unread | None = None

    async def find() -> ReadMark:
        nonlocal found
        found = await find_unread(message, user_id=actor.user_id)
        bucket.charge("history", actor.user_id, found.entries_read * _KB_AN_ENTRY)
        return found.mark

    stored = await read_marks().move_back(key, find)
    assert found
    state = await state_of(key, stored, found.head)
    tell_moved(key, state)
    return state
