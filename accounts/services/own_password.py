"""One's own password, asked for again: a session alone may have been taken from its owner."""

from accounts import attempts, hashing
from accounts.models import Account
from foundation.errors import Invalid
from workspace import audit

_WRONG = "That is not your password."


async def require_own_password(account: Account, password: str, *, field: str = "password") -> None:
    """Raise `Invalid` with the field unless this is the account's password; `RateLimited`, `Unavailable`."""
    await attempts.count_own_password(account.user_id)
    is_right, _ = await hashing.check_password(password, account.password)
    if not is_right:
        await audit.record("password.refused", by=account.user_id)
        raise wrong_password(field)


def wrong_password(field: str) -> Invalid:
    return Invalid(_WRONG, fields={field: [_WRONG]})
