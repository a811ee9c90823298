"""Who came back from the provider: its claims, as far as this server believes them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from accounts.provided_sessions import Origin, origin_of
from foundation.errors import Forbidden, Unauthenticated

from .client import REFUSED

_MAX_LENGTH = 255
_MAX_GROUPS = 2000


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody at the provider. `email` is one that the provider has verified, else None; `groups` None if not told.

    `origin` is by which session there they come.
    """

    subject: str
    email: str | None
    name: str
    login: str
    groups: frozenset[str] | None
    origin: Origin | None = None

    @property
    def id(self) -> str:
        """Return the id under which an account is linked: of the issuer and what it calls its user."""
        return hashlib.sha256(f"{settings.OIDC_ISSUER}\n{self.subject}".encode()).hexdigest()[:40]


def read_identity(claims: Mapping[str, Any]) -> Identity:
    """Return who the verified claims are of; raises `Unauthenticated`, and `Forbidden` outside OIDC_DOMAINS."""
    subject = claims.get(settings.OIDC_ID_CLAIM)
    if not isinstance(subject, str) or not subject or len(subject) > _MAX_LENGTH:
        raise Unauthenticated(REFUSED)
    email = plain_address(_text(claims, "email")) if claims.get("email_verified") is True else None
    _require_domain(email)
    login = _text(claims, "preferred_username") or _text(claims, "email").partition("@")[0]
    return Identity(subject, email, _text(claims, "name"), login, _groups(claims), origin_of(claims))


def plain_address(email: str) -> str | None:
    """Return an address as it is compared with others, None for one that is not of ASCII.

    Other letters have several lower forms, some of them another's plain letters.
    """
    return email.lower() if email and email.isascii() else None


def _require_domain(email: str | None) -> None:
    domains = {domain.lower() for domain in settings.OIDC_DOMAINS}
    if domains and (email or "").rpartition("@")[2] not in domains:
        raise Forbidden("Only people with a verified address of this organization sign in here.")


def _text(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    return value if isinstance(value, str) and len(value) <= _MAX_LENGTH else ""


def _groups(claims: Mapping[str, Any]) -> frozenset[str] | None:
    """Return the groups that the claim names: none where there is no claim, for many leave an empty one out."""
    told = claims.get(settings.OIDC_GROUPS_CLAIM, [])
    elsewhere = claims.get("_claim_names")
    if not isinstance(told, list) or (isinstance(elsewhere, Mapping) and settings.OIDC_GROUPS_CLAIM in elsewhere):
        # Too many for the token, as Entra has it (OpenID Connect Core, 5.6.2).
        return None
    return frozenset(each for each in told[:_MAX_GROUPS] if isinstance(each, str))
