"""Django middleware: ETags, conditional GETs and compression, by Django's own middleware, without its hops to threads.

Compression and secrets: a page's tokens are masked anew for each answer, and Django adds bytes of random number to each
compressed one (docs/decisions/0032).
"""

import asyncio
from collections.abc import Awaitable, Callable

from asgiref.sync import markcoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.middleware.http import ConditionalGetMiddleware
from django.utils.cache import set_response_etag

# A compressed answer is another representation, with an ETag of its own; If-Match and If-None-Match take either.
_COMPRESSED = '-gzip"'
_ETAG_HEADERS = ("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH")
_COMPRESSIBLE = ("application/json", "application/vnd.oai.openapi", "text/html")
_JSON = "application/json"
# Bytes; so many are hashed and compressed in about a millisecond.
_LARGE = 32 * 1024


class Representation:
    """Makes an answer out of what the views return; files, which stream, are as they are."""

    async_capable, sync_capable = True, False

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]]) -> None:
        self._get_response = get_response
        self._conditional = ConditionalGetMiddleware(_no_response)
        self._gzip = GZipMiddleware(_no_response)
        # Else Django takes it for synchronous.
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        known = _strip_compressed(request)
        response = await self._get_response(request)
        if not isinstance(response, HttpResponse):
            return response
        if len(response.content) < _LARGE:
            return self._represent(request, response, known)
        return await asyncio.to_thread(self._represent, request, response, known)

    def _represent(self, request: HttpRequest, response: HttpResponse, known: str) -> HttpResponseBase:
        kind = response.headers.get("Content-Type", "")
        if kind.startswith(_JSON) and response.status_code == 200 and request.method in ("GET", "HEAD"):
            if request.method == "HEAD" and self._conditional.needs_etag(response):
                # Its body is there until the server leaves it out.
                set_response_etag(response)
            represented = self._conditional.process_response(request, response)
        else:
            represented = response
        if kind.startswith(_COMPRESSIBLE) and represented is response:
            self._compress(request, response)
        elif represented is not response and (etag := _compressed(represented.headers.get("ETag", ""))) in known:
            represented.headers["ETag"] = etag
        return represented

    def _compress(self, request: HttpRequest, response: HttpResponse) -> None:
        etag = response.headers.get("ETag")
        self._gzip.process_response(request, response)
        if etag and response.has_header("Content-Encoding"):
            # Django makes it weak, which If-Match would never accept.
            response.headers["ETag"] = _compressed(etag)


def _compressed(etag: str) -> str:
    return etag.removesuffix('"') + _COMPRESSED


def _strip_compressed(request: HttpRequest) -> str:
    """Have the request's ETags mean what they are compressed forms of; return the header If-None-Match as it was."""
    known: str = request.META.get("HTTP_IF_NONE_MATCH", "")
    for name in _ETAG_HEADERS:
        if _COMPRESSED in request.META.get(name, ""):
            request.META[name] = request.META[name].replace(_COMPRESSED, '"')
    return known


def _no_response(request: HttpRequest) -> HttpResponse:
    raise AssertionError("only what is done to a response is used of these")
