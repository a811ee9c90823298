"""What every page has: the signed-in user, its headers, the sidebar, and error pages."""

from collections.abc import Callable, Coroutine, Sequence
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.access import keeps_accounts
from foundation.answering import in_time
from foundation.counters import errors
from foundation.errors import AppError, TokenExpired, TooLarge, Unauthenticated
from groups.sections.models import Sections
from groups.summary import GroupSummary
from users import services
from users.actor import Actor
from users.selectors import known_preferences
from users.session_cookies import read_session_cookie

from . import brand, clerk, viewer
from .clerk_handshake import finish_handshake, start_handshake
from .languages import language_of
from .said import message_of, sentences_of
from .session_cookie import delete_session_cookie, renew_session_cookie
from .sidebar import arrange

P = ParamSpec("P")
Response = Coroutine[Any, Any, HttpResponseBase]
View = Callable[Concatenate[HttpRequest, P], Response]
SignedInView = Callable[Concatenate[HttpRequest, Actor, P], Response]

# Any other status comes from a request that the pages' own links and forms do not make.
_ERROR_TEMPLATES = {403: "403.html", 404: "404.html", 410: "404.html", 429: "429.html", 503: "503.html"}

# An address that somebody comes back to, after signing in or from a form, has fewer characters.
_MAX_TARGET = 2000
# The characters of all fields of a form, in lengths of a message: one that is somewhat too long is shown again.
_MAX_FORM = 3


def page(view: "View[P]") -> "View[P]":
    """Add the headers of every page, and turn an error into an error page."""
    if not iscoroutinefunction(view):
        raise TypeError(f"{view} must be async: services run on the event loop")

    @wraps(view)
    async def run(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            _require_fair_form(request)
            await brand.read()
            reading = request.method in ("GET", "HEAD")
            # A form may bring files; and when the store does not answer, the form must still be shown again.
            response = await (in_time(view(request, *args, **kwargs)) if reading else view(request, *args, **kwargs))
        except Unauthenticated:
            response = redirect_to_sign_in(request)
        except AppError as error:
            response = error_page(request, error)
        # After signing out, the browser's back button must not show what was read.
        response["Cache-Control"] = "no-store"
        return response

    return run


def _require_fair_form(request: HttpRequest) -> None:
    """Raise `TooLarge` for fields that nobody types, before anything looks at them or shows them again."""
    size = sum(len(name) + sum(map(len, values)) for name, values in request.POST.lists())
    if size > _MAX_FORM * settings.MAX_CONTENT_LENGTH:
        raise TooLarge("The form has more text than this server takes.")


def signed_in(view: "SignedInView[P]") -> "View[P]":
    """Pass the actor of the session cookie to the view; without a valid one, redirect to sign in and back.

    With one that has expired, Clerk may make a fresh one before (`clerk_handshake`).
    """

    @page
    @wraps(view)
    async def run(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if finished := await finish_handshake(request):
            return finished
        token = read_session_cookie(request.COOKIES)
        if not token:
            raise Unauthenticated
        try:
            actor = await services.sign_in(token=token)
        except TokenExpired:
            if handshake := start_handshake(request):
                return handshake
            raise
        viewer.remember(request, actor)
        # What is set on the server is on all of one's devices, whatever this browser asks for.
        translation.activate(language_of(request, known_preferences(actor=actor).language))
        response = await view(request, actor, *args, **kwargs)
        renew_session_cookie(request, response, actor)
        return response

    return run


def redirect_to_sign_in(request: HttpRequest) -> HttpResponse:
    """Redirect to the sign-in page, and from there back; after a POST to `/`, since the redirect loses the form."""
    target = request.get_full_path() if request.method == "GET" else "/"
    # A redirect repeats the address; Django refuses one of over 16 KB.
    query = f"?{urlencode({'next': target})}" if len(target) <= _MAX_TARGET else ""
    response = HttpResponseRedirect(f"{reverse('web:sign-in')}{query}")
    if settings.LOCAL_ISSUER:
        delete_session_cookie(response)
    return response


def without_referrer(response: HttpResponseBase) -> HttpResponseBase:
    """Have a browser tell no page where it came from: the address has a secret. Its origin alone is for CSRF checks."""
    response["Referrer-Policy"] = "strict-origin"
    return response


def error_page(request: HttpRequest, error: AppError) -> HttpResponse:
    template = _ERROR_TEMPLATES.get(error.status, "400.html")
    response = render(request, template, {"problem": problem_of(error)}, status=error.status)
    return with_headers_of(error, response)


def problem_of(error: AppError | None) -> dict[str, Any] | None:
    """Return what a page says of an error: {"message", "fields": sentences}."""
    if error is None:
        return None
    return {"message": message_of(error), "fields": sentences_of(error)}


def with_headers_of(error: AppError, response: HttpResponse) -> HttpResponse:
    """Add the headers of an error, such as when to try again, to the page that shows it; the error is counted."""
    errors.count(error.code)
    for name, value in error.headers().items():
        response[name] = value
    return response


def safe_path(value: str | None) -> str:
    """Return `value` if it is a path of this server, else `/`: where to go after signing in."""
    if not value or len(value) > _MAX_TARGET or not value.startswith("/"):
        return "/"
    return value if url_has_allowed_host_and_scheme(value, allowed_hosts=None) else "/"


def shell_context(actor: Actor, groups: Sequence[GroupSummary], more_url: str, sections: Sections) -> dict[str, Any]:
    """Return what every page of a signed-in user needs: the user, the groups in the sidebar, Clerk and the limits.

    `more_url` is the address of more groups, "" when the sidebar has all; `sections` are the user's own.
    """
    return {
        "actor": actor,
        "rows": groups,
        "sidebar": arrange(groups, sections),
        "more_groups_url": more_url,
        "clerk": clerk.context(),
        "has_account": keeps_accounts(),
        "limits": {
            "file": settings.MAX_FILE_BYTES,
            "attachments": settings.MAX_ATTACHMENTS,
            "content": settings.MAX_CONTENT_LENGTH,
        },
    }
