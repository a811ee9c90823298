"""What must be unread for somebody, computed from the log and from what they did, by nothing that the server counts."""

from collections.abc import Collection, Iterable, Mapping, Sequence
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


# When somebody had blocked whom: times of the clock, from and until; None: still.
Blocked = Mapping[tuple[str, str], Sequence[tuple[str, str | None]]]


def is_blocked(blocked: Blocked, by: str, user_id: str, moment: str) -> bool:
    return any(since <= moment < (until or "~") for since, until in blocked.get((by, user_id), ()))


def times_of_naming(log: Iterable[Entry], user_id: str) -> dict[int, str]:
    """Return when each message that names somebody has named them last, by what the entries of its edits say."""
    times: dict[int, str] = {}
    for entry in log:
        if entry.kind == "message":
            times[int(entry.seq)] = entry.created_at
        elif entry.kind == "edit" and user_id in (entry.mentions or ()):
            times[int(entry.target_seq or 0)] = entry.created_at
    return times


def counts_of(
    log: Sequence[Entry],
    user_id: str,
    read: int,
    *,
    parent_id: str | None = None,
    naming_all: Collection[int],
    blocked: Blocked | None = None,
) -> Counts:
    """Count in the log; of messages that named everybody when they were sent `naming_all` has the seqs.

    Whom else they name is what they say now; what somebody wrote while the reader had blocked them is no mention.
    """
    counts, times = Counts(read), times_of_naming(log, user_id)
    for entry in log:
        if entry.kind != "message" or entry.parent_id != parent_id or entry.seq <= read or entry.user_id == user_id:
            continue
        counts.unread += 1
        counts.alls += int(entry.seq) in naming_all
        if is_blocked(blocked or {}, user_id, entry.user_id, times[int(entry.seq)]):
            continue
        if user_id in (entry.mentions or ()) and not entry.deleted:
            counts.mentions.append(int(entry.seq))
    return counts
