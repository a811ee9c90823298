"""Writes of what a person may do here: their role in the workspace, and whether they may come in at all.

A row of its own has the active owners, so that one write can see whether another is left, and one the active admins.
"""

import time

from pynamodb.expressions.condition import Condition, size
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from dynamodb import store
from foundation.errors import Forbidden
from foundation.ids import now

from .models import PROFILE, UserRow, get, load
from .roles import ADMIN, MEMBER, OWNER
from .user import User

# No user's id has a `#`.
_WORKSPACE, _OWNERS, _ADMINS = "workspace#", "owners", "admins"


async def find_owners() -> set[str]:
    """Return the ids of the active owners, by a strongly consistent read."""
    row = (await load([(_WORKSPACE, _OWNERS)])).get((_WORKSPACE, _OWNERS))
    return set(row.owners or ()) if row else set()


async def find_administrators() -> set[str]:
    """Return the ids of the active owners and admins; admins of before this version only once their role changes."""
    rows = await load([(_WORKSPACE, _OWNERS), (_WORKSPACE, _ADMINS)])
    return {user_id for row in rows.values() for user_id in row.owners or ()}


async def write(before: User, *, role: str, is_deactivated: bool) -> User | None:
    """Return the user with this role, deactivated or not; None if their standing was changed since they were read.

    Raises `Forbidden` if no owner would be left.
    """
    was_owner = before.stored_role == OWNER and not before.is_deactivated
    is_owner = role == OWNER and not is_deactivated
    was_admin = before.stored_role == ADMIN and not before.is_deactivated
    is_admin = role == ADMIN and not is_deactivated

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            actions = _actions(before, role, is_deactivated)
            transaction.update(UserRow(before.id, PROFILE), actions=actions, condition=_is_as(before))
            if is_owner and not was_owner:
                note_owner(transaction, before.id)
            if is_admin != was_admin:
                change = UserRow.owners.add if is_admin else UserRow.owners.delete
                transaction.update(UserRow(_WORKSPACE, _ADMINS), actions=[change({before.id})])
            if was_owner and not is_owner:
                more_than_one: Condition = size(UserRow.owners) > 1  # type: ignore[no-untyped-call]
                row, action = UserRow(_WORKSPACE, _OWNERS), UserRow.owners.delete({before.id})
                transaction.update(row, actions=[action], condition=more_than_one)

    try:
        await store.call(transact)
    except store.ConditionFailed:
        if was_owner and not is_owner and await find_owners() <= {before.id}:
            raise Forbidden("The workspace needs an owner: make somebody else one first.") from None
        return None
    return await get(before.id)


def note_owner(transaction: TransactWrite, user_id: str) -> None:
    """Write that this user is one of the owners, with the role in their profile."""
    transaction.update(UserRow(_WORKSPACE, _OWNERS), actions=[UserRow.owners.add({user_id})])


async def drop_owner(user_id: str) -> None:
    """Write that somebody who was removed is no owner, even if they were the last."""
    row = UserRow(_WORKSPACE, _OWNERS)
    await store.call(row.update, [UserRow.owners.delete({user_id})])


def _actions(before: User, role: str, is_deactivated: bool) -> list[Action]:
    actions: list[Action] = [
        UserRow.role.remove() if role == MEMBER else UserRow.role.set(role),
        UserRow.standing.set(before.standing + 1),
        UserRow.updated_at.set(now()),
    ]
    if is_deactivated and not before.is_deactivated:
        # Tokens say the second in which they were issued: none of this one is taken later.
        actions += [UserRow.deactivated_at.set(now()), UserRow.tokens_from.set(int(time.time()) + 1)]
    if before.is_deactivated and not is_deactivated:
        actions.append(UserRow.deactivated_at.remove())
    return actions


def _is_as(before: User) -> Condition:
    same: Condition = UserRow.standing == before.standing if before.standing else UserRow.standing.does_not_exist()
    present: Condition = UserRow.user_id.exists() & UserRow.removed_at.does_not_exist()
    both: Condition = present & same
    return both
