"""Verifies session tokens (JWT, RS256), Clerk's and the local issuer's alike, mostly without I/O."""

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
from .names import clean_image_url, clean_name, clean_text, is_user_id

MAX_BYTES = 8 * 1024
_MAX_CACHED = 20_000
_MAX_SESSION_ID = 128
# The `typ` of a session token. An OAuth access token has "at+jwt" (RFC 9068).
_SESSION_TYPES = frozenset(("JWT",))
# Not strict: Clerk's tokens have header parameters of their own.
_RS256 = JWSRegistry(algorithms=["RS256"], strict_check_header=False)
_RS256.max_header_length = MAX_BYTES
# They change how a token is decoded; session tokens do not have them.
_FORBIDDEN_HEADERS = frozenset(("crit", "b64"))
_INVALID = "The session token is not valid."
_CLAIM_ERRORS = {
    "iss": "The session token is of another issuer.",
    "nbf": "The session token is not valid yet: compare the clocks.",
    "iat": "The session token is not valid yet: compare the clocks.",
}


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a verified token; `expires_at` is in seconds since 1970, without leeway.

    `started_at` is when the session began, None where Clerk keeps that. It ends SESSION_LIFETIME later.
    """

    user_id: str
    session_id: str
    expires_at: int
    started_at: int | None
    name: str | None
    email: str | None
    image_url: str | None
    # In seconds since 1970; 0 where the token does not say.
    issued_at: int = 0
    # Who acts in the user's place: the subject of the claim `act`.
    impersonated_by: str | None = None
    # The active one at Clerk.
    organization: str | None = None


async def verify(token: str) -> Claims:
    """Verify a token; raises `Unauthenticated`, `TokenExpired`, or `Unavailable` if there are no keys yet.

    It does I/O only to fetch a key that is not in memory.
    """
    return await configured_verifier().verify(token)


def prepare() -> None:
    """Load the configured key set before the first request: reading the local issuer's key blocks for 50 ms."""
    configured_verifier()


@cache
def configured_verifier() -> "Verifier":
    issuer = local_issuer.issuer() if settings.LOCAL_ISSUER else settings.CLERK_ISSUER
    return Verifier(issuer, frozenset(settings.ALLOWED_ORIGINS), keys.configured_key_set(), settings.TOKEN_LEEWAY)


@dataclass(frozen=True, slots=True)
class Verifier:
    issuer: str
    origins: frozenset[str]
    keys: keys.KeySet
    leeway: int
    # Verified tokens by digest, with the key that verified them: clients send the same token many times.
    verified: dict[bytes, tuple[RSAKey, Claims]] = field(default_factory=dict)

    async def verify(self, token: str) -> Claims:
        key = await self.find_key(token)
        digest = hashlib.sha256(token.encode()).digest()
        cached_key, claims = self.verified.get(digest, (None, None))
        if claims is None or cached_key is not key:
            claims = self._parse_claims(self._decode(token, key))
            self._cache(digest, key, claims)
        # Also of a token that was decoded just now: its session may be over before its `exp`.
        if claims.expires_at <= time.time() - self.leeway:
            raise TokenExpired
        return claims

    async def find_key(
        self, token: str, *, max_bytes: int = MAX_BYTES, types: frozenset[str] = _SESSION_TYPES
    ) -> RSAKey:
        """Return the issuer's key that a token says to be signed with; raises `Unauthenticated`, `Unavailable`.

        `types` are the `typ` that it may have, in upper case.
        """
        kid = _read_kid(token, max_bytes, types)
        key = self.keys.get(kid) or await self.keys.fetch(kid)
        if key is None:
            raise Unauthenticated("The session token is signed with a key that its issuer does not have.")
        return key

    def _cache(self, digest: bytes, key: RSAKey, claims: Claims) -> None:
        self.verified[digest] = (key, claims)
        if len(self.verified) > _MAX_CACHED:
            del self.verified[next(iter(self.verified))]

    def _decode(self, token: str, key: RSAKey) -> dict[str, Any]:
        try:
            decoded = jwt.decode(token, key, registry=_RS256)
            if _FORBIDDEN_HEADERS & decoded.header.keys():
                raise ValueError("a forbidden header parameter")
            _claims_registry(self.issuer, self.leeway).validate(decoded.claims)
            return decoded.claims
        except ExpiredTokenError as error:
            raise TokenExpired from error
        except InvalidClaimError as error:
            raise Unauthenticated(_CLAIM_ERRORS.get(error.claim, _INVALID)) from error
        # Any failure to parse hostile bytes rejects them: JSON alone can raise RecursionError and OverflowError.
        except Exception as error:
            raise Unauthenticated(_INVALID) from error

    def _parse_claims(self, payload: Mapping[str, Any]) -> Claims:
        user_id, session_id, origin = payload["sub"], payload.get("sid"), payload.get("azp")
        if not is_user_id(user_id):
            raise Unauthenticated("The session token names no user that this server can take.")
        # OAuth access tokens and machine tokens of the same issuer have none: nobody could end them by signing out.
        if not isinstance(session_id, str) or not 0 < len(session_id) <= _MAX_SESSION_ID:
            raise Unauthenticated("The token belongs to no session: sign in, and send the session's token.")
        # Absent if no page requested the token.
        if origin is not None and (not isinstance(origin, str) or origin not in self.origins):
            raise Unauthenticated("The session token was made for another origin: see ALLOWED_ORIGINS.")
        if payload.get("aud") is not None:
            raise Unauthenticated("The session token was made for another audience.")
        if payload.get("sts") == "pending":
            raise Unauthenticated("The session is not complete: finish signing in.")
        return Claims(
            user_id=user_id,
            session_id=session_id,
            expires_at=_expiry(payload),
            started_at=_started_at(payload),
            name=_name(payload),
            email=_string(payload, "email", "primary_email"),
            image_url=clean_image_url(_string(payload, "image_url", "picture")),
            issued_at=_issued_at(payload),
            impersonated_by=_impersonator(payload),
            organization=_organization(payload),
        )


