"""What administrators do: settings, roles, and who may come in. Each raises `Unavailable` while a store is down.

A change holds everywhere within two seconds: every process hears of it as of a session that ends (`users.revoked`).
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from foundation.backoff import backoff
from foundation.errors import Forbidden, Invalid, NotFound, Unavailable
from foundation.tasks import run_to_completion
from users import profile_changes, profiles, standings
from users import selectors as users
from users.actor import Actor
from users.own_rows import erase_own_rows
from users.revoked import revoked_sessions
from users.roles import MEMBER, OWNER, RANK
from users.user import User

from . import audit, models, policies
from .roles import may_deactivate, may_give_role, require_administrator
from .settings import Workspace

REMOVED_NAME = "Removed user"
_ATTEMPTS, _BASE, _CAP = 6, 0.02, 0.3
_NOT_YOURS = "Their role is not below yours: ask an owner of the workspace."

_End = Callable[[str], Awaitable[object]]
# What apps above end or erase of somebody, by user id; each may be called again.
_ended_with: list[_End] = []
_erased_with: list[_End] = []


async def change_settings(*, actor: Actor, name: str | None = None, **audiences: str) -> Workspace:
    """Change what is given of the settings, and return all; an empty name is the product's own.

    `audiences` has, by what `settings.DEFAULTS` permits, one of `settings.AUDIENCES`. Raises `Forbidden`.
    """
    require_administrator(actor)
    given: dict[str, str | None] = dict(audiences) if name is None else {**audiences, "name": name or None}
    return await run_to_completion(_change_settings(actor, given))


async def _change_settings(actor: Actor, given: dict[str, str | None]) -> Workspace:
    changed = await models.change(given)
    await audit.record("workspace.settings", by=actor, **given)
    _require_told(await policies.tell(changed))
    return changed


async def set_logo(*, actor: Actor, logo_id: str | None) -> str | None:
    """Have this picture, None for none, be the logo, and return the id of the one that it replaces.

    Raises `Forbidden`, `Unavailable`.
    """
    require_administrator(actor)
    return await run_to_completion(_set_logo(actor, logo_id))


async def _set_logo(actor: Actor, logo_id: str | None) -> str | None:
    for delay in backoff(_ATTEMPTS, base=_BASE, cap=_CAP):
        former = (await models.load()).logo_id
        if changed := await models.replace_logo(logo_id, instead_of=former):
            await audit.record("workspace.logo", by=actor, logo=logo_id)
            _require_told(await policies.tell(changed))
            return former
        await asyncio.sleep(delay)
    raise Unavailable


def end_also(end: _End) -> None:
    """Have this called with each user who is deactivated."""
    if end not in _ended_with:
        _ended_with.append(end)


def erase_also(erase: _End) -> None:
    """Have this called with each user of whom nothing but what they wrote is to be left."""
    if erase not in _erased_with:
        _erased_with.append(erase)


async def change_role(*, actor: Actor, user_id: str, role: str) -> User:
    """Give a user another role in the workspace and return them.

    Raises `Forbidden` unless `roles.may_give_role`, also for the last owner; `NotFound` for somebody unknown.
    """
    _require_right_to_try(actor, user_id)
    return await run_to_completion(_change_role(actor, user_id, role))


async def _change_role(actor: Actor, user_id: str, role: str) -> User:
    for delay in backoff(_ATTEMPTS, base=_BASE, cap=_CAP):
        user = await _require_user(user_id)
        if not may_give_role(actor, user, role):
            raise Forbidden(_NOT_YOURS)
        # Done already, but perhaps neither noted nor told everywhere.
        if (user.stored_role or MEMBER) == role:
            await audit.record("role.change", by=actor, user=user_id, role=role)
            return await tell_standing(user)
        if changed := await standings.write(user, role=role, is_deactivated=user.is_deactivated):
            await audit.record("role.change", by=actor, user=user_id, role=role, former=user.role)
            return await tell_standing(changed)
        await asyncio.sleep(delay)
    raise Unavailable


async def set_role_by_operator(*, user_id: str, role: str) -> User:
    """Give a user a role, for whoever runs the server; raises `Forbidden` for the last owner, `NotFound`."""
    for delay in backoff(_ATTEMPTS, base=_BASE, cap=_CAP):
        user = await _require_user(user_id)
        if changed := await standings.write(user, role=role, is_deactivated=user.is_deactivated):
            await audit.record("role.change", by="operator", user=user_id, role=role, former=user.role)
            _require_told(await revoked_sessions().change_user(changed.id, changed.standing))
            return changed
        await asyncio.sleep(delay)
    raise Unavailable


async def set_role_by_provider(*, user_id: str, role: str, only_lower: bool = False) -> None:
    """Give a user the role that the provider's groups mean, unless they are an owner, who stays one.

    Nothing happens to who has it, is out, or unknown; nor, with `only_lower`, to who has a lower one. Raises
    `Unavailable`.
    """
    await run_to_completion(_set_role_by_provider(user_id, role, only_lower))


async def _set_role_by_provider(user_id: str, role: str, only_lower: bool) -> None:
    tried_from: str | None = None
    for delay in backoff(_ATTEMPTS, base=_BASE, cap=_CAP):
        user = (await users.get_users(user_ids=[user_id], consistent=True)).get(user_id)
        if user is None or not user.is_active or user.stored_role == OWNER:
            return None
        former = user.stored_role or MEMBER
        if former == role or (only_lower and RANK[former] < RANK[role]):
            await _confirm_role(user, tried_from if former == role else None)
            return None
        tried_from = former
        # A write whose answer is lost may have been made: the next look says so.
        changed = None
        with suppress(Unavailable):
            changed = await standings.write(user, role=role, is_deactivated=False)
        if changed:
            return await _note_role(changed, former)
        await asyncio.sleep(delay)
    raise Unavailable


async def _confirm_role(user: User, tried_from: str | None) -> None:
    """Tell of a role that a user has already; `tried_from` is their former one, if it was changed just now."""
    if tried_from is not None:
        await _note_role(user, tried_from)
    elif user.standing:
        # It was changed once, perhaps without that being told everywhere.
        _require_told(await revoked_sessions().change_user(user.id, user.standing))


async def _note_role(user: User, former: str) -> None:
    await audit.record("role.change", by="provider", user=user.id, role=user.stored_role or MEMBER, former=former)
    await tell_standing(user)


async def deactivate(*, actor: Actor, user_id: str) -> User:
    """Keep a user out: everything of theirs ends within two seconds, what they wrote stays; return them.

    Raises `Forbidden` unless `roles.may_deactivate`, also for the last owner; `NotFound` for somebody unknown;
    `Unavailable` also when some process may not hear of it: repeat it.
    """
    _require_right_to_try(actor, user_id)
    return await run_to_completion(_deactivate(actor, user_id))


async def _deactivate(actor: Actor, user_id: str) -> User:
    user = await _set_deactivated(actor, user_id, True)
    await audit.record("user.deactivate", by=actor, user=user_id)
    is_told = await revoked_sessions().deactivate_user(user_id)
    # Also if Redis is down: this is written once it is back.
    told = await tell_standing(user)
    _require_told(is_told)
    await profiles.set_aside(user_id)
    for end in _ended_with:
        await end(user_id)
    return told


async def reactivate(*, actor: Actor, user_id: str) -> User:
    """Let a deactivated user in again, in the groups that they were in, and return them; raises as `deactivate`."""
    _require_right_to_try(actor, user_id)
    return await run_to_completion(_reactivate(actor, user_id))


async def _reactivate(actor: Actor, user_id: str) -> User:
    user = await _set_deactivated(actor, user_id, False)
    await audit.record("user.reactivate", by=actor, user=user_id)
    await profiles.index(user_id)
    _require_told(await revoked_sessions().reinstate_user(user_id))
    return await tell_standing(user)


async def _set_deactivated(actor: Actor, user_id: str, is_deactivated: bool) -> User:
    for delay in backoff(_ATTEMPTS, base=_BASE, cap=_CAP):
        user = await _require_user(user_id)
        if not may_deactivate(actor, user):
            raise Forbidden(_NOT_YOURS)
        # Done already, but perhaps not told everywhere.
        if user.is_deactivated == is_deactivated:
            return user
        if changed := await standings.write(user, role=user.stored_role or MEMBER, is_deactivated=is_deactivated):
            return changed
        await asyncio.sleep(delay)
    raise Unavailable


async def remove_personal_data(*, actor: Actor, user_id: str) -> User:
    """Remove what is known of a deactivated user but what they wrote, for good, and return what is left.

    Their name becomes `REMOVED_NAME`; e-mail, picture, handle and the rest of the profile go, and so do their own rows,
    such as drafts, and their account. Raises as `deactivate`, and `Invalid` unless they are deactivated.
    """
    _require_right_to_try(actor, user_id)
    return await run_to_completion(_remove(actor, user_id))


async def _remove(actor: Actor, user_id: str) -> User:
    user = (await users.get_users(user_ids=[user_id], consistent=True)).get(user_id)
    if user is None:
        raise NotFound
    if not may_deactivate(actor, user):
        raise Forbidden(_NOT_YOURS)
    gone = await profiles.remove(user_id, name=REMOVED_NAME, unless_active=True)
    if gone is None:
        raise Invalid("Deactivate them first: what is removed is gone.")
    await standings.drop_owner(user_id)
    await audit.record("user.remove", by=actor, user=user_id)
    _require_told(await revoked_sessions().revoke_user(user_id))
    profile_changes.tell(gone)
    for erase in _erased_with:
        await erase(user_id)
    await erase_own_rows(user_id)
    return gone


def _require_right_to_try(actor: Actor, user_id: str) -> None:
    """Raise `Forbidden` before anything is read: whether somebody exists shows to administrators alone."""
    if user_id != actor.user_id:
        require_administrator(actor)


async def _require_user(user_id: str) -> User:
    user = (await users.get_users(user_ids=[user_id], consistent=True)).get(user_id)
    if user is None or user.is_removed:
        raise NotFound
    return user


async def tell_standing(user: User) -> User:
    """Tell every process, the user's own connections, and who sees them; return the user."""
    _require_told(await revoked_sessions().change_user(user.id, user.standing))
    profile_changes.tell(user)
    return user


def _require_told(told: bool) -> None:
    if not told:
        raise Unavailable("Redis is down: it holds in this process alone. Repeat it.")
