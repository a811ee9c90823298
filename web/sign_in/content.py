"""What the sign-in page shows: a form and what was wrong with it, or Clerk's sign-in box."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from accounts.mail import sends_mail
from accounts.oidc.configuration import is_configured
from accounts.relying_party import offers_passkeys
from foundation.errors import AppError
from web import clerk
from web.said import in_one
from web.session_cookie import trusted_origin

TEMPLATE = "web/sign_in/sign_in.html"


def sign_in_context(*, next_path: str, name: str = "", problem: AppError | None = None) -> dict[str, Any]:
    """Return the template's context; `next_path` is where to go after signing in."""
    return {"next": next_path, "name": name, "problem": in_one(problem), "clerk": clerk.context()}


def password_context(
    *, request: HttpRequest, next_path: str, login: str = "", challenge: str = "", problem: AppError | None = None
) -> dict[str, Any]:
    """Return the same where people have accounts; with a `challenge`, the code of a second factor is asked for."""
    return {
        "next": next_path,
        "accounts": True,
        "sends_mail": sends_mail(),
        "offers_passkeys": offers_passkeys(trusted_origin(request)),
        "oidc_label": settings.OIDC_LABEL if is_configured() else "",
        "signed_out": "signed-out" in request.GET,
        "login": login,
        "challenge": challenge,
        "problem": in_one(problem),
    }
