"""The provider's token by which it says that somebody has signed out there (Back-Channel Logout 1.0, 2.4 to 2.6)."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from joserfc import jwt
from joserfc.errors import JoseError

from foundation.errors import Invalid, Unauthenticated
from users.keys import KeySet
from users.tokens import Verifier

from .client import FORBIDDEN_HEADERS, MAX_TOKEN_BYTES, RS256

logger = logging.getLogger(__name__)
_EVENT = "http://schemas.openid.net/event/backchannel-logout"
# "JWT" and none at all are those of providers that came before the type.
_TYPES = frozenset(("LOGOUT+JWT", "APPLICATION/LOGOUT+JWT", "JWT"))
# In seconds: one that is older was kept by somebody.
MAX_AGE = 300
_MAX_LENGTH = 255
_REFUSED = "This is no logout token of the provider for this server."


@dataclass(frozen=True, slots=True)
class LogoutToken:
    """Who has signed out: a user, or a session, or both; `id` is the token's own. Times in seconds since 1970."""

    id: str
    subject: str | None
    session: str | None
    issued_at: int


async def verified(token: str, keys: KeySet) -> LogoutToken:
    """Return what a token says; raises `Invalid` for one that proves nothing, `Unavailable` without the keys."""
    verifier = Verifier(settings.OIDC_ISSUER, frozenset(), keys, settings.TOKEN_LEEWAY)
    try:
        key = await verifier.find_key(token, max_bytes=MAX_TOKEN_BYTES, types=_TYPES)
        decoded = jwt.decode(token, key, registry=RS256)
        if FORBIDDEN_HEADERS & decoded.header.keys():
            raise ValueError("a forbidden header parameter")
        return _read(decoded.claims)
    # Whatever the bytes of somebody else do to the parsers, they prove nothing.
    except (Unauthenticated, JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        logger.warning("A logout token was refused: %s", repr(error)[:200])
        raise Invalid(_REFUSED, fields={"logout_token": [_REFUSED]}) from error


def _read(claims: Mapping[str, Any]) -> LogoutToken:
    """Return what the claims say; raises `ValueError` where they are none of a logout token for this server."""
    audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
    if claims["iss"] != settings.OIDC_ISSUER or settings.OIDC_CLIENT_ID not in audience:
        raise ValueError("a token of another issuer, or for somebody else")
    if not isinstance(claims["events"][_EVENT], dict) or "nonce" in claims:
        # With a nonce it could be an ID token.
        raise ValueError("no logout token")
    issued_at, now = _time(claims["iat"]), time.time()
    if not now - MAX_AGE - settings.TOKEN_LEEWAY <= issued_at <= now + settings.TOKEN_LEEWAY:
        raise ValueError("a token of another time")
    if "exp" in claims and _time(claims["exp"]) <= now - settings.TOKEN_LEEWAY:
        raise ValueError("a token that has expired")
    subject, session = _text(claims.get("sub")), _text(claims.get("sid"))
    token_id = _text(claims["jti"])
    if token_id is None or (subject is None and session is None):
        raise ValueError("a token that names nobody, or has no id")
    return LogoutToken(token_id, subject, session, issued_at)


def _time(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**53:
        raise ValueError("no time")
    return int(value)


def _text(value: object) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not 0 < len(value) <= _MAX_LENGTH:
        raise ValueError("no name")
    return value
