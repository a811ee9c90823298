"""The cookie that carries a user's session token: set at sign-in, renewed by any page, deleted at sign-out."""

from contextlib import suppress

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.middleware.csrf import rotate_token
from django.urls import reverse

from accounts.attempts import DEVICE_SECONDS
from accounts.requests import client_of
from accounts.services.clients import Client
from accounts.services.sessions import SignedIn
from foundation.errors import AppError
from users import services, tokens
from users.actor import Actor
from users.session_cookies import read_session_cookie

# Says that somebody has signed in with this browser before, and is sent to the sign-in page alone.
DEVICE_COOKIE = "device"


def set_session_cookie(response: HttpResponseBase, token: str) -> None:
    """Store the local issuer's token where no script can read it."""
    response.set_cookie(
        settings.SESSION_COOKIE,
        token,
        max_age=settings.LOCAL_TOKEN_LIFETIME,
        httponly=True,
        samesite="Lax",
        secure=settings.SECURE_COOKIES,
    )


def client_of_page(request: HttpRequest) -> Client:
    """Return the client of a form that signs somebody in, whose former session then ends."""
    return client_of(
        request,
        origin=trusted_origin(request),
        device=request.COOKIES.get(DEVICE_COOKIE),
        former=read_session_cookie(request.COOKIES),
    )


async def renew_csrf_token(request: HttpRequest, user_id: str) -> None:
    """Give a browser a new CSRF token when somebody else signs in: a form that is open there must not act for them.

    Forms of the same person, in other tabs, go on.
    """
    if await _last_user_id(request) != user_id:
        rotate_token(request)


async def _last_user_id(request: HttpRequest) -> str | None:
    """Return whose session the browser had, which may be over since: what was open is theirs."""
    token = read_session_cookie(request.COOKIES)
    if not token:
        return None
    with suppress(AppError):
        return (await tokens.verify(token)).user_id
    return None


async def signed_in_response(request: HttpRequest, signed_in: SignedIn, path: str) -> HttpResponse:
    """Redirect to a path of this server, with the cookies of a session that has begun."""
    await renew_csrf_token(request, signed_in.user.id)
    response = HttpResponseRedirect(path)
    set_account_cookies(response, signed_in)
    return response


def set_account_cookies(response: HttpResponseBase, signed_in: SignedIn) -> None:
    """Store the token of a session that has begun, and that of the device."""
    set_session_cookie(response, signed_in.token)
    response.set_cookie(
        DEVICE_COOKIE,
        signed_in.device,
        max_age=DEVICE_SECONDS,
        path=reverse("web:sign-in"),
        httponly=True,
        samesite="Lax",
        secure=settings.SECURE_COOKIES,
    )


def delete_session_cookie(response: HttpResponseBase) -> None:
    response.delete_cookie(settings.SESSION_COOKIE, samesite="Lax")


def renew_session_cookie(request: HttpRequest, response: HttpResponseBase, actor: Actor) -> None:
    """Replace a token past half of its lifetime, so that an active user stays signed in."""
    if settings.SESSION_COOKIE in response.cookies:
        return
    token = services.renew_token(actor=actor, origin=trusted_origin(request))
    if token is not None:
        set_session_cookie(response, token)


def trusted_origin(request: HttpRequest) -> str | None:
    """Return the page's origin for a token's `azp`, or None when it is not among the allowed origins."""
    origin = f"{request.scheme}://{request.get_host()}"
    return origin if origin in settings.ALLOWED_ORIGINS else None
