"""Authenticates HTTP requests: by a bearer token, or by the session cookie with a CSRF token."""

from django.http import HttpRequest, HttpResponse
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.request import Request

from foundation.api import call_async
from foundation.errors import AppError, Forbidden, Unauthenticated

from . import services
from .actor import Actor
from .session_cookies import read_session_cookie


class SessionTokenAuthentication(BaseAuthentication):
    """DRF authentication by bearer token or session cookie; None when there is neither."""

    def authenticate(self, request: Request) -> tuple[Actor, None] | None:
        try:
            return self._authenticate(request)
        except AppError:
            # DRF does this for its own errors only. Without it the browsable API's error page would authenticate again.
            request._not_authenticated()  # type: ignore[attr-defined]
            raise

    def _authenticate(self, request: Request) -> tuple[Actor, None] | None:
        token = bearer_token(request.headers.get("Authorization", ""))
        if token is not None:
            return call_async(services.sign_in, token=token), None
        cookie = read_session_cookie(request.COOKIES)
        if not cookie:
            return None
        actor = call_async(services.sign_in, token=cookie)
        # A browser sends the cookie with any site's requests, but only our own pages can send the CSRF token.
        _require_csrf_token(request._request)
        return actor, None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def require_actor(request: Request) -> Actor:
    """Return the signed-in caller of a view; raises `Unauthenticated`."""
    # DRF's types say Django's User, which this server does not have.
    actor: object = request.user
    if not isinstance(actor, Actor):
        raise Unauthenticated
    return actor


def bearer_token(header: str) -> str | None:
    """Return the token of an `Authorization` header, None for another scheme; raises `Unauthenticated` if empty."""
    scheme, _, token = header.strip().partition(" ")
    if scheme.lower() != "bearer":
        return None
    if not token.strip():
        raise Unauthenticated("The Authorization header has no token.")
    return token.strip()


def _require_csrf_token(request: HttpRequest) -> None:
    """Run Django's check, which exempts safe methods; raises `Forbidden`."""
    check = CSRFCheck(_no_view)
    check.process_request(request)
    reason = check.process_view(request, _no_view, (), {})
    if reason:
        raise Forbidden(f"{reason} Send the csrftoken cookie's value as X-CSRFToken, or a bearer token.")


def _no_view(request: HttpRequest) -> HttpResponse:
    raise AssertionError("the check does not call the view")
