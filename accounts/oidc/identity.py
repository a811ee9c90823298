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

    `names_groups` is False where the claim of groups is missing: as good as an empty one, but for what it could give.
    `origin` is by which session there they come.
    """

    subject: str
    email: str | None
    name: str
    login: str
    groups: frozenset[str] | None
    origin: Origin | None = None
    names_groups: bool = True

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
    groups, names_groups = _groups(claims)
    return Identity(subject, email, _text(claims, "name"), login, groups, origin_of(claims), names_groups)


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


def _groups(claims: Mapping[str, Any]) -> tuple[frozenset[str] | None, bool]:
    """Return the groups that the claim names, and whether it does: many leave an empty claim out.

    None where the provider says that they are elsewhere (too many for the token: Core, 5.6.2), or more than are read.
    """
    told, elsewhere = claims.get(settings.OIDC_GROUPS_CLAIM), claims.get("_claim_names")
    if isinstance(elsewhere, Mapping) and settings.OIDC_GROUPS_CLAIM in elsewhere:
        return None, False
    # Some write a list of one as the one.
    names = [told] if isinstance(told, str) else told
    if not isinstance(names, list):
        return frozenset(), False
    if len(names) > _MAX_GROUPS:
        return None, False
    return frozenset(each for each in names if isinstance(each, str) and each), True
