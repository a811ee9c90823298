"""The Content-Security-Policy of every HTML page: what the browser may load and run.

A script runs only with the nonce of its page, so that nothing else of this server is one, whatever people upload.
"""

import secrets
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.decorators import sync_and_async_middleware
from django.utils.functional import SimpleLazyObject

from . import clerk

_NONCE_BYTES = 16
# Where the API's own pages are: their libraries style elements inline and draw icons from data.
_REFERENCE = "/api/"
_DIRECTIVES = {
    "default-src": "'none'",
    "script-src": "'nonce-{nonce}'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'none'",
}


def policy(nonce: str, *, reference: bool = False, worker: str = "") -> str:
    """Return the header's value for a page with this nonce; `reference`: a page of the browsable API or its docs.

    `worker` is the address of the one script that the page may start as a worker.
    """
    given = _template(reference=reference).format(nonce=nonce)
    return f"{given}; worker-src {worker}" if worker else given


@cache
def _template(*, reference: bool) -> str:
    """Return this server only, and on chat pages Clerk's own hosts where Clerk signs users in."""
    directives = dict(_DIRECTIVES)
    clerks = clerk.frontend_origin()
    if reference:
        directives["style-src"] += " 'unsafe-inline'"
        directives["img-src"] += " data:"
        directives["font-src"] = "'self'"
    elif clerks:
        # As Clerk's documentation asks; its sign-in box styles itself inline and checks for robots in a frame.
        directives["script-src"] += f" {clerks} https://challenges.cloudflare.com"
        directives["connect-src"] += f" {clerks}"
        directives["img-src"] += " https://img.clerk.com"
        directives["style-src"] += " 'unsafe-inline'"
        directives["worker-src"] = "'self' blob:"
        directives["frame-src"] = "https://challenges.cloudflare.com"
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def let_start_worker(request: HttpRequest, response: HttpResponseBase) -> None:
    """Let a page start the chat's service worker, and no other address of this server."""
    nonce = str(request.csp_nonce)  # type: ignore[attr-defined]
    worker = request.build_absolute_uri(reverse("web:service-worker"))
    response.headers["Content-Security-Policy"] = policy(nonce, worker=worker)


@sync_and_async_middleware
def content_security(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Django middleware: templates find the nonce as `request.csp_nonce`, and HTML gets its policy."""
    if iscoroutinefunction(get_response):

        async def handle_async(request: HttpRequest) -> HttpResponseBase:
            _add_nonce(request)
            answer: Awaitable[HttpResponseBase] = get_response(request)
            return _protect(request, await answer)

        return handle_async

    def handle(request: HttpRequest) -> HttpResponseBase:
        _add_nonce(request)
        return _protect(request, get_response(request))

    return handle


def _add_nonce(request: HttpRequest) -> None:
    # Lazy: most requests are for JSON.
    request.csp_nonce = SimpleLazyObject(lambda: secrets.token_urlsafe(_NONCE_BYTES))  # type: ignore[attr-defined]


def _protect(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    if response.headers.get("Content-Type", "").startswith("text/html"):
        nonce = str(request.csp_nonce)  # type: ignore[attr-defined]
        reference = request.path.startswith(_REFERENCE)
        response.headers.setdefault("Content-Security-Policy", policy(nonce, reference=reference))
    return response
