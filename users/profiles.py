"""Writes of profiles: a name, a handle and the keys that the user is found by change in one transaction.

Each raises what `store.call` raises, and `Unavailable` when others have written the same profile all the while.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_
from typing import Any

from pynamodb.attributes import Attribute
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from dynamodb import store
from foundation.backoff import backoff
from foundation.errors import Unavailable
from foundation.ids import now

from . import handles, models
from .models import ASIDE, LISTED, NOWHERE, PROFILE, UserRow, key_rows, place_actions, surplus_key_rows
from .names import stand_in_name
from .user import User

# Who loses a race reads again and decides again: so often, for two seconds at most.
_ATTEMPTS, _BASE, _CAP = 10, 0.02, 0.4
# What of a user the issuer may tell besides the name, and what a user may say of themselves.
_ISSUERS = {"email": UserRow.email, "image_url": UserRow.image_url}
_OWN = {"title": UserRow.title, "time_zone": UserRow.time_zone}
_PREFERENCES = {"theme": UserRow.theme, "enter_key": UserRow.enter_key, "language": UserRow.language}
STATUS = {"emoji": UserRow.status_emoji, "text": UserRow.status_text, "expires_at": UserRow.status_until}
# Of a profile as it was read: a change of its name is decided by these.
_DECISIVE = (
    *("name", "handle", "former_handle", "keyed_name", "key_count", "issuer_updated_at", "removed_at"),
    "deactivated_at",
)


@dataclass(frozen=True, slots=True)
class _Change:
    """What a profile becomes; who is not `LISTED` is found by nobody, who is `ASIDE` by administrators alone."""

    name: str
    handle: str | None
    actions: list[Action]
    place: str = LISTED


# Decides by the profile as it is, None for somebody unknown; None: nothing is to be written.
_Decide = Callable[[UserRow | None], _Change | None]


async def create_if_absent(
    user_id: str,
    *,
    name: str,
    email: str | None = None,
    image_url: str | None = None,
    issuer_updated_at: int | None = None,
) -> User:
    """Return the stored user: the new one, or the one that another process created first."""
    told = {"email": email, "image_url": image_url, "issuer_updated_at": issuer_updated_at}

    def transact() -> UserRow:
        with TransactWrite(connection=store.connection()) as transaction:
            return write_new(transaction, user_id, name=name, **told)

    for delay in backoff(_ATTEMPTS, base=_BASE, cap=_CAP):
        try:
            row = await store.call(transact)
        except store.ConditionFailed:
            if existing := await models.get(user_id):
                return existing
            # Another transaction is under way.
            await asyncio.sleep(delay)
        else:
            return row.as_user()
    raise Unavailable


def write_new(transaction: TransactWrite, user_id: str, *, name: str, **told: Any) -> UserRow:
    """Write a user who is new, with the keys that they are found by, and return the profile."""
    keys = key_rows(user_id, name)
    row = models.profile_row(user_id, name=name, keyed_name=name, key_count=len(keys), **told)
    transaction.save(row, condition=UserRow.user_id.does_not_exist())
    for key in keys:
        transaction.save(key)
    return row


async def change(
    user_id: str, *, name: str | None = None, handle: str | None = None, own: Mapping[str, str | None] | None = None
) -> User | None:
    """Return the user with another name or handle; None if there is none, or the issuer keeps the name.

    `own` has `title` and `time_zone`, `handle` is "" for none: what is None or missing in these stays, but None in
    `own` removes. Raises `Invalid` (`handle`) for one that is somebody else's.
    """

    def decide(row: UserRow | None) -> _Change | None:
        if row is None or (user := row.as_user()).is_removed or (name and user.issuer_updated_at is not None):
            return None
        actions = [set_or_remove(_OWN[field], value) for field, value in (own or {}).items()]
        return _Change(name or user.name, user.handle if handle is None else handle or None, actions, _place_of(user))

    return await _write(user_id, decide)


async def follow_issuer(
    user_id: str, *, version: int, name: str, more: Mapping[str, str | None] | None = None
) -> User | None:
    """Return the user as the issuer tells of them, created if need be; None if a later state is known, or they left.

    `version` is when the issuer had this state, in milliseconds since 1970. `more` has the `email` and the `image_url`;
    None removes one, what it lacks stays.
    """

    def decide(row: UserRow | None) -> _Change | None:
        user = row.as_user() if row else None
        if user and (user.is_removed or (user.issuer_updated_at is not None and user.issuer_updated_at >= version)):
            return None
        fields: list[Action] = [set_or_remove(_ISSUERS[field], value) for field, value in (more or {}).items()]
        told: list[Action] = [UserRow.issuer_updated_at.set(version), *fields]
        return _Change(name, user.handle, told, _place_of(user)) if user else _Change(name, None, told)

    return await _write(user_id, decide)


async def remove(user_id: str, *, name: str | None = None, unless_active: bool = False) -> User | None:
    """Return the user, removed for good: `name`, or theirs, is left. None for one who `unless_active` spares."""
    private = (UserRow.email, UserRow.image_url, UserRow.picture_id, UserRow.addable_by, UserRow.role)
    gone = (*private, *_OWN.values(), *STATUS.values())

    def decide(row: UserRow | None) -> _Change | None:
        if unless_active and (row is None or row.as_user().is_active):
            return None
        called = name or (row.name if row else stand_in_name(user_id))
        removal = UserRow.removed_at.set(UserRow.removed_at | now())
        actions: list[Action] = [removal, *(attribute.remove() for attribute in gone)]
        return _Change(called, None, actions, NOWHERE)

    return await _write(user_id, decide)


async def index(user_id: str) -> None:
    """Write the keys of a user who has none: a former version has created or renamed them, or they were set aside."""
    row = await _read(user_id)
    if row and row.keyed_name != row.name and row.as_user().is_active:
        await index_row(row)


async def set_aside(user_id: str) -> None:
    """Take the keys of a user who is deactivated away, until `index` writes them again."""

    def decide(row: UserRow | None) -> _Change | None:
        user = row.as_user() if row else None
        is_found = user is not None and not user.is_removed and _place_of(user) == ASIDE
        return _Change(user.name, user.handle, [], ASIDE) if user and is_found else None

    await _write(user_id, decide)


def _place_of(user: User) -> str:
    return ASIDE if user.is_deactivated else LISTED


async def index_row(row: UserRow) -> bool:
    """Write the keys of a user, whose profile this is, to its table; return False if it has changed meanwhile."""
    keys = key_rows(row.user_id, row.name, row.handle)
    change = _Change(row.name, row.handle, [])
    try:
        await store.call(_transact, row.user_id, row, change, _naming(row.user_id, row, change, len(keys)), keys)
    except store.ConditionFailed:
        return False
    return True


async def set_addable_by(user_id: str, addable_by: str) -> User | None:
    """Return the user, whom others may add as this says; None if there is no such user."""
    return await _update(user_id, [UserRow.addable_by.set(addable_by)])


async def set_preferences(user_id: str, changes: Mapping[str, str]) -> User | None:
    """Return the user with these preferences, by their names in `Preferences`; None if there is no such user."""
    return await _update(user_id, [_PREFERENCES[name].set(value) for name, value in changes.items()])


async def set_picture(user_id: str, picture_id: str | None, *, instead_of: str | None) -> User | None:
    """Return the user with another picture; None if the picture is not `instead_of`, or is not kept here."""
    as_known = UserRow.picture_id == instead_of if instead_of else UserRow.picture_id.does_not_exist()
    kept_here = UserRow.issuer_updated_at.does_not_exist()
    return await _update(user_id, [set_or_remove(UserRow.picture_id, picture_id)], as_known & kept_here)


async def _update(user_id: str, actions: list[Action], condition: Condition | None = None) -> User | None:
    row = UserRow(user_id, PROFILE)
    present = UserRow.user_id.exists() & UserRow.removed_at.does_not_exist()
    try:
        required = present if condition is None else condition & present
        await store.call(row.update, [*actions, UserRow.updated_at.set(now())], required)
    except store.ConditionFailed:
        return None
    return row.as_user()


# --- names, handles and keys -----------------------------------------------------------------------------------------
async def _write(user_id: str, decide: _Decide) -> User | None:
    """Return the user as `decide` has it, None if it has nothing."""
    for delay in backoff(_ATTEMPTS, base=_BASE, cap=_CAP):
        before = await _read(user_id)
        change = decide(before)
        if change is None:
            return None
        if change.handle and handles.key_of(change.handle) != handles.key_of(before.handle if before else None):
            await handles.require_free(change.handle, user_id)
        try:
            user = await _store(user_id, before, change)
        except store.ConditionFailed:
            await asyncio.sleep(delay)
            continue
        await _free_former(user_id, before, user)
        return user
    raise Unavailable


async def _read(user_id: str) -> UserRow | None:
    key = (user_id, PROFILE)
    return (await models.load([key])).get(key)


async def _store(user_id: str, before: UserRow | None, change: _Change) -> User:
    """Write the change if the profile is still as it was; raises `ConditionFailed`."""
    row, moment = UserRow(user_id, PROFILE), now()
    common = [*change.actions, UserRow.created_at.set(UserRow.created_at | moment), UserRow.updated_at.set(moment)]
    if before is not None and _is_named(before, change):
        await store.call(row.update, common, _is_as(before))
        return row.as_user()
    keys = key_rows(user_id, change.name, change.handle) if change.place == LISTED else []
    await store.call(_transact, user_id, before, change, [*common, *_naming(user_id, before, change, len(keys))], keys)
    stored = await models.get(user_id)
    assert stored is not None
    return stored


def _is_named(before: UserRow, change: _Change) -> bool:
    named = (before.name, before.handle, before.keyed_name) == (change.name, change.handle, change.name)
    return named and change.place == LISTED


def _naming(user_id: str, before: UserRow | None, change: _Change, count: int) -> list[Action]:
    """Return the updates of a profile's name, handle and place in the list."""
    actions: list[Action] = [
        UserRow.name.set(change.name),
        set_or_remove(UserRow.keyed_name, change.name if change.place == LISTED else None),
        UserRow.key_count.set(count),
        set_or_remove(UserRow.handle, change.handle),
    ]
    if before is not None and before.handle and handles.key_of(before.handle) != handles.key_of(change.handle):
        actions.append(UserRow.former_handle.set(handles.key_of(before.handle)))
    return [*actions, *place_actions(user_id, change.name, change.place)]


