"""Django's middleware and WhiteNoise's, without their hops to threads: most of what they do is a look at some headers.

Each hop costs 0.2 ms of CPU, and a request had eleven (docs/decisions/0036).
"""

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import markcoroutinefunction, sync_to_async
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware import clickjacking, common, csrf, security
from whitenoise import middleware as whitenoise

_SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")


class _OnLoop:
    """Comes before a middleware of Django's among the bases of a class, and calls its methods in place."""

    get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]]
    process_request: Callable[[HttpRequest], HttpResponseBase | None]
    process_response: Callable[[HttpRequest, HttpResponseBase], HttpResponseBase]

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        early = self.process_request(request) if hasattr(self, "process_request") else None
        return self.process_response(request, early or await self.get_response(request))


class SecurityMiddleware(_OnLoop, security.SecurityMiddleware):  # type: ignore[misc] # typed as for threads
    pass


class CommonMiddleware(_OnLoop, common.CommonMiddleware):  # type: ignore[misc]
    pass


class XFrameOptionsMiddleware(_OnLoop, clickjacking.XFrameOptionsMiddleware):  # type: ignore[misc]
    pass


class CsrfViewMiddleware(_OnLoop, csrf.CsrfViewMiddleware):  # type: ignore[misc]
    async def process_view(  # type: ignore[override] # Django awaits it
        self, request: HttpRequest, callback: Any, args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        check = super().process_view
        if request.method in _SAFE or getattr(callback, "csrf_exempt", False):
            return check(request, callback, args, kwargs)
        # It may read a form.
        return await sync_to_async(check, thread_sensitive=True)(request, callback, args, kwargs)


class WhiteNoiseMiddleware(whitenoise.WhiteNoiseMiddleware):  # type: ignore[misc] # it has no types
    """Serves static files in a thread; WhiteNoise's own keeps one for every request, until that is answered."""

    async_capable, sync_capable = True, False

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]], **options: Any) -> None:
        super().__init__(get_response, **options)
        self._get_response = get_response
        # Else Django takes it for synchronous.
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(self.static_prefix):
            file = await sync_to_async(self._serve_file, thread_sensitive=True)(request)
            if file is not None:
                return file
        return await self._get_response(request)

    def _serve_file(self, request: HttpRequest) -> HttpResponseBase | None:
        path = request.path_info
        file = self.find_file(path) if self.autorefresh else self.files.get(path)
        found: HttpResponseBase | None = None if file is None else self.serve(file, request)
        return found
