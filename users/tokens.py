"""Session tokens, Clerk's and the local issuer's alike: one way to check them, mostly without any I/O."""

import base64
import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from django.conf import settings
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, InvalidClaimError
from joserfc.jwk import RSAKey
from joserfc.jws import JWSRegistry

from foundation.errors import TokenExpired, Unauthenticated

from . import keys, local_issuer
from .names import is_user_id, salvage_name

MAX_BYTES = 8 * 1024
_MAX_TEXT = 2_000
_MAX_GOOD = 20_000
# Clerk's tokens have header parameters of their own.
_RS256 = JWSRegistry(algorithms=["RS256"], strict_check_header=False)
_RS256.max_header_length = MAX_BYTES
# They change how a token is to be read; no session token has them.
_FOREIGN_HEADERS = frozenset(("crit", "b64"))
_WRONG = "The session token is not valid."
_WRONG_CLAIMS = {
    "iss": "The session token is of another issuer.",
    "nbf": "The session token is not valid yet: compare the clocks.",
    "iat": "The session token is not valid yet: compare the clocks.",
}


@dataclass(frozen=True, slots=True)
class Claims:
    """What a good token says; `expires_at` is in seconds of the epoch, before any leeway."""

    user_id: str
    session_id: str
    expires_at: int
    name: str | None
    email: str | None
    image_url: str | None


async def verify(token: str) -> Claims:
    """Check a token by the settings; raises `Unauthenticated`, `TokenExpired`, or `Unavailable` (no keys as yet).

    It waits only when the issuer must be asked for a key that is not at hand.
    """
    return await _configured().verify(token)


def prepare() -> None:
    """Read the keys that the settings name: the local issuer's own takes 50 ms, which block."""
    _configured()


@cache
def _configured() -> "Verifier":
    issuer = local_issuer.ISSUER if settings.LOCAL_ISSUER else settings.CLERK_ISSUER
    return Verifier(issuer, frozenset(settings.ALLOWED_ORIGINS), keys.configured(), settings.TOKEN_LEEWAY)


@dataclass(frozen=True, slots=True)
class Verifier:
    issuer: str
    origins: frozenset[str]
    keys: keys.KeySource
    leeway: int
    # Good tokens by their digest, with the key that they were checked with: a client brings its own again and again.
    good: dict[bytes, tuple[RSAKey, Claims]] = field(default_factory=dict)

    async def verify(self, token: str) -> Claims:
        kid = _kid(token)
        key = self.keys.find(kid) or await self.keys.seek(kid)
        if key is None:
            raise Unauthenticated("The session token is signed with a key that its issuer does not have.")
        digest = hashlib.sha256(token.encode()).digest()
        known, claims = self.good.get(digest, (None, None))
        if claims is None or known is not key:
            claims = self._read(self._decode(token, key))
            self._keep(digest, key, claims)
        elif claims.expires_at <= time.time() - self.leeway:
            raise TokenExpired
        return claims

    def _keep(self, digest: bytes, key: RSAKey, claims: Claims) -> None:
        self.good[digest] = (key, claims)
        if len(self.good) > _MAX_GOOD:
            del self.good[next(iter(self.good))]

    def _decode(self, token: str, key: RSAKey) -> dict[str, Any]:
        try:
            decoded = jwt.decode(token, key, registry=_RS256)
            if _FOREIGN_HEADERS & decoded.header.keys():
                raise ValueError("it asks to be read in another way")
            _rules(self.issuer, self.leeway).validate(decoded.claims)
            return decoded.claims
        except ExpiredTokenError as error:
            raise TokenExpired from error
        except InvalidClaimError as error:
            raise Unauthenticated(_WRONG_CLAIMS.get(error.claim, _WRONG)) from error
        # Whatever a parser does with anyone's bytes is a refusal: JSON alone can bring RecursionError, OverflowError.
        except Exception as error:
            raise Unauthenticated(_WRONG) from error

    def _read(self, payload: Mapping[str, Any]) -> Claims:
        user_id, session_id, origin = payload["sub"], payload.get("sid", ""), payload.get("azp")
        if not is_user_id(user_id) or not isinstance(session_id, str):
            raise Unauthenticated("The session token names no user that this server can take.")
        # Absent when it was not a page that asked for the token.
        if origin is not None and (not isinstance(origin, str) or origin not in self.origins):
            raise Unauthenticated("The session token was made for another origin: see ALLOWED_ORIGINS.")
        if payload.get("aud") is not None:
            raise Unauthenticated("The session token was made for another audience.")
        if payload.get("sts") == "pending":
            raise Unauthenticated("The session is not complete: finish signing in.")
        return Claims(
            user_id=user_id,
            session_id=session_id,
            expires_at=int(payload["exp"]),
            name=_name(payload),
            email=_text(payload, "email", "primary_email"),
            image_url=_image_url(payload),
        )


@cache
def _rules(issuer: str, leeway: int) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        leeway=leeway, iss={"essential": True, "value": issuer}, exp={"essential": True}, sub={"essential": True}
    )


def _kid(token: str) -> str | None:
    """Return the header's `kid`; what is refused here never makes anyone look for a key."""
    if not isinstance(token, str) or not token.isascii() or len(token) > MAX_BYTES:
        raise Unauthenticated(_WRONG)
    try:
        algorithm, kid = _header(token.partition(".")[0])
    except Exception as error:  # See `_decode`.
        raise Unauthenticated(_WRONG) from error
    if algorithm != "RS256":
        raise Unauthenticated("The session token must be signed with RS256.")
    return kid


@lru_cache(maxsize=256)
def _header(segment: str) -> tuple[object, str | None]:
    """Return what a token's first part says: the algorithm and the key's id. All tokens of one key have the same."""
    header = json.loads(base64.urlsafe_b64decode(f"{segment}=="))
    kid = header.get("kid")
    if not isinstance(kid, str | None):
        raise TypeError("a key's id is text")
    return header.get("alg"), kid


def _name(payload: Mapping[str, Any]) -> str | None:
    """Clerk's own session token has no name; an installation adds one of these claims to it in Clerk's dashboard."""
    for claim in ("name", "full_name"):
        name = salvage_name(payload.get(claim))
        if name:
            return name
    parts = [salvage_name(payload.get(claim)) for claim in ("first_name", "last_name")]
    return salvage_name(" ".join(part for part in parts if part))


def _text(payload: Mapping[str, Any], *claims: str) -> str | None:
    for claim in claims:
        value = payload.get(claim)
        if isinstance(value, str) and 0 < len(value) <= _MAX_TEXT:
            return value
    return None


def _image_url(payload: Mapping[str, Any]) -> str | None:
    url = _text(payload, "image_url", "picture")
    return url if url and url.startswith("https://") else None
