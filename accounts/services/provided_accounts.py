"""The account of somebody whom the provider knows: found, linked by a verified address if that is allowed, or made."""

import re
import secrets
from dataclasses import replace

from django.conf import settings
from django.contrib.auth.hashers import make_password

from accounts import identity_models, link_models, models, provided_role
from accounts.access import require_link
from accounts.account import Account, NewAccount
from accounts.login_names import MAX_LENGTH, is_login
from accounts.oidc.configuration import MADE
from accounts.oidc.identity import Identity, plain_address
from dynamodb.store import ConditionFailed
from foundation.errors import Forbidden, Invalid, NotFound, Unavailable
from foundation.ids import new_id
from foundation.tasks import to_completion
from users import selectors as users
from users.names import require_name
from workspace import audit
from workspace.services import tell_standing

from .joining import INVITATIONS, known_name, role_by

_ATTEMPTS, _PAGE = 5, 100
_NOT_HERE = "You have no account here yet: ask an administrator for an invitation, and join by it."
_NOT_ALLOWED = re.compile("[^a-z0-9._@+-]+")


async def find_or_make(identity: Identity) -> Account:
    """Return the account of an identity; raises `Forbidden` where people must be invited, `Unavailable`."""
    if account := await identity_models.find(identity.id):
        return account
    if settings.OIDC_LINK_BY_EMAIL and identity.email and (account := await _find_by_email(identity.email)):
        return await _link(account, identity)
    if settings.OIDC_ACCOUNTS != MADE:
        raise Forbidden(_NOT_HERE)
    role = provided_role.first_role(identity.names_groups)
    return await _make(identity, NewAccount(new_id("user"), "", _no_password(), shown_name(identity), role=role), "")


async def make_by_link(identity: Identity, token: str) -> Account:
    """Make the account of an identity by an invitation; raises `NotFound` for one that is over, `Invalid`."""
    link = await require_link(token, *INVITATIONS)
    if await identity_models.find(identity.id):
        raise Invalid("You have an account here already: sign in.")
    known = await known_name(link)
    name = None if known else shown_name(identity)
    # The link was mailed there, and may have been passed on: who comes by an identity has what it proves.
    email = link.email if link.email and plain_address(link.email) == identity.email else None
    new = NewAccount(link.user_id or new_id("user"), "", _no_password(), name, email, role_by(link))
    account = await _make(identity, new, token)
    if known and new.is_owner:
        await tell_standing(await users.get_user(user_id=new.user_id))
    return account


@to_completion
async def _make(identity: Identity, new: NewAccount, token: str) -> Account:
    for attempt in range(_ATTEMPTS):
        link = await require_link(token, *INVITATIONS) if token else None
        login = _free_login(identity.login, attempt)
        try:
            await models.create(
                replace(new, login=login, identity=identity.id),
                also=link_models.use(link, token) if link else lambda _: None,
            )
        except ConditionFailed:
            if account := await identity_models.find(identity.id):
                # By another tab of the same browser, at the same moment.
                return account
            if await models.get(new.user_id) or (new.is_owner and await models.has_owner()):
                raise NotFound("This link is for somebody who has an account by now.") from None
            continue
        link_id = link.id if link else None
        await audit.record("account.create", by=new.user_id, role=new.role, link=link_id, identity=True)
        if account := await models.get(new.user_id):
            return account
        break
    raise Unavailable


@to_completion
async def _link(account: Account, identity: Identity) -> Account:
    if not await identity_models.link(account, identity.id):
        raise Forbidden("This account belongs to another identity at the provider.")
    await audit.record("identity.link", by=account.user_id, by_email=True)
    return replace(account, identity=identity.id)


async def _find_by_email(email: str) -> Account | None:
    """Return the one account whose address was proven to be this one; None if there are two.

    All are looked through, which happens once for each person: there is no index of addresses.
    """
    found: list[Account] = []
    after: str | None = None
    while page := await models.list_logins(after=after, limit=_PAGE):
        accounts = await models.get_many(user_id for _, user_id in page)
        found += [each for each in accounts.values() if plain_address(each.email or "") == email]
        after = page[-1][0]
    return found[0] if len(found) == 1 else None


def shown_name(identity: Identity) -> str:
    """Return the name that others see: what the provider calls its user, as far as it may be a name here."""
    for name in (identity.name, identity.login):
        try:
            return require_name(name)
        except Invalid:
            continue
    return "Somebody new"


def _free_login(wanted: str, attempt: int) -> str:
    """Return a sign-in name like the one at the provider; another one after the first attempt, for it is taken."""
    base = _NOT_ALLOWED.sub("", wanted.lower())[: MAX_LENGTH - 8].strip("._@+-")
    login = base if attempt == 0 else f"{base or 'user'}-{secrets.token_hex(3)}"
    return login if is_login(login) else f"user-{secrets.token_hex(6)}"


def _no_password() -> str:
    """Return what stands in place of a hash: random, so that links and challenges of this account are told apart."""
    return make_password(None)
