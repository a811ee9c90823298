"""Joining: a link makes an account, of somebody new or of somebody whom this server knows already."""

import asyncio
from dataclasses import dataclass

from accounts import hashing, link_models, models
from accounts.access import require_link
from accounts.account import NewAccount
from accounts.link_models import Link
from accounts.login_names import require_login
from accounts.passwords import require_password
from dynamodb.store import ConditionFailed
from foundation.backoff import backoff
from foundation.errors import Invalid, NotFound, Unavailable
from foundation.ids import new_id
from users import selectors as users
from users.names import require_name
from users.roles import OWNER
from workspace import audit
from workspace.services import tell_standing

from . import sessions
from .clients import Client
from .sessions import SignedIn

INVITATIONS = (link_models.OWNER, link_models.INVITATION)
# Others may be joining by the same link at this moment. In seconds.
_ATTEMPTS, _FIRST_WAIT, _LONGEST_WAIT = 8, 0.05, 0.4
_TAKEN = "Somebody has this sign-in name already."


@dataclass(frozen=True, slots=True)
class Welcome:
    """What a link that makes an account is for; `name` is that of somebody whom this server knows already."""

    is_owner: bool
    name: str | None


async def read_invitation(*, token: str) -> Welcome:
    """Return what the page of a link shows; raises `NotFound` for a link that is not valid, or not any more."""
    link = await require_link(token, *INVITATIONS)
    return Welcome(link.kind == link_models.OWNER, await known_name(link))


async def join(*, token: str, login: str, password: str, client: Client, name: str | None = None) -> SignedIn:
    """Make an account by a link, and begin its first session.

    `name` is what others see, and not needed where the link is for somebody whom this server knows. Raises `Invalid`,
    also for a sign-in name that somebody has; `NotFound` for a link that is not valid, or not any more; `Unavailable`.
    """
    link = await require_link(token, *INVITATIONS)
    known = await known_name(link)
    login = require_login(login)
    shown = known or require_name(name or "")
    require_password(password, login, shown)
    if await models.is_taken(login):
        raise _taken()
    hashed = await hashing.hash_password(password)
    user_id = link.user_id or new_id("user")
    new = NewAccount(user_id, login, hashed, None if known else shown, link.email, role_by(link))
    await _create(new, link, token)
    await audit.record("account.create", by=user_id, role=new.role, link=link.id)
    account = await models.get(user_id)
    if account is None:
        raise Unavailable
    if known and new.is_owner:
        await tell_standing(await users.get_user(user_id=user_id))
    return await sessions.begin(account=account, client=client)


def role_by(link: Link) -> str | None:
    """Return the role in the workspace that a link gives to somebody new, None for a member."""
    return OWNER if link.kind == link_models.OWNER else link.role


async def _create(new: NewAccount, link: Link, token: str) -> None:
    """Write the account and that the link was used, all or nothing."""
    for wait in backoff(_ATTEMPTS, base=_FIRST_WAIT, cap=_LONGEST_WAIT):
        try:
            return await models.create(new, also=link_models.use(link, token))
        except ConditionFailed:
            await _require_another_try(token, new.login, new.user_id)
        await asyncio.sleep(wait)
    raise Unavailable


async def _require_another_try(token: str, login: str, user_id: str) -> None:
    """Say why an account could not be written, unless another transaction held the same rows just then."""
    link = await require_link(token, *INVITATIONS)
    if await models.is_taken(login):
        raise _taken()
    if await models.get(user_id) or (link.kind == link_models.OWNER and await models.has_owner()):
        raise NotFound("This link is for somebody who has an account by now.")


async def known_name(link: Link) -> str | None:
    """Return the name of the user whom a link is for, None for somebody new; raises `NotFound` if they are gone."""
    if link.user_id is None:
        return None
    user = (await users.get_users(user_ids=[link.user_id], consistent=True)).get(link.user_id)
    if user is None or not user.is_active:
        raise NotFound("This link is for somebody who is not here any more.")
    return user.name


def _taken() -> Invalid:
    return Invalid(_TAKEN, fields={"login": [_TAKEN]})