@cache
def _claims_registry(issuer: str, leeway: int) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        leeway=leeway, iss={"essential": True, "value": issuer}, exp={"essential": True}, sub={"essential": True}
    )


def _read_kid(token: str, max_bytes: int, types: frozenset[str]) -> str | None:
    """Return the header's `kid`; a token that is rejected here causes no fetch of keys."""
    if not isinstance(token, str) or not token.isascii() or len(token) > max_bytes:
        raise Unauthenticated(_INVALID)
    try:
        algorithm, kid, kind = _parse_header(token.partition(".")[0])
    except Exception as error:  # See `_decode`.
        raise Unauthenticated(_INVALID) from error
    if algorithm != "RS256":
        raise Unauthenticated("The session token must be signed with RS256.")
    if kind not in types:
        raise Unauthenticated("This token is not a session: sign in, and send the session's token.")
    return kid


@lru_cache(maxsize=256)
def _parse_header(segment: str) -> tuple[object, str | None, str]:
    """Return `alg`, `kid` and `typ`, in upper case, of an encoded header; all tokens of one key share it."""
    header = json.loads(base64.urlsafe_b64decode(f"{segment}=="))
    kid = header.get("kid")
    kind = header.get("typ", "JWT")
    if not isinstance(kid, str | None) or not isinstance(kind, str):
        raise TypeError("the kid or the typ is not a string")
    return header.get("alg"), kid, kind.upper()


def _started_at(payload: Mapping[str, Any]) -> int | None:
    """Return the claim of OpenID Connect that the local issuer puts into every token of a session."""
    started_at = payload.get("auth_time")
    return int(started_at) if isinstance(started_at, int | float) else None


def _issued_at(payload: Mapping[str, Any]) -> int:
    issued_at = payload.get("iat")
    # It is not later than now, as was verified.
    return int(issued_at) if isinstance(issued_at, int | float) and issued_at > 0 else 0


def _organization(payload: Mapping[str, Any]) -> str | None:
    """Return the id of the session's active organization: `o.id` in Clerk's tokens of version 2, `org_id` in others."""
    active = payload.get("o")
    return clean_text(active.get("id") if isinstance(active, dict) else payload.get("org_id"))


def _impersonator(payload: Mapping[str, Any]) -> str | None:
    """Return who acts in the user's place (RFC 8693); a token that names nobody who can be recorded is refused."""
    act = payload.get("act")
    if act is None:
        return None
    subject = act.get("sub") if isinstance(act, dict) else None
    if not isinstance(subject, str) or not is_user_id(subject):
        raise Unauthenticated("The session token does not say who impersonates its user.")
    return subject


def _expiry(payload: Mapping[str, Any]) -> int:
    started_at, expires_at = _started_at(payload), int(payload["exp"])
    return expires_at if started_at is None else min(expires_at, started_at + settings.SESSION_LIFETIME)


def _name(payload: Mapping[str, Any]) -> str | None:
    """Return the user's name. Clerk's token has none by default; one of these claims is added in Clerk's dashboard."""
    for claim in ("name", "full_name"):
        name = clean_name(payload.get(claim))
        if name:
            return name
    parts = [clean_name(payload.get(claim)) for claim in ("first_name", "last_name")]
    return clean_name(" ".join(part for part in parts if part))


def _string(payload: Mapping[str, Any], *claims: str) -> str | None:
    return next((text for claim in claims if (text := clean_text(payload.get(claim)))), None)
