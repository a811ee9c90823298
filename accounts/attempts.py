"""Bounds how often passwords and codes are guessed, so that whoever guesses locks nobody out for long.

Attempts count before anything is hashed, right ones too. A browser that has signed in before has a device token: its
attempts count for itself. So somebody who tries a sign-in name from everywhere uses up what strangers have of it, and
not what its owner has on a device of their own. Links of administrators work all the same.
"""

from django.core import signing

from foundation.ids import new_id
from foundation.limits import shared

_SALT = "accounts.device"
DEVICE_SECONDS = 365 * 24 * 3600
MAX_DEVICE_LENGTH = 400


def new_device(login: str) -> str:
    """Return the token of a device that has signed in with this sign-in name."""
    return signing.dumps({"login": login, "id": new_id("dev")}, salt=_SALT)


def _device_id(device: str | None, login: str) -> str | None:
    """Return which device this is, None unless it has signed in with this sign-in name."""
    if not device or len(device) > MAX_DEVICE_LENGTH:
        return None
    try:
        known = signing.loads(device, salt=_SALT, max_age=DEVICE_SECONDS)
    except signing.BadSignature:
        return None
    return str(known["id"]) if known["login"] == login else None


async def count_password(*, login: str, address: str, device: str | None) -> None:
    """Count an attempt to sign in with this sign-in name, whether anybody has it or not.

    Raises `RateLimited`, and `Unavailable` while nobody can count.
    """
    if known := _device_id(device, login):
        await shared.count(["password"], f"device:{known}")
        return
    await shared.count(["password"], f"login:{login} {address}")
    await shared.count(["password_of_strangers"], f"login:{login}")


async def count_mail(*, login: str, address: str) -> None:
    """Count a mail to whoever has this sign-in name, if anybody has it; raises as `count_password`."""
    await shared.count(["password"], f"mail {address}")
    await shared.count(["reset_mail"], f"login:{login}")


async def count_code(*, user_id: str, login: str, device: str | None) -> None:
    """Count a code of somebody whose password was right; raises as `count_password`.

    Here too a known device has a count of its own: whoever has found a password out keeps its owner from nothing.
    """
    known = _device_id(device, login)
    await shared.count(["second_factor"], f"device:{known}" if known else f"account:{user_id}")


async def count_own_password(user_id: str) -> None:
    """Count a password that a signed-in user is asked for again; raises as `count_password`."""
    await shared.count(["own_password"], f"account:{user_id}")
