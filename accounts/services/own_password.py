"""One's own password, asked for again: a session alone may have been taken from its owner."""

import time

from accounts import attempts, hashing
from accounts.access import require_account
from accounts.account import Account
from foundation.errors import Invalid
from users.actor import Actor
from workspace import audit

_WRONG = "That is not your password."
_NEEDED = "Sign in anew, and come back within five minutes."
# Whoever has just signed in elsewhere has proven who they are. In seconds.
RECENT = 300


async def require_own_proof(actor: Actor, password: str | None) -> Account:
    """Return the actor's account, if this is its password or, where it has none, the session began just now.

    Raises `Invalid` with the field `password`, `NotFound`, `RateLimited`, `Unavailable`.
    """
    account = await require_account(actor)
    if account.has_password:
        await require_own_password(account, password or "")
    elif not is_recent(actor):
        raise Invalid(_NEEDED, fields={"password": [_NEEDED]})
    return account


def is_recent(actor: Actor) -> bool:
    """Return whether the actor's session began so lately that it proves who they are."""
    return actor.started_at is not None and time.time() - actor.started_at < RECENT


async def require_own_password(account: Account, password: str, *, field: str = "password") -> None:
    """Raise `Invalid` with the field unless this is the account's password; `RateLimited`, `Unavailable`."""
    await attempts.count_own_password(account.user_id)
    is_right, _ = await hashing.check_password(password, account.password)
    if not is_right:
        await audit.record("password.refused", by=account.user_id)
        raise wrong_password(field)


def wrong_password(field: str) -> Invalid:
    return Invalid(_WRONG, fields={field: [_WRONG]})
