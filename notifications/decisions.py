"""What was decided of messages and people: rows of the people, kept for a week. Each query raises as `store.call`.

A decision is written once, on the condition that there is none, in one transaction with what is to be sent for it.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from dynamodb import store
from foundation.ids import now

from . import outbox
from .outbox import Delivery
from .preferences.models import load_rows
from .rows import REMINDED, NotificationRow
from .rows import TOLD as PREFIX
from .rules import QUIET, TOLD

KEPT_SECONDS = 7 * 24 * 3600
# Seqs in keys are of so many digits, so that their order is that of the log.
_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Decision:
    """Why somebody was told of a message, or not; `cause` and `reason` are those of `rules`, `at` when it was decided.

    A message in a thread has the `parent_seq`; `sent_at` is when a push service first took it, ISO, in UTC. Of a
    `reminder`, which was planned for that time, it is a decision apart.
    """

    user_id: str
    group_id: str
    seq: int
    cause: str | None
    reason: str
    at: str
    parent_seq: int | None = None
    sent_at: str | None = None
    is_closed: bool = False
    reminder: int | None = None

    @property
    def key(self) -> tuple[str, str]:
        return _key(self.user_id, self.group_id, self.seq, self.reminder)


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision, and what is to be sent for it."""

    decision: Decision
    deliveries: tuple[Delivery, ...] = ()

    @property
    def row_count(self) -> int:
        return 1 + len(self.deliveries)


def _key(user_id: str, group_id: str, seq: int, reminder: int | None = None) -> tuple[str, str]:
    place = f"{group_id}#{seq:0{_DIGITS}}"
    return user_id, f"{PREFIX}{place}" if reminder is None else f"{REMINDED}{place}#{reminder:0{_DIGITS}}"


async def find(keys: Iterable[tuple[str, str, int]]) -> dict[tuple[str, str, int], Decision]:
    """Return the decisions that there are of these people, groups and seqs."""
    by_row = {_key(*key): key for key in keys}
    moment = time.time()
    found = await load_rows(by_row)
    return {by_row[key]: _to_decision(row) for key, row in found.items() if (row.expires_at or 0) > moment}


async def put(many: Sequence[Decided]) -> None:
    """Write decisions and what is to be sent for them, all or none; raises `ConditionFailed` if there is one of them.

    They have a hundred rows at most.
    """

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            for each in many:
                transaction.save(_to_row(each.decision), condition=NotificationRow.reason.does_not_exist())
                for delivery in each.deliveries:
                    outbox.write(transaction, delivery)

    await store.call(transact)


async def note_sent(delivery: Delivery) -> None:
    """Note that a push has reached a service, and take it out of the outbox."""
    # A reminder was put off while it was quiet.
    await _finish(delivery, [NotificationRow.sent_at.set(now()), NotificationRow.reason.set(TOLD)])


async def note_not_sent(delivery: Delivery, reason: str) -> None:
    """Change a decision to tell, and take the push out of the outbox: it became another at the last moment."""
    await _finish(delivery, [NotificationRow.reason.set(reason)])


async def _finish(delivery: Delivery, actions: list[Action]) -> None:
    row = NotificationRow(*_key(delivery.user_id, delivery.group_id, delivery.seq, delivery.reminder))
    is_open = NotificationRow.reason.is_in(TOLD, QUIET)

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            transaction.update(row, actions=actions, condition=is_open)
            outbox.write_done(transaction, delivery)

    try:
        await store.call(transact)
    except store.ConditionFailed:
        # It has expired, or another process came first.
        await outbox.delete([delivery])


async def list_open(user_id: str, group_id: str, until: int) -> list[Decision]:
    """Return what the user was told of a group's messages up to a seq, and what was not taken back."""

    def query() -> list[Decision]:
        first, last = _key(user_id, group_id, 0)[1], _key(user_id, group_id, until)[1]
        is_open = (NotificationRow.reason == TOLD) & NotificationRow.closed.does_not_exist()
        rows = NotificationRow.query(
            user_id, NotificationRow.item.between(first, last), filter_condition=is_open, consistent_read=True
        )
        return [_to_decision(row) for row in rows]

    return await store.call(query)


async def list_reminded(user_id: str, group_id: str = "", seq: int | None = None) -> list[Decision]:
    """Return what was decided of reminders of a user, of all or of one message, those planned first before others."""

    def query() -> list[Decision]:
        prefix = REMINDED if seq is None else f"{REMINDED}{group_id}#{seq:0{_DIGITS}}#"
        own = NotificationRow.item.startswith(prefix)
        rows = NotificationRow.query(user_id, own, consistent_read=True)
        return [_to_decision(row) for row in rows if (row.expires_at or 0) > time.time()]

    return await store.call(query)


async def forget(user_id: str, group_id: str) -> None:
    """Delete what was decided of a group that is being deleted."""

    def query() -> list[str]:
        own = [NotificationRow.item.startswith(f"{prefix}{group_id}#") for prefix in (PREFIX, REMINDED)]
        return [row.item for each in own for row in NotificationRow.query(user_id, each, consistent_read=True)]

    def batch() -> None:
        with NotificationRow.batch_write() as writing:
            for item in items:
                writing.delete(NotificationRow(user_id, item))

    if items := await store.call(query):
        await store.call(batch)


async def close(decisions: Sequence[Decision], delivery: Delivery) -> None:
    """Note that these are taken back, and what is sent for that; raises `ConditionFailed` if one is already."""

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            for each in decisions:
                condition = NotificationRow.reason.exists() & NotificationRow.closed.does_not_exist()
                row = NotificationRow(*each.key)
                transaction.update(row, actions=[NotificationRow.closed.set(True)], condition=condition)
            outbox.write(transaction, delivery)

    await store.call(transact)


def _to_row(decision: Decision) -> NotificationRow:
    return NotificationRow(
        *decision.key,
        cause=decision.cause,
        reason=decision.reason,
        at=decision.at,
        parent_seq=decision.parent_seq,
        expires_at=int(time.time()) + KEPT_SECONDS,
    )


def _to_decision(row: NotificationRow) -> Decision:
    # No id has a `#`.
    _, group_id, seq, *reminder = row.item.split("#")
    return Decision(
        row.user_id,
        group_id,
        int(seq),
        row.cause,
        row.reason or "",
        row.at or "",
        int(row.parent_seq) if row.parent_seq else None,
        row.sent_at,
        bool(row.closed),
        int(reminder[0]) if reminder else None,
    )
