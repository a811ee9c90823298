"""The HTML door: who asks for a page, what the browser may run on it, and refusals as pages."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from foundation.errors import ChatError, Unauthenticated
from users import services
from users.actor import Actor

from .sign_in import clerk as clerk_page

P = ParamSpec("P")
Answer = Coroutine[Any, Any, HttpResponseBase]
Page = Callable[Concatenate[HttpRequest, P], Answer]
SignedInPage = Callable[Concatenate[HttpRequest, Actor, P], Answer]

# A refusal's status has a page of its own; the rest are requests that a browser's own forms do not make.
_ERROR_PAGES = {403: "403.html", 404: "404.html", 410: "404.html", 503: "503.html"}


def page(view: "Page[P]") -> "Page[P]":
    """Set what every page carries, and show a refusal as a page in the product's look."""
    if not iscoroutinefunction(view):
        raise TypeError(f"{view} must be async: services run on the event loop")

    @wraps(view)
    async def run(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            response = await view(request, *args, **kwargs)
        except Unauthenticated:
            response = to_sign_in(request)
        except ChatError as error:
            response = error_page(request, error)
        response["Content-Security-Policy"] = clerk_page.policy()
        # What someone read must not come back from the browser's cache after they have signed out.
        response["Cache-Control"] = "no-store"
        return response

    return run


def signed_in(view: "SignedInPage[P]") -> "Page[P]":
    """Give the view the actor of the session cookie; strangers go to sign in and come back."""

    @page
    @wraps(view)
    async def run(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        token = request.COOKIES.get(settings.SESSION_COOKIE)
        if not token:
            raise Unauthenticated
        actor = await services.sign_in(token=token)
        response = await view(request, actor, *args, **kwargs)
        _renew(request, response, actor)
        return response

    return run


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Only a page that was asked for can be come back to: the form of a POST would be lost on the way."""
    goal = request.get_full_path() if request.method == "GET" else "/"
    response = HttpResponseRedirect(f"{reverse('sign-in')}?{urlencode({'next': goal})}")
    if settings.LOCAL_ISSUER:
        response.delete_cookie(settings.SESSION_COOKIE, samesite="Lax")
    return response


def error_page(request: HttpRequest, error: ChatError) -> HttpResponse:
    template = _ERROR_PAGES.get(error.status, "400.html")
    response = render(request, template, {"problem": error}, status=error.status)
    if error.retry_after is not None:
        response["Retry-After"] = str(max(1, round(error.retry_after)))
    return response


def local_path(value: str | None) -> str:
    """Return where to go after signing in: a path of this server, whatever was asked for."""
    if value and value.startswith("/") and url_has_allowed_host_and_scheme(value, allowed_hosts=None):
        return value
    return "/"


def keep_session(response: HttpResponseBase, token: str) -> None:
    """Put the local issuer's token where no script can read it."""
    response.set_cookie(
        settings.SESSION_COOKIE,
        token,
        max_age=settings.LOCAL_TOKEN_LIFETIME,
        httponly=True,
        samesite="Lax",
        secure=settings.SECURE_COOKIES,
    )


def own_origin(request: HttpRequest) -> str | None:
    """Return this page's origin for a token's `azp`, or None when it is not among those that tokens are taken from."""
    origin = f"{request.scheme}://{request.get_host()}"
    return origin if origin in settings.ALLOWED_ORIGINS else None


def _renew(request: HttpRequest, response: HttpResponseBase, actor: Actor) -> None:
    """Whoever keeps coming stays signed in."""
    if settings.SESSION_COOKIE in response.cookies:
        return
    token = services.renew_token(actor=actor, origin=own_origin(request))
    if token is not None:
        keep_session(response, token)
