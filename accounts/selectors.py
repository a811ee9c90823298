"""Reads of accounts on behalf of a caller. Each raises `Unavailable` while DynamoDB is down."""

import time
from dataclasses import dataclass, replace

from foundation.cursors import encode_cursor
from foundation.ids import iso_time
from users.actor import Actor
from users.revoked import revoked_sessions
from users.selectors import get_users
from users.user import User

from . import link_models, makers, models, passkey_models, session_models
from .access import require_account, require_administrator
from .account import Account
from .link_models import Link
from .passkey_models import Passkey
from .session_models import Session

PAGE = 50


@dataclass(frozen=True, slots=True)
class OwnAccount:
    account: Account
    role: str
    may_administer: bool

    def as_wire(self) -> dict[str, object]:
        """Return `{"userId", "login", "role", "email"?, "secondFactor", "authenticator", "passkeys", "recoveryCodes",
        "hasPassword", "linked", "mayAdminister"}`.
        """
        return {
            **({"email": self.account.email} if self.account.email else {}),
            "userId": self.account.user_id,
            "login": self.account.login,
            "role": self.role,
            "secondFactor": self.account.has_second_factor,
            "authenticator": self.account.totp is not None,
            "passkeys": len(self.account.passkeys),
            "recoveryCodes": self.account.recovery_codes,
            "hasPassword": self.account.has_password,
            "linked": self.account.identity is not None,
            "mayAdminister": self.may_administer,
        }


@dataclass(frozen=True, slots=True)
class ListedAccount:
    account: Account
    user: User

    def as_wire(self) -> dict[str, object]:
        """Return `{"userId", "login", "name", "role", "secondFactor", "createdAt"}`."""
        return {
            "userId": self.user.id,
            "login": self.account.login,
            "name": self.user.name,
            "role": self.user.role,
            "secondFactor": self.account.has_second_factor,
            "createdAt": iso_time(self.account.created_at),
        }


@dataclass(frozen=True, slots=True)
class AccountPage:
    """A page of accounts with their users, sorted by sign-in name."""

    accounts: list[ListedAccount]
    next_cursor: str | None


async def get_own_account(*, actor: Actor) -> OwnAccount:
    """Return the actor's own account; raises `NotFound`."""
    account = await require_account(actor)
    return OwnAccount(account, actor.role, actor.is_administrator)


async def list_sessions(*, actor: Actor) -> list[Session]:
    """Return the actor's sessions that have not ended, the latest first; raises `NotFound`.

    Also one whose tokens that were seen have expired: it may have a renewed one, which is kept for later.
    """
    account = await require_account(actor)
    ended, now = revoked_sessions(), time.time()
    stored = await session_models.list_of(account.user_id)
    return [session for session in stored if session.ends_at > now and session.id not in ended]


async def list_passkeys(*, actor: Actor) -> list[Passkey]:
    """Return the actor's passkeys, the oldest first; raises `NotFound`."""
    return await passkey_models.list_of(await require_account(actor))


async def list_invitations(*, actor: Actor) -> list[Link]:
    """Return the invitations that are not over, the latest first, also void ones; raises `Forbidden`, `NotFound`."""
    await require_administrator(actor)
    links = await link_models.list_invitations()
    void = await makers.find_void(links)
    return [replace(link, is_void=link.id in void) for link in links]


async def list_accounts(*, actor: Actor, cursor: tuple[str, ...] | None = None) -> AccountPage:
    """Return a page of all accounts; raises `Forbidden`, `NotFound`."""
    await require_administrator(actor)
    found = await models.list_logins(after=cursor[0] if cursor else None, limit=PAGE + 1)
    ids = [user_id for _, user_id in found[:PAGE]]
    accounts, users = await models.get_many(ids), await get_users(user_ids=ids, consistent=True)
    both = [user_id for user_id in ids if user_id in accounts and user_id in users]
    page = [ListedAccount(accounts[user_id], users[user_id]) for user_id in both]
    return AccountPage(page, encode_cursor(found[PAGE - 1][0]) if len(found) > PAGE else None)
