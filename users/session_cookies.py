"""The session token among a browser's cookies. Clerk's are two: `__session`, and one with a suffix for its instance.

Several Clerk applications of one domain, or of one machine, overwrite each other's `__session`, so that it may be stale
or another's beside the one with the suffix. Old scripts of Clerk write `__session` alone.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from django.conf import settings

_SUFFIX_LENGTH = 8


def read_session_cookie(cookies: Mapping[str, str]) -> str | None:
    """Return the token to verify, or None: the later one of two, that with a suffix if they are of one time."""
    plain = cookies.get(settings.SESSION_COOKIE)
    name = _suffixed_name(settings.CLERK_PUBLISHABLE_KEY)
    suffixed = None if settings.LOCAL_ISSUER or not name else cookies.get(name)
    if plain and suffixed:
        return suffixed if _issued_at(suffixed) >= _issued_at(plain) else plain
    return suffixed or plain


@cache
def _suffixed_name(publishable_key: str) -> str | None:
    """Return the name that Clerk's script gives the cookie: the first characters of the key's SHA-1, as base64url."""
    if not publishable_key:
        return None
    digest = hashlib.sha1(publishable_key.encode(), usedforsecurity=False).digest()
    return f"{settings.SESSION_COOKIE}_{base64.urlsafe_b64encode(digest).decode()[:_SUFFIX_LENGTH]}"


def _issued_at(token: str) -> float:
    """Return the `iat` that an unverified token claims, -1 if it is none of the configured issuer."""
    try:
        payload = token.split(".")[1]
        claims: Any = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return float(claims["iat"]) if claims["iss"] == settings.CLERK_ISSUER else -1.0
    # It is a stranger's: whatever cannot be read is not chosen, and what is chosen is verified.
    except Exception:
        return -1.0
