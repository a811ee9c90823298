"""The cookie that carries a user's session token: set at sign-in, renewed by any page, deleted at sign-out."""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from users import services
from users.actor import Actor


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
