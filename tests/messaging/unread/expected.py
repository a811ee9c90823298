"""What must be unread for somebody, computed from the log and from what they did, by nothing that the server counts."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from groups.log import queries
from groups.log.entry import Entry

SEND, READ, UNREAD = "send", "read", "unread"


@dataclass(frozen=True)
class Act:
    """What somebody did to their mark: sent the message at `seq`, read up to it, or marked it unread.

    `head` is where the log ended then.
    """

    kind: str
    seq: int
    head: int


@dataclass
class Counts:
    """What is unread after `read`: how many messages of others, which of them name the reader, how many everybody."""

    read: int
    unread: int = 0
    mentions: list[int] = field(default_factory=list)
    alls: int = 0


def mark_after(acts: Iterable[Act]) -> int:
    """Return where the mark is after these acts."""
    read = marked_at = 0
    for act in acts:
        if act.kind == SEND and act.seq > max(read, marked_at):
            read = act.seq
        elif act.kind == READ:
            read = max(read, min(act.seq, act.head))
        elif act.kind == UNREAD:
            read, marked_at = act.seq - 1, act.head
    return read


async def whole_log(group_id: str) -> list[Entry]:
    return await queries.entries_after(group_id, 0)


def counts_of(
    log: Iterable[Entry], user_id: str, read: int, *, parent_id: str | None = None, naming_all: Collection[int]
) -> Counts:
    """Count in the log; of messages that named everybody when they were sent `naming_all` has the seqs.

    Whom else they name is what they say now.
    """
    counts = Counts(read)
    for entry in log:
        if entry.kind != "message" or entry.parent_id != parent_id or entry.seq <= read or entry.user_id == user_id:
            continue
        counts.unread += 1
        counts.alls += int(entry.seq) in naming_all
        if user_id in (entry.mentions or ()) and not entry.deleted:
            counts.mentions.append(int(entry.seq))
    return counts
