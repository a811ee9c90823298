"""Saved messages as rows of their user: `saved#<messageId>`, and `saved`, which counts them and their changes.

Both change in one transaction, so the count is exact and all changes of a user have an order.
"""

from dataclasses import dataclass, replace
from typing import Any

from pynamodb.transactions import TransactWrite

from dynamodb import store
from foundation.ids import now
from users.models import UserRow
from users.own_rows import get_own_rows, list_own_rows

_COUNTER, _PREFIX = "saved", "saved#"


@dataclass(frozen=True, slots=True)
class Saved:
    """A message that a user has saved, and when."""

    message_id: str
    saved_at: str


@dataclass(frozen=True, slots=True)
class State:
    """Whether a message is saved; `count` and `version` are of all that the user has saved."""

    saved_at: str | None
    count: int
    version: int


def _item(message_id: str) -> str:
    return f"{_PREFIX}{message_id}"


async def get_state(user_id: str, message_id: str) -> State:
    rows = await get_own_rows(user_id, _COUNTER, _item(message_id))
    counter, row = rows.get(_COUNTER), rows.get(_item(message_id))
    state = State(row.created_at if row else None, 0, 0)
    return replace(state, count=int(counter.saved_count or 0), version=int(counter.version or 0)) if counter else state


async def change(user_id: str, message_id: str, state: State, *, saves: bool) -> State:
    """Save a message, or no longer, and return the new state; raises `ConditionFailed` if `state` is outdated."""
    saved_at = now()
    new = State(saved_at if saves else None, state.count + (1 if saves else -1), state.version + 1)
    counter, row = UserRow(user_id, _COUNTER), UserRow(user_id, _item(message_id))
    counted: list[Any] = [UserRow.saved_count.set(new.count), UserRow.version.set(new.version)]
    is_present = UserRow.version == state.version if state.version else UserRow.version.does_not_exist()

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            transaction.update(counter, actions=counted, condition=is_present)
            if saves:
                transaction.update(row, actions=[UserRow.created_at.set(saved_at)])
            else:
                transaction.delete(row)

    await store.call(transact)
    return new


async def list_saved(user_id: str, group_id: str | None = None) -> list[Saved]:
    """Return all that the user has saved, or that of one group, the latest first."""
    rows = await list_own_rows(user_id, _item(f"{group_id}.") if group_id else _PREFIX)
    saved = [Saved(row.item.removeprefix(_PREFIX), row.created_at) for row in rows]
    return sorted(saved, key=lambda each: (each.saved_at, each.message_id), reverse=True)
