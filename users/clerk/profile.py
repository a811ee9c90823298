"""A user as Clerk's webhooks and Backend API describe them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from foundation.errors import Invalid
from users.names import clean_image_url, clean_name, clean_text, is_user_id

# The year 287396: a number that the store can hold.
_MAX_TIME = 2**53


@dataclass(frozen=True, slots=True)
class Profile:
    """What this server keeps of Clerk's user; `updated_at` is in milliseconds since 1970."""

    user_id: str
    updated_at: int
    name: str | None
    email: str | None
    image_url: str | None


def parse_profile(user: Any) -> Profile:
    """Return the profile of Clerk's user object; raises `Invalid` if it is none."""
    updated_at = user.get("updated_at") if isinstance(user, Mapping) else None
    if not isinstance(updated_at, int) or isinstance(updated_at, bool) or not 0 <= updated_at < _MAX_TIME:
        raise Invalid("The user has no updated_at.")
    return Profile(
        user_id=parse_user_id(user.get("id")),
        updated_at=updated_at,
        name=_name(user),
        email=_primary_email(user),
        image_url=clean_image_url(user.get("image_url")),
    )


def parse_user_id(value: Any) -> str:
    """Return the id; raises `Invalid` unless it is one."""
    if not isinstance(value, str) or not is_user_id(value):
        raise Invalid("The user has no id that this server can take.")
    return value


def _name(user: Mapping[str, Any]) -> str | None:
    """Return what the claim `{{user.full_name}}` is, or else the username."""
    parts = [clean_name(user.get(part)) for part in ("first_name", "last_name")]
    return clean_name(" ".join(part for part in parts if part)) or clean_name(user.get("username"))


def _primary_email(user: Mapping[str, Any]) -> str | None:
    addresses = user.get("email_addresses")
    for address in addresses if isinstance(addresses, list) else ():
        if isinstance(address, Mapping) and address.get("id") == user.get("primary_email_address_id"):
            return clean_text(address.get("email_address"))
    return None
