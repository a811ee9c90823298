"""Django middleware: gives a request in chunks the Content-Length that the parsers of Django and DRF need.

Without one they take the body for empty: the fields of JSON and of forms would be missing, CSRF tokens among them.
"""

import os
from collections.abc import Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware


@sync_and_async_middleware
def content_length(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    if iscoroutinefunction(get_response):

        async def handle_async(request: HttpRequest) -> HttpResponseBase:
            _set_length(request)
            response: HttpResponseBase = await get_response(request)
            return response

        return handle_async

    def handle(request: HttpRequest) -> HttpResponseBase:
        _set_length(request)
        response: HttpResponseBase = get_response(request)
        return response

    return handle


def _set_length(request: HttpRequest) -> None:
    """Measure the body, which is in a temporary file by now."""
    stream = getattr(request, "_stream", None)
    if "CONTENT_LENGTH" in request.META or stream is None:
        return
    # Closed: the client has hung up meanwhile.
    if not getattr(stream, "closed", False) and stream.seekable():
        request.META["CONTENT_LENGTH"] = str(stream.seek(0, os.SEEK_END))
        stream.seek(0)
