"""Authenticates HTTP requests: by a bearer token, or by the session cookie with a CSRF token."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from rest_framework.authentication import BaseAuthentication, CSRFCheck
from rest_framework.request import Request

from foundation.api import call_async
from foundation.errors import AppError, Forbidden, Unauthenticated

from . import services
from .actor import Actor
from .session_cookies import read_session_cookie


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request, nobody if neither an actor nor an error; `by_cookie`: only the session cookie says so."""

    actor: Actor | None = None
    by_cookie: bool = False
    error: AppError | None = None


async def find_caller(request: HttpRequest) -> Caller:
    """Return who sends a request, or why they may not."""
    try:
        token = bearer_token(request.headers.get("Authorization", ""))
        if token is not None:
            return Caller(await services.sign_in(token=token))
        cookie = read_session_cookie(request.COOKIES)
        return Caller(await services.sign_in(token=cookie), by_cookie=True) if cookie else Caller()
    except AppError as error:
        return Caller(error=error)


class SessionTokenAuthentication(BaseAuthentication):
    """DRF authentication by bearer token or session cookie; None when there is neither.

    A request that is answered on the event loop has its `found_caller` already.
    """

    def authenticate(self, request: Request) -> tuple[Actor, None] | None:
        try:
            return self._authenticate(request)
        except AppError:
            # DRF does this for its own errors only. Without it the browsable API's error page would authenticate again.
            request._not_authenticated()  # type: ignore[attr-defined]
            raise

    def _authenticate(self, request: Request) -> tuple[Actor, None] | None:
        found = getattr(request._request, "found_caller", None) or call_async(find_caller, request._request)
        if found.error:
            try:
                raise found.error
            finally:
                # Break the reference cycle of the error, its traceback and this frame.
                del found
        if found.by_cookie:
            # A browser sends the cookie with any site's requests, but only our own pages can send the CSRF token.
            _require_csrf_token(request._request)
        return (found.actor, None) if found.actor else None

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
