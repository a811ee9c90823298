"""A visit to the provider: what it is for, and what proves that who comes back is the browser that was sent."""

import hmac
import secrets
from dataclasses import asdict, dataclass

from django.conf import settings
from django.core import signing

from foundation.errors import Unauthenticated

_SALT = "accounts.oidc"
# Somebody may have to find their phone. In seconds.
LIFETIME = 900
CALLBACK = "/sign-in/oidc/callback"
SIGN_IN, LINK, JOIN = "sign_in", "link", "join"
_LOST = "This sign-in was not begun in this browser, or too long ago: begin again."


@dataclass(frozen=True, slots=True)
class Visit:
    """`bound` is the session that links, or the token of the link that joins; `verifier` is that of PKCE (RFC 7636)."""

    purpose: str
    next_path: str
    bound: str
    state: str
    nonce: str
    verifier: str

    def sealed(self) -> str:
        """Return what the browser keeps meanwhile; it is signed, and for this browser's eyes."""
        return signing.dumps(asdict(self), salt=_SALT, compress=True)


def new_visit(purpose: str, *, next_path: str, bound: str = "") -> Visit:
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return Visit(purpose, next_path, bound, state, nonce, verifier)


def resume(sealed: str, state: str) -> Visit:
    """Return the visit that this browser has begun; raises `Unauthenticated` unless `state` is of it."""
    try:
        visit = Visit(**signing.loads(sealed, salt=_SALT, max_age=LIFETIME))
    except signing.BadSignature as error:
        raise Unauthenticated(_LOST) from error
    if not hmac.compare_digest(visit.state.encode(), state.encode()):
        raise Unauthenticated(_LOST)
    return visit


def callback_address() -> str:
    return f"{settings.PUBLIC_URL}{CALLBACK}"
