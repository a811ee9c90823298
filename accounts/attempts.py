"""Bounds how often passwords and codes are guessed, so that whoever guesses locks nobody out for long.

Attempts count before anything is hashed, right ones too. A browser that has signed in before has a device token: its
attempts count for itself, and with those of the account's other devices: each sign-in makes one. So somebody who tries
a sign-in name from everywhere uses up what strangers have of it, and not what its owner has on a device of their own.
With another password or second factor all devices are strangers until they sign in again. Links of administrators work
all the same.
"""

from django.core import signing

from foundation.ids import new_id
from foundation.limits import shared

from .account import Account

_SALT = "accounts.device"
DEVICE_SECONDS = 365 * 24 * 3600
MAX_DEVICE_LENGTH = 400


def new_device(account: Account) -> str:
    """Return the token of a device that has signed in to this account; void with another password or second factor."""
    known = {"login": account.login, "id": new_id("dev"), "mark": account.proof_mark}
    return signing.dumps(known, salt=_SALT)


def known_device(device: str | None, account: Account | None) -> str | None:
    """Return which device of this account this is, None for that of a stranger."""
    if not device or len(device) > MAX_DEVICE_LENGTH:
        return None
    try:
        told = signing.loads(device, salt=_SALT, max_age=DEVICE_SECONDS)
    except signing.BadSignature:
        return None
    is_known = account is not None and (told["login"], told.get("mark")) == (account.login, account.proof_mark)
    return str(told["id"]) if is_known else None


async def count_password(*, login: str, address: str, known: str | None) -> None:
    """Count an attempt to sign in with this sign-in name, whether anybody has it or not; `known` is a known device.

    Raises `RateLimited`, and `Unavailable` while nobody can count.
    """
    if known:
        await shared.count(["password"], f"device:{known}")
        await shared.count(["password_of_devices"], f"login:{login}")
        return
    await shared.count(["password"], f"login:{login} {address}")
    await shared.count(["password_of_strangers"], f"login:{login}")


async def count_mail(*, login: str, address: str) -> None:
    """Count a mail to whoever has this sign-in name, if anybody has it; raises as `count_password`."""
    await shared.count(["password"], f"mail {address}")
    await shared.count(["reset_mail"], f"login:{login}")


async def count_code(user_id: str, *, known: str | None) -> None:
    """Count a code of somebody whose password was right; raises as `count_password`.

    Here too a known device has a count of its own: whoever has found a password out keeps its owner from nothing.
    """
    if known:
        await shared.count(["second_factor"], f"device:{known}")
        await shared.count(["second_factor_of_devices"], f"account:{user_id}")
        return
    await shared.count(["second_factor"], f"account:{user_id}")


async def count_passkey(passkey_id: str, *, address: str) -> None:
    """Count an answer that claims to be of a passkey, whether there is one or not; raises as `count_password`."""
    await shared.count(["password"], f"passkey:{passkey_id} {address}")


async def count_own_password(user_id: str) -> None:
    """Count a password that a signed-in user is asked for again; raises as `count_password`."""
    await shared.count(["own_password"], f"account:{user_id}")
