"""Entries of a group's log as a follower gets them, with the messages that they concern, as they are now."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from foundation.ids import parse_message_id
from groups.log import queries
from groups.log.entry import Entry, user_ids_of
from users.blocks import Blocks, Pair

_CHANGES = ("edit", "delete", "reaction")


@dataclass
class LogBatch:
    """The entries of a batch that concern people beside their author; `messages` has what was read for them, by seq.

    `blocks` says whom those whom they concern have blocked: what these write concerns them not.
    """

    group_id: str
    entries: Sequence[Entry]
    messages: dict[int, Entry] = field(default_factory=dict)
    blocks: Blocks = field(default_factory=Blocks)

    @classmethod
    async def read(cls, group_id: str, entries: Iterable[Entry]) -> "LogBatch":
        """Read the messages that the entries change, and the roots of the threads that these and the replies are in."""
        batch = cls(group_id, [entry for entry in entries if _concerns_others(entry)])
        roots = {root_seq(entry) for entry in batch.replies()}
        await batch._read(roots | {int(entry.target_seq or 0) for entry in batch.entries if entry.kind in _CHANGES})
        targets = {root_seq(message) for message in batch.messages.values()}
        await batch._read(targets - batch.messages.keys())
        await batch.blocks.learn(batch._named())
        return batch

    def _named(self) -> Iterator[Pair]:
        """Yield who is named, or has written what is reacted to, each with who has done it."""
        for entry in self.entries:
            if entry.kind == "reaction" and (message := self.message_of(entry)):
                yield message.user_id, entry.user_id
            for user_id in user_ids_of((*(entry.mentions or ()), *(entry.first_named or ()))):
                yield user_id, entry.user_id

    async def learn_followers(self, keys: Iterable[tuple[str, int]]) -> None:
        """Read whom those who follow threads, by user id and root, have blocked of those who reply there."""
        writers: dict[int, set[str]] = defaultdict(set)
        for reply in self.replies():
            writers[root_seq(reply)].add(reply.user_id)
        await self.blocks.learn((user_id, writer) for user_id, root in keys for writer in writers.get(root, ()))

    def reaches(self, entry: Entry, user_id: str) -> bool:
        """Return whether what an entry does concerns somebody: not if they had blocked its author."""
        return not self.blocks.cover(user_id, entry.user_id, entry.created_at)

    async def _read(self, seqs: Iterable[int]) -> None:
        found = await queries.get_entries((self.group_id, seq) for seq in sorted(seqs))
        self.messages |= {seq: entry for (_, seq), entry in found.items()}

    def replies(self) -> Iterator[Entry]:
        return (entry for entry in self.entries if entry.kind == "message" and entry.parent_id)

    def message_of(self, entry: Entry) -> Entry | None:
        """Return the message that an entry is or changes; None if it was erased meanwhile."""
        return entry if entry.kind == "message" else self.messages.get(int(entry.target_seq or 0))


def root_seq(message: Entry) -> int:
    """Return the seq of the message that opened the thread in which a message is: its own, if it is no reply."""
    key = parse_message_id(message.parent_id) if message.parent_id else None
    return key[1] if key else int(message.seq)


def _concerns_others(entry: Entry) -> bool:
    # Reading each value through PynamoDB's descriptors would cost more than all of this.
    value = entry.attribute_values.get
    match value("kind"):
        case "message":
            return bool(value("parent_id") or value("first_named") or user_ids_of(value("mentions") or ()))
        case "edit":
            return bool(value("unnamed") or user_ids_of(value("mentions") or ()))
        case "member":
            return any(role is None for role in (value("roles") or {}).values())
    return value("kind") in ("delete", "reaction")
