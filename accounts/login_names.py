"""Sign-in names: what somebody types to sign in, beside the name that others see."""

import re

from foundation.errors import Invalid

MAX_LENGTH = 64
_ALLOWED = re.compile(r"[a-z0-9](?:[a-z0-9._@+-]{0,62}[a-z0-9])")
_RULE = (
    f"A sign-in name has 2 to {MAX_LENGTH} letters (a to z), digits or . _ @ + -, and begins and ends with one of the"
    " first two."
)


def login_key(typed: str) -> str:
    """Return what identifies a sign-in name: case and spaces around it do not count."""
    return typed.strip().lower()


def is_login(key: str) -> bool:
    """Return whether somebody may have this sign-in name."""
    return _ALLOWED.fullmatch(key) is not None


def require_login(typed: str) -> str:
    """Return a sign-in name as it is stored; raises `Invalid` with the field `login`.

    ASCII alone: two names that look the same would be a trap for whoever gives somebody rights by it.
    """
    key = login_key(typed)
    if not is_login(key):
        raise Invalid(_RULE, fields={"login": [_RULE]})
    return key
