"""The followers that note, with each person's read marks, which messages and replies name them (docs/decisions/0040,
0053)."""

import asyncio
from abc import abstractmethod
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from foundation.backoff import backoff
from foundation.errors import Unavailable
from foundation.tasks import map_some_at_a_time
from users.blocks import Blocks
from users.events import UserUpdated
from users.updates import user_updates

from . import mark_rows, models
from .followers.follower import Follower
from .log import queries
from .log.entry import Entry, named_at, user_ids_of
from .read_mark import MAX_MENTIONS, MarkKey, ReadMark

# Seqs of messages, by the mark of somebody whom they name or named.
Named = Mapping[MarkKey, set[int]]
# How many rows are written at a time.
_MAX_CONCURRENT = 4
_ATTEMPTS = 8
# Seconds between attempts.
_BACKOFF_BASE, _BACKOFF_CAP = 0.01, 0.1


class Written(NamedTuple):
    """A mark as it is stored now, and whether its user is a member of the group."""

    mark: ReadMark
    is_member: bool


async def read_blocks(messages: Iterable[Entry], user_ids: Iterable[str]) -> Blocks:
    """Read which of the users have blocked the author of a message that names them."""
    ids = set(user_ids)
    return await Blocks.read((by, message.user_id) for message in messages for by in ids & set(message.mentions or ()))


def is_unread_mention(message: Entry | None, key: MarkKey, blocks: Blocks) -> bool:
    """Return whether a message of this group, or of this thread, names the user: there still, and of somebody else.

    Who had blocked its author when it named them is not named by it.
    """
    if message is None or message.kind != "message" or message.parent_id != key.parent_id or message.deleted:
        return False
    if message.user_id == key.user_id or key.user_id not in (message.mentions or ()):
        return False
    return not blocks.cover(key.user_id, message.user_id, named_at(message, key.user_id))


class _MarkFollower(Follower):
    """Brings the marks of those whom an entry concerns in line with what the messages say at that moment.

    A row is always written, also if nothing changes, and only if it is as it was before the messages were read: another
    process that has read them earlier, however long it takes, thus reads them again.
    """

    @abstractmethod
    async def _named_in(self, group_id: str, entries: Sequence[Entry]) -> Named:
        """Return the marks that the entries concern, and the seqs of the messages that each may have to note."""

    @abstractmethod
    async def _find_marks(self, group_id: str, keys: Collection[MarkKey]) -> Mapping[MarkKey, ReadMark]:
        """Return those of the marks that may be written."""

    @abstractmethod
    async def _put(self, key: MarkKey, mark: ReadMark, seqs: Sequence[int]) -> Written | None:
        """Replace the mentions of a mark as it was read; None if it has changed meanwhile, or the group was deleted."""

    @abstractmethod
    def _tell(self, key: MarkKey, mark: ReadMark) -> None:
        """Tell the user's connections which messages name them now."""

    async def handle(self, group_id: str, entries: Sequence[Entry], *, notify: bool) -> None:
        named = await self._named_in(group_id, entries)
        delays = backoff(_ATTEMPTS, base=_BACKOFF_BASE, cap=_BACKOFF_CAP)
        while named:
            named = await self._write(group_id, named, notify=notify)
            if named:
                delay = next(delays, None)
                if delay is None:
                    raise Unavailable
                await asyncio.sleep(delay)

    async def _write(self, group_id: str, named: Named, *, notify: bool) -> Named:
        """Write these rows; return what is left to do, of those that have changed meanwhile."""
        marks = await self._find_marks(group_id, list(named))
        # After the rows: whatever changes a message later is handled later, and changes its row's version.
        keys = {(group_id, seq) for key in marks for seq in named[key]}
        messages = {seq: entry for (_, seq), entry in (await queries.get_entries(keys)).items()}
        blocks = await read_blocks(messages.values(), {key.user_id for key in marks})

        async def write(key: MarkKey) -> bool:
            written = await self._put(key, marks[key], _mentions_now(marks[key], key, named[key], messages, blocks))
            if written is None:
                return False
            # Also what a process before this one may have written but not told.
            if written.is_member and (notify or written.mark.mentions != marks[key].mentions):
                self._tell(key, written.mark)
            return True

        written = await map_some_at_a_time(write, list(marks), _MAX_CONCURRENT)
        return {key: named[key] for key, done in zip(marks, written, strict=True) if not done}


