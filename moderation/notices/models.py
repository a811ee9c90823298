"""Notices as rows of their user, `notice#<id>`, and `notices`, which counts those that are unread."""

from dataclasses import dataclass
from typing import Any

from pynamodb.transactions import TransactWrite

from dynamodb import store
from foundation.ids import now
from moderation.case import Thing
from moderation.models import load_rows
from moderation.rows import NOTICE, NOTICES, ModerationRow

# The latest of somebody's that are listed; nobody is warned more often.
MAX_LISTED = 100


@dataclass(frozen=True, slots=True)
class Notice:
    """What a person was told about a thing of theirs, or about themselves; times are ISO 8601, in UTC."""

    id: str
    at: str
    text: str
    thing: Thing
    read_at: str | None = None

    def as_wire(self) -> dict[str, Any]:
        """Return `{"id", "at", "text", "kind", "messageId"?, "readAt"?}`."""
        wire = {"id": self.id, "at": self.at, "text": self.text, "kind": self.thing.kind}
        message = {"messageId": self.thing.id} if self.thing.kind == "message" else {}
        return wire | message | ({"readAt": self.read_at} if self.read_at else {})


async def put(user_id: str, notice: Notice) -> bool:
    """Store a notice; return whether it was not there before."""
    row = ModerationRow(
        user_id, f"{NOTICE}{notice.id}", at=notice.at, text=notice.text, thing=str(notice.thing), case_id=notice.id
    )

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            transaction.save(row, condition=ModerationRow.user_id.does_not_exist())
            transaction.update(ModerationRow(user_id, NOTICES), actions=[ModerationRow.unread.add(1)])

    try:
        await store.call(transact)
    except store.ConditionFailed:
        return False
    return True


async def mark_read(user_id: str, notice_id: str) -> bool:
    """Mark a notice as read; return whether it was there, and unread."""
    row = ModerationRow(user_id, f"{NOTICE}{notice_id}")
    unread = ModerationRow.at.exists() & ModerationRow.read_at.does_not_exist()

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            transaction.update(row, actions=[ModerationRow.read_at.set(now())], condition=unread)
            transaction.update(ModerationRow(user_id, NOTICES), actions=[ModerationRow.unread.add(-1)])

    try:
        await store.call(transact)
    except store.ConditionFailed:
        return False
    return True


async def list_notices(user_id: str) -> list[Notice]:
    """Return a person's notices, the latest first."""

    def query() -> list[Notice]:
        rows = ModerationRow.query(user_id, ModerationRow.item.startswith(NOTICE), consistent_read=True)
        return [_to_notice(row) for row in rows]

    found = await store.call(query)
    return sorted(found, key=lambda notice: notice.at, reverse=True)[:MAX_LISTED]


async def count_unread(user_id: str) -> int:
    """Return how many notices of a person are unread, by a read that is made with others of the same moment."""
    rows = await load_rows([(user_id, NOTICES)])
    return int(rows[0].unread or 0) if rows else 0


def _to_notice(row: ModerationRow) -> Notice:
    return Notice(
        row.item.removeprefix(NOTICE), row.at or "", row.text or "", Thing.parse(row.thing or ""), row.read_at
    )
