"""How an HTTP request says who calls: a bearer token, or the session cookie with a CSRF token."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.request import Request

from foundation.api import serve
from foundation.errors import ChatError, Forbidden, Unauthenticated

from . import services
from .actor import Actor


class SessionTokenAuthentication(BaseAuthentication):
    def authenticate(self, request: Request) -> tuple[Actor, None] | None:
        try:
            return self._authenticate(request)
        except ChatError:
            # DRF notes this only for its own errors; else the page that shows the error would ask again, and fail.
            request._not_authenticated()  # type: ignore[attr-defined]
            raise

    def _authenticate(self, request: Request) -> tuple[Actor, None] | None:
        token = bearer_token(request.headers.get("Authorization", ""))
        if token is not None:
            return serve(services.sign_in, token=token), None
        cookie = request.COOKIES.get(settings.SESSION_COOKIE)
        if not cookie:
            return None
        actor = serve(services.sign_in, token=cookie)
        # A browser sends the cookie along whoever's page asks; a header it sends only for a page that may.
        _require_csrf_token(request._request)
        return actor, None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def require_actor(request: Request) -> Actor:
    """Return the signed-in caller of a view; raises `Unauthenticated`."""
    # DRF's types say Django's own user, which this server has none of.
    actor: object = request.user
    if not isinstance(actor, Actor):
        raise Unauthenticated
    return actor


def bearer_token(header: str) -> str | None:
    """Return the token of an `Authorization` header, or None when it is of another scheme; raises `Unauthenticated`."""
    scheme, _, token = header.strip().partition(" ")
    if scheme.lower() != "bearer":
        return None
    if not token.strip():
        raise Unauthenticated("The Authorization header has no token.")
    return token.strip()


def _require_csrf_token(request: HttpRequest) -> None:
    """Django's own check, which lets the safe methods through; raises `Forbidden`."""
    check = CSRFCheck(_unused)
    check.process_request(request)
    reason = check.process_view(request, _unused, (), {})
    if reason:
        raise Forbidden(f"{reason} Send the csrftoken cookie's value as X-CSRFToken, or a bearer token.")


def _unused(request: HttpRequest) -> HttpResponse:
    raise AssertionError("a check has no view to call")
