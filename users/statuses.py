"""Writes of custom statuses: a status and the entry of its end change together, so that a person has one entry at most.

Each raises what `store.call` raises, and `Unavailable` when others have written the same status all the while.
"""

import asyncio
from typing import Any

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from dynamodb import store
from foundation.backoff import backoff
from foundation.errors import Unavailable
from foundation.ids import now

from . import models
from .due.rows import drop_with, put_with
from .models import PROFILE, UserRow
from .profiles import STATUS, set_or_remove
from .status_expiry import entry_of
from .user import CustomStatus, User

# Who loses a race reads again: so often, for two seconds at most.
_ATTEMPTS, _BASE, _CAP = 10, 0.02, 0.4


async def set_status(user_id: str, status: CustomStatus | None) -> User | None:
    """Return the user with another status, None for none; None if there is no such user."""
    # First as if the former status had no end, as most have: then one request is enough.
    former_end: str | None = None
    for delay in backoff(_ATTEMPTS, base=_BASE, cap=_CAP):
        try:
            return await _replace(user_id, status, former_end)
        except store.Conflict:
            await asyncio.sleep(delay)
        except store.ConditionFailed:
            row = (await models.load([(user_id, PROFILE)])).get((user_id, PROFILE))
            if row is None or row.as_user().is_removed:
                return None
            former_end = row.status_until
    raise Unavailable


async def _replace(user_id: str, status: CustomStatus | None, former_end: str | None) -> User | None:
    """Write a status in the place of one with this end; raises `ConditionFailed` if there is another one."""
    end = status.expires_at if status else None
    if former_end is None and end is None:
        row = UserRow(user_id, PROFILE)
        await store.call(row.update, _actions(status), _ends(None))
        return row.as_user()
    await store.call(_transact, user_id, status, former_end)
    return await models.get(user_id)


def _transact(user_id: str, status: CustomStatus | None, former_end: str | None) -> None:
    end = status.expires_at if status else None
    with TransactWrite(connection=store.connection()) as transaction:
        transaction.update(UserRow(user_id, PROFILE), actions=_actions(status), condition=_ends(former_end))
        if former_end and former_end != end:
            drop_with(transaction, entry_of(user_id, former_end))
        if end:
            put_with(transaction, entry_of(user_id, end))


def _actions(status: CustomStatus | None) -> list[Action]:
    values: dict[str, Any] = {field: getattr(status, field) if status else None for field in STATUS}
    told = [set_or_remove(STATUS[field], value) for field, value in values.items()]
    return [*told, UserRow.updated_at.set(now())]


def _ends(end: str | None) -> Condition:
    """Return the condition that there is such a user, whose status has this end."""
    as_known = UserRow.status_until == end if end else UserRow.status_until.does_not_exist()
    present: Condition = UserRow.user_id.exists() & UserRow.removed_at.does_not_exist() & as_known
    return present
