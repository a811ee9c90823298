"""How far a user has read a group or a thread, and what of that counts as unread."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from realtime.hub.change import Position

from .rows import GroupRow

# Of more unread messages of a group that name a user, the oldest do not count.
MAX_MENTIONS = 100


@dataclass(frozen=True, slots=True)
class MarkDetails:
    """What a mark's row has beside the place (docs/decisions/0040); what lies up to the mark counts for nothing.

    `version` counts the changes of all of it. `marked_at` is where the log ended when messages were marked unread; of
    the user's own messages up to there, `own` has the seqs, and `own_alls` of those that name everybody. `mentions` has
    the seqs of messages that name the user.
    """

    version: int = 0
    marked_at: int = 0
    own: tuple[int, ...] = ()
    own_alls: tuple[int, ...] = ()
    mentions: tuple[int, ...] = ()


_NO_DETAILS = MarkDetails()


@dataclass(frozen=True, slots=True)
class ReadMark:
    """How far a user has read: up to `seq`; `message_count` messages, or replies of a thread, lie up to there.

    `all_count` of them name everybody; None: not known, for an older version has written the mark.
    """

    seq: int = 0
    message_count: int = 0
    all_count: int | None = field(default=0, compare=False)
    details: MarkDetails = field(default=_NO_DETAILS, compare=False)

    def later(self, other: "ReadMark | None") -> "ReadMark":
        """Return the one of the two that is further."""
        return other if other and other.seq > self.seq else self

    def unread(self, head: Position) -> int:
        """Return how many messages, or replies, of others lie after the mark and up to the head."""
        return max(0, head.message_count - self.message_count - len(self._beyond(self.details.own, head.seq)))

    def unread_alls(self, head: Position) -> int:
        """Return how many of them name everybody."""
        read = head.all_count if self.all_count is None else self.all_count
        alls = max(0, head.all_count - read - len(self._beyond(self.details.own_alls, head.seq)))
        # A thread's mark that a process of an older version has moved lacks those that it passed.
        return min(alls, self.unread(head))

    @property
    def mentions(self) -> list[int]:
        """The seqs of unread messages, or replies, that name the user."""
        return self._beyond(self.details.mentions)

    def counts(self, head: Position) -> dict[str, Any]:
        """Return {"read", "unread", "mentions", "all", "version"}: what is unread up to the head, in wire form."""
        return {
            "read": self.seq,
            "unread": self.unread(head),
            "mentions": self.mentions,
            "all": self.unread_alls(head),
            "version": self.details.version,
        }

    def is_moved_by(self, own_seq: int) -> bool:
        """Return whether a message of the user's own moves the mark: not one that was there when it was moved back."""
        return own_seq > max(self.seq, self.details.marked_at)

    def _beyond(self, seqs: tuple[int, ...], end: int | None = None) -> list[int]:
        return [seq for seq in seqs if seq > self.seq and (end is None or seq <= end)]


class MarkKey(NamedTuple):
    """Whose mark it is, of which group, or of which of its threads."""

    user_id: str
    group_id: str
    parent_id: str | None = None

    @property
    def row(self) -> tuple[str, str, str | None]:
        """The arguments by which queries find its row."""
        return self.group_id, self.user_id, self.parent_id


def to_read_mark(row: GroupRow) -> ReadMark:
    # Without a mark nothing is read.
    all_count = None if row.seq and row.all_count is None else int(row.all_count or 0)
    lists = (tuple(seqs or ()) for seqs in (row.own, row.own_alls, row.mentions))
    details = MarkDetails(int(row.version or 0), int(row.marked_at or 0), *lists)
    return ReadMark(int(row.seq or 0), int(row.message_count or 0), all_count, details)
