"""The follower that notes in each person's own row which messages of a group name them (docs/decisions/0040)."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from foundation.backoff import backoff
from foundation.errors import Unavailable
from foundation.tasks import map_some_at_a_time
from users.blocks import Blocks
from users.events import UserUpdated
from users.updates import user_updates

from . import mark_rows
from .followers.follower import Follower
from .log import queries
from .log.entry import Entry, named_at, user_ids_of
from .read_mark import MAX_MENTIONS, ReadMark

# Seqs of messages, by the id of somebody whom they name or named.
_Named = dict[str, set[int]]
# How many rows are written at a time.
_MAX_CONCURRENT = 4
_ATTEMPTS = 8
# Seconds between attempts.
_BACKOFF_BASE, _BACKOFF_CAP = 0.01, 0.1


async def read_blocks(messages: Iterable[Entry], user_ids: Iterable[str]) -> Blocks:
    """Read which of the users have blocked the author of a message that names them."""
    ids = set(user_ids)
    return await Blocks.read((by, message.user_id) for message in messages for by in ids & set(message.mentions or ()))


def is_unread_mention(message: Entry | None, user_id: str, blocks: Blocks) -> bool:
    """Return whether a message counts as one that names this user: top-level, there still, and of somebody else.

    Who had blocked its author when it named them is not named by it.
    """
    if message is None or message.kind != "message" or message.parent_id or message.deleted:
        return False
    if message.user_id == user_id or user_id not in (message.mentions or ()):
        return False
    return not blocks.cover(user_id, message.user_id, named_at(message, user_id))


class MentionFollower(Follower):
    """Brings the rows of those whom an entry concerns in line with what the messages say at that moment.

    A row is always written, also if nothing changes, and only if it is as it was before the messages were read: another
    process that has read them earlier, however long it takes, thus reads them again.
    """

    name = "mentions"

    async def handle(self, group_id: str, entries: Sequence[Entry], *, notify: bool) -> None:
        named = _named_in(entries)
        delays = backoff(_ATTEMPTS, base=_BACKOFF_BASE, cap=_BACKOFF_CAP)
        while named:
            named = await self._write(group_id, named, notify=notify)
            if named:
                delay = next(delays, None)
                if delay is None:
                    raise Unavailable
                await asyncio.sleep(delay)

    async def _write(self, group_id: str, named: _Named, *, notify: bool) -> _Named:
        """Write these rows; return what is left to do, of those that have changed meanwhile."""
        marks = await mark_rows.find_own_marks(group_id, named)
        # After the rows: whatever changes a message later is handled later, and changes its row's version.
        keys = {(group_id, seq) for user_id in marks for seq in named[user_id]}
        messages = {seq: entry for (_, seq), entry in (await queries.get_entries(keys)).items()}
        blocks = await read_blocks(messages.values(), marks)

        async def write(user_id: str) -> bool:
            mark = marks[user_id]
            seqs = _mentions_now(mark, user_id, named[user_id], messages, blocks)
            return await _put(group_id, user_id, mark, seqs, notify=notify)

        written = await map_some_at_a_time(write, list(marks), _MAX_CONCURRENT)
        return {user_id: named[user_id] for user_id, done in zip(marks, written, strict=True) if not done}


def _named_in(entries: Iterable[Entry]) -> _Named:
    named: _Named = defaultdict(set)
    for entry in entries:
        seq = int(entry.seq if entry.kind == "message" else entry.target_seq or 0)
        # Whoever sends or edits a message is its author; whoever deletes it may be one whom it names.
        author = entry.user_id if entry.kind in ("message", "edit") else None
        for user_id in user_ids_of((*(entry.mentions or ()), *(entry.unnamed or ()))):
            if user_id != author and not entry.parent_id:
                named[user_id].add(seq)
    return named


def _mentions_now(
    mark: ReadMark, user_id: str, touched: Collection[int], messages: Mapping[int, Entry], blocks: Blocks
) -> Sequence[int]:
    """Return the seqs that are to be in the row: the newest, and none that was read."""
    others = set(mark.mentions).difference(touched)
    now = {seq for seq in touched if seq > mark.seq and is_unread_mention(messages.get(seq), user_id, blocks)}
    return sorted(others | now)[-MAX_MENTIONS:]


async def _put(group_id: str, user_id: str, mark: ReadMark, seqs: Sequence[int], *, notify: bool) -> bool:
    """Write a row, and tell its user if something is new; return False if the row has changed meanwhile."""
    written = await mark_rows.put_mentions(group_id, user_id, mark, seqs)
    if written is None:
        return False
    stored, is_member = written
    # Also what a process before this one may have written but not told.
    if is_member and (notify or stored.mentions != mark.mentions):
        change = {"groupId": group_id, "mentions": stored.mentions, "version": stored.details.version}
        user_updates().tell(user_id, UserUpdated.MENTIONS, change)
    return True
