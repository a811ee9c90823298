"""Which language a page is in, and what the HTML says of it.

The API, the sockets and the logs are in English, for developers: nothing but pages is ever in another language.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.decorators import sync_and_async_middleware

# Where the API and static files are: nothing there is in the reader's language.
_FOR_PROGRAMS = ("/api/", "/static/", "/socket.io/")


def language_of(request: HttpRequest, setting: str | None = None) -> str:
    """Return the language of a request's answer, one of LANGUAGES.

    It is what the person has set, if the caller knows; else what this browser's cookie says, else the first language of
    its header Accept-Language that there is, else English.
    """
    if setting is not None and is_language(setting):
        return setting
    return translation.get_language_from_request(request)


def is_language(value: str) -> bool:
    return value in dict(settings.LANGUAGES)


def remember_language(response: HttpResponseBase, language: str) -> None:
    """Have this browser's pages be in the language from now on."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.SECURE_COOKIES,
    )


async def render_in_thread(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render a template beside the event loop, in the language of this request: a thread has no language of its own."""
    return await asyncio.to_thread(_render, translation.get_language(), request, template, context, status)


def _render(
    language: str, request: HttpRequest, template: str, context: Mapping[str, Any], status: int
) -> HttpResponse:
    with translation.override(language):
        return render(request, template, context, status=status)


@sync_and_async_middleware
def in_language(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Django middleware: a page is made in the language of its request, and says so."""
    if iscoroutinefunction(get_response):

        async def handle_async(request: HttpRequest) -> HttpResponseBase:
            if request.path_info.startswith(_FOR_PROGRAMS):
                answer: Awaitable[HttpResponseBase] = get_response(request)
                return await answer
            with translation.override(language_of(request)):
                return _labelled(await get_response(request))

        return handle_async

    def handle(request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(_FOR_PROGRAMS):
            programs_answer: HttpResponseBase = get_response(request)
            return programs_answer
        with translation.override(language_of(request)):
            return _labelled(get_response(request))

    return handle


def _labelled(response: HttpResponseBase) -> HttpResponseBase:
    """Say the language of a page, and that another reader of its address may get another one."""
    if response.headers.get("Content-Type", "").startswith("text/html"):
        response.headers.setdefault("Content-Language", translation.get_language())
        patch_vary_headers(response, ("Accept-Language", "Cookie"))
    return response
