"""Stands in for Clerk where Clerk is not configured: a key pair, its JWKS, and session tokens of the same shape.

It signs for a trial, where whoever types a name is that person, and for accounts of this server's own.
"""

import hashlib
import secrets
import time
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from foundation.created_files import create_file
from foundation.ids import new_id

from .names import name_key

# Not the server's address: a token from `manage.py token` is valid whatever port the server uses. The installation's
# own key proves who issued it.
ISSUER = "https://local-issuer.invalid"
# Another one for accounts: a token of a trial, which anybody could have made, is not worth anything there.
_ACCOUNTS_ISSUER = "https://local-accounts.invalid"
_FILE = "local-issuer.pem"
_MIN_KEY_BITS = 2048
_BASE_62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def issuer() -> str:
    """Return the `iss` of the tokens."""
    return ISSUER if signs_in_by_name() else _ACCOUNTS_ISSUER


def signs_in_by_name() -> bool:
    """Return whether this is a trial: anybody is whoever they say."""
    return bool(settings.LOCAL_ISSUER and settings.SIGN_IN == "trial")


@cache
def key_pair() -> RSAKey:
    """Return this installation's key pair, created by the first process that needs it; its `kid` is its thumbprint.

    Raises `ImproperlyConfigured` if LOCAL_ISSUER_KEY, or else the file, is damaged.
    """
    if settings.LOCAL_ISSUER_KEY:
        return parse_setting(settings.LOCAL_ISSUER_KEY)
    path = settings.LOCAL_STATE_DIR / _FILE
    if not path.exists():
        create_file(path, RSAKey.generate_key(_MIN_KEY_BITS).as_pem(private=True))
    return _parse(path.read_bytes(), str(path), "remove it, and a new one is made")


def parse_setting(pem: str) -> RSAKey:
    """Return the key of LOCAL_ISSUER_KEY; raises `ImproperlyConfigured`."""
    return _parse(pem.encode(), "LOCAL_ISSUER_KEY", "give one as PEM")


def _parse(pem: bytes, where: str, advice: str) -> RSAKey:
    try:
        key = RSAKey.import_key(pem)
    except (ValueError, TypeError, JoseError) as error:
        raise ImproperlyConfigured(f"{where} is not an RSA key: {advice}.") from error
    if not key.is_private:
        raise ImproperlyConfigured(f"{where} is not a private key: {advice}.")
    if key.public_key.key_size < _MIN_KEY_BITS:
        raise ImproperlyConfigured(f"{where} is a short key, which can be factored: {advice}.")
    key.ensure_kid()
    return key


def jwks() -> dict[str, Any]:
    """Return the JWKS document with the public key, for `/.well-known/jwks.json`."""
    return {"keys": [key_pair().as_dict(private=False, use="sig", alg="RS256")]}


def user_id_for_name(name: str) -> str:
    """Return the user's id, which is derived from the name: every process computes the same, so none can race."""
    number = int.from_bytes(hashlib.sha256(name_key(name).encode()).digest(), "big")
    digits = []
    for _ in range(20):
        number, digit = divmod(number, 62)
        digits.append(_BASE_62[digit])
    return "user_" + "".join(digits)


def issue_token(
    user_id: str,
    name: str,
    lifetime: int,
    *,
    origin: str | None = None,
    session_id: str | None = None,
    started_at: int | None = None,
) -> str:
    """Return a token in the shape of Clerk's session token, version 2, that expires in `lifetime` seconds.

    `origin` is that of the page that requested it (the claim `azp`); a token for the command line has none. Without a
    `session_id` the token starts a new session; `started_at` is when an older one began. No token outlives its session.
    """
    key = key_pair()
    now = int(time.time())
    started_at = started_at or now
    claims = {
        "iss": issuer(),
        "sub": user_id,
        "sid": session_id or new_id("sess"),
        "iat": now,
        "nbf": now,
        "exp": min(now + lifetime, started_at + settings.SESSION_LIFETIME),
        "auth_time": started_at,
        "jti": secrets.token_hex(10),
        "v": 2,
        "sts": "active",
        "fva": [0, -1],
        "name": name,
    }
    if origin is not None:
        claims["azp"] = origin
    return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)