def _mentions_now(
    mark: ReadMark, key: MarkKey, touched: Collection[int], messages: Mapping[int, Entry], blocks: Blocks
) -> Sequence[int]:
    """Return the seqs that are to be in the row: the newest, and none that was read."""
    others = set(mark.mentions).difference(touched)
    now = {seq for seq in touched if seq > mark.seq and is_unread_mention(messages.get(seq), key, blocks)}
    return sorted(others | now)[-MAX_MENTIONS:]


class MentionFollower(_MarkFollower):
    """Notes the messages of a group that name somebody, in the person's own row of the group."""

    name = "mentions"

    async def _named_in(self, group_id: str, entries: Sequence[Entry]) -> Named:
        named = _named(entry for entry in entries if not entry.parent_id)
        return _by_mark((MarkKey(user_id, group_id), seq) for _, user_id, seq in named)

    async def _find_marks(self, group_id: str, keys: Collection[MarkKey]) -> Mapping[MarkKey, ReadMark]:
        found = await mark_rows.find_own_marks(group_id, [key.user_id for key in keys])
        return {MarkKey(user_id, group_id): mark for user_id, mark in found.items()}

    async def _put(self, key: MarkKey, mark: ReadMark, seqs: Sequence[int]) -> Written | None:
        stored = await mark_rows.put_mentions(key.group_id, key.user_id, mark, seqs)
        return Written(*stored) if stored else None

    def _tell(self, key: MarkKey, mark: ReadMark) -> None:
        change = {"groupId": key.group_id, "mentions": mark.mentions, "version": mark.details.version}
        user_updates().tell(key.user_id, UserUpdated.MENTIONS, change)


class ThreadMentionFollower(_MarkFollower):
    """Notes the replies that name somebody, in the row of the person's mark of the thread.

    A follower of its own: it begins at the first entry also where the other one has handled the log.
    """

    name = "mentions in threads"

    async def _named_in(self, group_id: str, entries: Sequence[Entry]) -> Named:
        named = list(_named(entries))
        # What edits and deletions change may be a reply or not; a message is never another's reply afterwards.
        changed = {(group_id, seq) for entry, _, seq in named if entry.kind != "message"}
        parents = {seq: entry.parent_id for (_, seq), entry in (await queries.get_entries(changed)).items()}
        parents |= {seq: entry.parent_id for entry, _, seq in named if entry.kind == "message"}
        return _by_mark(
            (MarkKey(user_id, group_id, parent_id), seq) for _, user_id, seq in named if (parent_id := parents.get(seq))
        )

    async def _find_marks(self, group_id: str, keys: Collection[MarkKey]) -> Mapping[MarkKey, ReadMark]:
        # A mark may never have been there; of a group that is gone nothing is written.
        marks, group = await asyncio.gather(mark_rows.find_read_marks(keys), models.find_group(group_id))
        return marks if group else {}

    async def _put(self, key: MarkKey, mark: ReadMark, seqs: Sequence[int]) -> Written | None:
        stored, member = await asyncio.gather(
            mark_rows.put_thread_mentions(key, mark, seqs), models.find_member(key.group_id, key.user_id)
        )
        return Written(stored, member is not None) if stored else None

    def _tell(self, key: MarkKey, mark: ReadMark) -> None:
        where = {"groupId": key.group_id, "parentId": key.parent_id}
        change = {**where, "mentions": mark.mentions, "version": mark.details.version}
        user_updates().tell(key.user_id, UserUpdated.THREAD_MENTIONS, change)


def _named(entries: Iterable[Entry]) -> Iterable[tuple[Entry, str, int]]:
    """Return whom the entries name, or name no longer: each entry with a user's id and the seq of the message."""
    for entry in entries:
        seq = int(entry.seq if entry.kind == "message" else entry.target_seq or 0)
        # Whoever sends or edits a message is its author; whoever deletes it may be one whom it names.
        author = entry.user_id if entry.kind in ("message", "edit") else None
        for user_id in user_ids_of((*(entry.mentions or ()), *(entry.unnamed or ()))) - {author}:
            yield entry, user_id, seq


def _by_mark(named: Iterable[tuple[MarkKey, int]]) -> Named:
    by_mark: dict[MarkKey, set[int]] = defaultdict(set)
    for key, seq in named:
        by_mark[key].add(seq)
    return by_mark
