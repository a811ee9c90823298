"""What is to be sent: rows by the time when they are due, in a few partitions. Each query raises as `store.call`.

Whoever takes a row moves it to a later time, the end of the lease, on the condition that it is still where it was: so
one process has it, and if that dies another finds it then. It is deleted when it was sent. A row that was just written
is due at the end of the first lease: the process that wrote it sends it without taking it.

Mails have partitions of their own, so that many that wait, for hours when the mail server is away, hide no push.
"""

import zlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from django.conf import settings
from pynamodb.transactions import TransactWrite

from dynamodb import store
from foundation.ids import now, to_wire

from .rows import NotificationRow

PUSH, CLOSE, MAIL = "push", "close", "mail"
# Of pushes, and of mails: all that waits in one of these is read for each person who is mailed.
SHARDS, MAIL_SHARDS = 4, 16
# Seconds that somebody has for what they took: far more than one device may take.
LEASE = settings.NOTIFICATION_LEASE


@dataclass(frozen=True, slots=True)
class Due:
    """Something to be sent to `user_id` from the time `at` on; `done` are the devices that have it already.

    It is about the message at `seq`, or of CLOSE about all of the group up to there, or of its thread `parent_seq`.
    """

    kind: str
    user_id: str
    group_id: str
    seq: int
    at: str
    parent_seq: int | None = None
    tries: int = 0
    done: frozenset[str] = frozenset()

    @property
    def key(self) -> tuple[str, str]:
        about = f"{self.kind}#{self.user_id}#{self.group_id}#{self.seq}"
        return self.partition, f"{self.at}#{about}"

    @property
    def partition(self) -> str:
        hashed = zlib.crc32(self.user_id.encode())
        return mails_of(hashed % MAIL_SHARDS) if self.kind == MAIL else pushes_of(hashed % SHARDS)


def pushes_of(shard: int) -> str:
    return f"outbox#{shard}"


def mails_of(shard: int) -> str:
    return f"outbox-mails#{shard}"


def later(seconds: float) -> str:
    return to_wire(datetime.now(UTC) + timedelta(seconds=seconds))


def write(transaction: TransactWrite, due: Due) -> None:
    transaction.save(_to_row(due))


def write_done(transaction: TransactWrite, due: Due) -> None:
    transaction.delete(NotificationRow(*due.key))


async def list_due(partition: str, *, limit: int) -> list[Due]:
    """Return what is due by now, what has waited longest first."""

    def query() -> list[Due]:
        rows = NotificationRow.query(partition, NotificationRow.item < now(), consistent_read=True, limit=limit)
        return [_to_due(row) for row in rows]

    return await store.call(query)


async def list_mails(user_id: str) -> list[Due]:
    """Return all mails to a person that wait, due or not, what is due first before the others."""

    def query() -> list[Due]:
        own = (NotificationRow.owner_id == user_id) & (NotificationRow.kind == MAIL)
        partition = Due(MAIL, user_id, "", 0, "").partition
        return [_to_due(row) for row in NotificationRow.query(partition, filter_condition=own, consistent_read=True)]

    return await store.call(query)


async def take(due: Due, *, seconds: float = LEASE) -> Due | None:
    """Take something that is due for so long; None if another process has taken or sent it."""
    return await move(due, replace(due, at=later(seconds)))


async def move(due: Due, to: Due) -> Due | None:
    """Put something to a later time; None if it is not where it was."""

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            transaction.delete(NotificationRow(*due.key), condition=NotificationRow.owner_id.exists())
            transaction.save(_to_row(to))

    try:
        await store.call(transact)
    except store.ConditionFailed:
        return None
    return to


async def delete(dues: list[Due]) -> None:
    def batch() -> None:
        with NotificationRow.batch_write() as writing:
            for due in dues:
                writing.delete(NotificationRow(*due.key))

    if dues:
        await store.call(batch)


def _to_row(due: Due) -> NotificationRow:
    return NotificationRow(
        *due.key,
        owner_id=due.user_id,
        kind=due.kind,
        group_id=due.group_id,
        seq=due.seq,
        parent_seq=due.parent_seq,
        tries=due.tries or None,
        done=set(due.done) or None,
    )


def _to_due(row: NotificationRow) -> Due:
    parent_seq = int(row.parent_seq) if row.parent_seq else None
    return Due(
        row.kind or "",
        row.owner_id or "",
        row.group_id or "",
        int(row.seq or 0),
        row.item.partition("#")[0],
        parent_seq,
        int(row.tries or 0),
        frozenset(row.done or ()),
    )
