"""The outbox: each `Delivery` is a row by the time when it is due, in a few partitions. Queries raise as `store.call`.

Whoever takes a row moves it to a later time, the end of the lease, on the condition that it is still where it was: so
one process has it, and if that dies another finds it then. It is deleted when it was sent. A row that was just written
is due at the end of the first lease: the process that wrote it sends it without taking it.

Mails have partitions of their own, so that many that wait, for hours when the mail server is away, hide no push.
"""

import zlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from pynamodb.transactions import TransactWrite

from dynamodb import store
from foundation.alarm import Alarm
from foundation.ids import now, to_wire
from foundation.per_loop import PerLoop

from .rows import NotificationRow

PUSH, CLOSE, MAIL = "push", "close", "mail"
# Of pushes, and of mails: all that waits in one of these is read for each person who is mailed.
SHARDS, MAIL_SHARDS = 4, 16
# Seconds that somebody has for what they took: far more than one device may take.
LEASE = settings.NOTIFICATION_LEASE


# Rings when this process must look at what it has put to a later time.
alarm = PerLoop(Alarm)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is to be sent to `user_id` from the time `at` on; `done` are the devices that have it already.

    It is about the message at `seq`, or of CLOSE about all of the group up to there, or of its thread `parent_seq`;
    with `reminder` about the reminder of that message which was planned for this time, in milliseconds since 1970.
    """

    kind: str
    user_id: str
    group_id: str
    seq: int
    at: str
    parent_seq: int | None = None
    tries: int = 0
    done: frozenset[str] = frozenset()
    reminder: int | None = None

    @property
    def key(self) -> tuple[str, str]:
        about = f"{self.kind}#{self.user_id}#{self.group_id}#{self.seq}"
        about += f"#{self.reminder}" if self.reminder is not None else ""
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


def age(delivery: Delivery) -> float:
    """Return for how many seconds something has been due."""
    return max(0.0, (datetime.now(UTC) - datetime.fromisoformat(delivery.at)).total_seconds())


def write(transaction: TransactWrite, delivery: Delivery) -> None:
    transaction.save(_to_row(delivery))


def write_done(transaction: TransactWrite, delivery: Delivery) -> None:
    transaction.delete(NotificationRow(*delivery.key))


async def list_due(partition: str, *, limit: int) -> list[Delivery]:
    """Return what is due by now, what has waited longest first."""

    def query() -> list[Delivery]:
        rows = NotificationRow.query(partition, NotificationRow.item < now(), consistent_read=True, limit=limit)
        return [_to_delivery(row) for row in rows]

    return await store.call(query)


async def list_mails(user_id: str) -> list[Delivery]:
    """Return all mails to a person that wait, due or not, what is due first before the others."""

    def query() -> list[Delivery]:
        own = (NotificationRow.owner_id == user_id) & (NotificationRow.kind == MAIL)
        partition = Delivery(MAIL, user_id, "", 0, "").partition
        return [
            _to_delivery(row) for row in NotificationRow.query(partition, filter_condition=own, consistent_read=True)
        ]

    return await store.call(query)


async def take(delivery: Delivery, *, seconds: float = LEASE) -> Delivery | None:
    """Take something that is due for so long; None if another process has taken or sent it."""
    return await move(delivery, replace(delivery, at=later(seconds)))


async def postpone(delivery: Delivery, seconds: float, **changes: Any) -> None:
    """Put something to a time so many seconds from now; this process looks at it then."""
    to = replace(delivery, at=later(seconds), **changes)
    if await move(delivery, to):
        alarm().expect(datetime.fromisoformat(to.at).timestamp())


async def move(delivery: Delivery, to: Delivery) -> Delivery | None:
    """Put something to a later time; None if it is not where it was."""

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            transaction.delete(NotificationRow(*delivery.key), condition=NotificationRow.owner_id.exists())
            transaction.save(_to_row(to))

    try:
        await store.call(transact)
    except store.ConditionFailed:
        return None
    return to


async def delete(deliveries: list[Delivery]) -> None:
    def batch() -> None:
        with NotificationRow.batch_write() as writing:
            for delivery in deliveries:
                writing.delete(NotificationRow(*delivery.key))

    if deliveries:
        await store.call(batch)


def _to_row(delivery: Delivery) -> NotificationRow:
    return NotificationRow(
        *delivery.key,
        owner_id=delivery.user_id,
        kind=delivery.kind,
        group_id=delivery.group_id,
        seq=delivery.seq,
        parent_seq=delivery.parent_seq,
        tries=delivery.tries or None,
        done=set(delivery.done) or None,
        reminder=delivery.reminder,
    )


def _to_delivery(row: NotificationRow) -> Delivery:
    parent_seq = int(row.parent_seq) if row.parent_seq else None
    return Delivery(
        row.kind or "",
        row.owner_id or "",
        row.group_id or "",
        int(row.seq or 0),
        row.item.partition("#")[0],
        parent_seq,
        int(row.tries or 0),
        frozenset(row.done or ()),
        int(row.reminder) if row.reminder is not None else None,
    )
