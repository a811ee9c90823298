"""Plays Clerk where no Clerk is configured: its own key pair, its JWKS, and session tokens of the same shape."""

import contextlib
import hashlib
import os
import secrets
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from foundation.ids import new_id

from .names import name_key

# Not the server's address: a token made by `manage.py token` in another shell is good whatever port the server has.
# It is the key, which only this installation has, that says who issued it.
ISSUER = "https://local-issuer.invalid"
_FILE = "local-issuer.pem"
_BASE_62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@cache
def key_pair() -> RSAKey:
    """Return this installation's key pair, made by whichever process comes first; its `kid` is its thumbprint."""
    path = settings.LOCAL_STATE_DIR / _FILE
    if not path.exists():
        _make_key(path)
    try:
        key = RSAKey.import_key(path.read_bytes())
    except (ValueError, TypeError, JoseError) as error:
        raise ImproperlyConfigured(f"{path} is not an RSA key: remove it, and a new one is made.") from error
    if not key.is_private:
        raise ImproperlyConfigured(f"{path} is not a private key: remove it, and a new one is made.")
    key.ensure_kid()
    return key


def _make_key(path: Path) -> None:
    """Write a new key, whole or not at all: the link fails for all but the first of several processes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    key = RSAKey.generate_key(2048)
    # mkstemp makes the file readable by its owner only.
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{_FILE}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(key.as_pem(private=True))
            file.flush()
            os.fsync(file.fileno())
        # Exists: another process was first, and its key is the one.
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
    finally:
        Path(draft).unlink()


def jwks() -> dict[str, Any]:
    """Return the public half as `/.well-known/jwks.json` shows it."""
    return {"keys": [key_pair().as_dict(private=False, use="sig", alg="RS256")]}


def user_id_of(name: str) -> str:
    """Return the id of whoever signs in by this name: the same on every process, so there is no race for a name."""
    number = int.from_bytes(hashlib.sha256(name_key(name).encode()).digest(), "big")
    digits = []
    for _ in range(20):
        number, digit = divmod(number, 62)
        digits.append(_BASE_62[digit])
    return "user_" + "".join(digits)


def issue_token(
    user_id: str, name: str, lifetime: int, *, origin: str | None = None, session_id: str | None = None
) -> str:
    """Return a token shaped as Clerk's session token, version 2, good for `lifetime` seconds.

    `origin` is the page that asked for it (Clerk's `azp`); a token made on the command line has none. Without a
    `session_id` it begins a session.
    """
    key = key_pair()
    at = int(time.time())
    claims = {
        "iss": ISSUER,
        "sub": user_id,
        "sid": session_id or new_id("sess"),
        "iat": at,
        "nbf": at,
        "exp": at + lifetime,
        "jti": secrets.token_hex(10),
        "v": 2,
        "sts": "active",
        "fva": [0, -1],
        "name": name,
    }
    if origin is not None:
        claims["azp"] = origin
    return jwt.encode({"alg": "RS256", "kid": key.kid}, claims, key)
