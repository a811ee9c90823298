"""What the pages of accounts show."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import segno
from django.conf import settings
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

from accounts import relying_party, selectors
from accounts.mail import sends_mail
from accounts.oidc.configuration import is_configured
from accounts.services.credentials import TotpOffer
from accounts.services.invitations import NewLink
from foundation.errors import AppError
from users.actor import Actor
from web.said import in_one
from web.session_cookie import trusted_origin

# The days that the form for an invitation offers.
DAYS = (1, 7, 30, 90)
_TIMES = frozenset(("createdAt", "expiresAt", "seenAt", "since", "usedAt"))


async def account_context(
    request: HttpRequest,
    actor: Actor,
    *,
    problem: AppError | None = None,
    done: str = "",
    offer: TotpOffer | None = None,
    confirming: bool = False,
    codes: Sequence[str] = (),
) -> dict[str, Any]:
    """Return the context of one's own account; raises `NotFound` where somebody else signs people in.

    `offer` is a second factor to confirm, `codes` are recovery codes: both are shown this once.
    """
    own = await selectors.get_own_account(actor=actor)
    sessions = await selectors.list_sessions(actor=actor)
    passkeys = await selectors.list_passkeys(actor=actor)
    return {
        "actor": actor,
        "own": own.as_wire(),
        "sessions": [_with_times(session.as_wire(actor.session_id)) for session in sessions],
        "passkeys": [_with_times(passkey.as_wire()) for passkey in passkeys],
        "offers_passkeys": relying_party.offers_passkeys(trusted_origin(request)),
        "oidc_label": settings.OIDC_LABEL if is_configured() else "",
        "passkey_domain": relying_party.domain(),
        "problem": in_one(problem),
        "done": done,
        "offer": offer,
        "qr": _qr(offer.uri) if offer else "",
        "confirming": confirming or offer is not None,
        "codes": codes,
    }


async def people_context(
    actor: Actor,
    *,
    cursor: tuple[str, ...] | None = None,
    problem: AppError | None = None,
    made: NewLink | None = None,
    made_for: str = "",
) -> dict[str, Any]:
    """Return the context of all accounts and invitations; raises `Forbidden`, `NotFound`. `made` is shown this once."""
    page = await selectors.list_accounts(actor=actor, cursor=cursor)
    invitations = await selectors.list_invitations(actor=actor)
    own = await selectors.get_own_account(actor=actor)
    return {
        "actor": actor,
        "has_password": own.account.has_password,
        "accounts": [_with_times(entry.as_wire()) for entry in page.accounts],
        "next_cursor": page.next_cursor,
        "invitations": [_with_times(link.as_wire()) for link in invitations],
        "days": DAYS,
        "problem": in_one(problem),
        "made": made.address if made and not made.link.email else "",
        "mailed_to": made.link.email if made else "",
        "sends_mail": sends_mail(),
        "made_for": made_for,
    }


def _with_times(wire: Mapping[str, Any]) -> dict[str, Any]:
    """Return a wire form whose times templates can format."""
    return {name: datetime.fromisoformat(value) if name in _TIMES else value for name, value in wire.items()}


def _qr(uri: str) -> SafeString:
    """Return a QR code as SVG, dark on light in any colour scheme: not every camera reads the reverse."""
    svg = segno.make(uri, error="m").svg_inline(scale=4, border=3, dark="#000", light="#fff")
    # Squares alone: nothing of the address is in it as text.
    return mark_safe(svg)  # noqa: S308 # nosec B308 B703
