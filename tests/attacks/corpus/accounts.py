"""Hostile requests to the pages and the API of accounts."""

from collections.abc import Iterator

from . import pages as of_pages
from .requests import CSRF, Request
from .values import HTTP_VALUES, spoiled

FORMS: tuple[tuple[str, dict[str, str]], ...] = (
    ("/sign-in", {"login": "ada", "password": "x", "next": "/"}),
    ("/sign-in", {"challenge": "x", "code": "123456", "next": "/"}),
    ("/join", {"link": "a.b", "login": "ada", "password": "x", "name": "Ada"}),
    ("/reset", {"link": "a.b", "password": "x"}),
    ("/forgotten", {"login": "ada"}),
    ("/account/password", {"currentPassword": "x", "newPassword": "y"}),
    ("/account/totp", {"password": "x"}),
    ("/account/totp/confirm", {"code": "123456"}),
    ("/account/totp/disable", {"password": "x", "code": "123456"}),
    ("/account/oidc", {"password": "x"}),
    ("/account/oidc/unlink", {"password": "x"}),
    ("/account/recovery-codes", {"password": "x"}),
    ("/account/passkeys", {"credential": "{}", "name": "x"}),
    ("/account/passkeys/options", {"password": "x"}),
    ("/account/passkeys/1/remove", {"password": "x"}),
    ("/sign-in/passkey", {"credential": "{}", "challenge": "x", "next": "/"}),
    ("/sign-in/passkey/options", {"challenge": "x"}),
    ("/account/sessions/sess_1/end", {"anything": "x"}),
    ("/account/sessions/end", {"anything": "x"}),
    ("/accounts/invitations", {"uses": "1", "days": "7", "note": "x", "userId": "user_1", "email": "a@b.example"}),
    ("/accounts/invitations/inv_1/revoke", {"anything": "x"}),
    ("/accounts/$user/reset", {"clearSecondFactor": "on", "password": "x"}),
)
PAGES = (
    "/sign-in/oidc?next=",
    "/sign-in/oidc/join?link=",
    "/sign-in/oidc/callback?state=x&code=",
    "/sign-in/oidc/callback?error=",
    "/join?link=",
    "/reset?link=",
    "/account?done=",
    "/accounts?cursor=",
    "/sign-in?next=",
)
# Each operation of the API with good fields.
BODIES: tuple[tuple[str, dict[str, object]], ...] = (
    ("/api/accounts/sign-in", {"login": "ada", "password": "x", "code": "1", "device": "x"}),
    ("/api/accounts/join", {"link": "a.b", "login": "ada", "password": "x", "name": "Ada"}),
    ("/api/accounts/reset", {"link": "a.b", "password": "x"}),
    ("/api/accounts/forgotten", {"login": "ada"}),
    ("/api/accounts/me/password", {"currentPassword": "x", "newPassword": "y"}),
    ("/api/accounts/me/totp", {"password": "x"}),
    ("/api/accounts/me/totp/confirm", {"code": "123456"}),
    ("/api/accounts/me/totp/disable", {"password": "x", "code": "123456"}),
    ("/api/accounts/me/recovery-codes", {"password": "x"}),
    ("/api/accounts/me/passkeys/options", {"password": "x"}),
    ("/api/accounts/me/passkeys", {"state": "x", "credential": "{}", "name": "x"}),
    ("/api/accounts/me/passkeys/1/remove", {"password": "x"}),
    ("/api/accounts/passkeys/sign-in", {"state": "x", "credential": "{}", "device": "x"}),
    (
        "/api/accounts/invitations",
        {"uses": 1, "expiresIn": 60, "note": "x", "userId": "user_1", "email": "a@b.example"},
    ),
    ("/api/accounts/reset-links", {"userId": "$user", "password": "x", "clearSecondFactor": True}),
)


def forms() -> Iterator[Request]:
    yield from of_pages.fields(FORMS)


def pages() -> Iterator[Request]:
    yield from of_pages.with_queries(PAGES)


def bodies() -> Iterator[Request]:
    headers = {"Content-Type": "application/json", "X-CSRFToken": CSRF}
    for title, path, body in spoiled(dict(BODIES), HTTP_VALUES):
        yield Request(title, "POST", path, body.encode(), headers)