def _transact(
    user_id: str, before: UserRow | None, change: _Change, actions: list[Action], keys: list[UserRow]
) -> None:
    table = type(before) if before is not None else UserRow
    with TransactWrite(connection=store.connection()) as transaction:
        transaction.update(table(user_id, PROFILE), actions=actions, condition=_is_as(before))
        for key in keys:
            transaction.save(table(**key.attribute_values))
        for surplus in surplus_key_rows(user_id, len(keys), before.key_count if before else None):
            transaction.delete(table(**surplus.attribute_values))
        handles.move(transaction, user_id, old=before.handle if before else None, new=change.handle)


async def _free_former(user_id: str, before: UserRow | None, user: User) -> None:
    """Free the handle that the user had before the one that they have just given up."""
    if before is None or not before.former_handle or not before.handle:
        return
    kept = (handles.key_of(before.handle), before.former_handle)
    if handles.key_of(user.handle) not in kept:
        await handles.free(before.former_handle, user_id)


def _is_as(before: UserRow | None) -> Condition:
    """Return the condition that nothing of a profile has changed by which a change of its name is decided."""
    if before is None:
        return UserRow.user_id.does_not_exist()
    return reduce(and_, (_equals(getattr(UserRow, name), getattr(before, name)) for name in _DECISIVE))


def _equals(attribute: Attribute[Any], value: Any) -> Condition:
    return attribute.does_not_exist() if value is None else attribute == value


def set_or_remove(attribute: Attribute[Any], value: str | None) -> Action:
    return attribute.remove() if value is None else attribute.set(value)
