"""Views that read on the event loop: no thread, and none of the hops between it and the services (decision 0036)."""

from collections.abc import Callable, Mapping
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest, HttpResponseBase
from rest_framework.generics import GenericAPIView
from rest_framework.renderers import BrowsableAPIRenderer
from rest_framework.response import Response
from rest_framework.settings import api_settings

from foundation.answering import in_time
from foundation.operations import SAFE_METHODS, Operation, operation_of

from .authentication import find_caller


class ReadsOnLoop(GenericAPIView[Any]):
    """A view that answers on the loop if an `async def` is asked for JSON.

    What has a body, or is answered by a page, may compute for long: a thread answers that.
    """

    async def read(self, operation: Operation, path: Mapping[str, str]) -> Response:
        """Return the response of an operation that is a coroutine function."""
        raise NotImplementedError

    @classmethod
    def as_view(cls, **options: Any) -> Callable[..., Any]:  # type: ignore[override] # of a coroutine function
        in_thread = super().as_view(**options)

        def answer(request: HttpRequest, **path: str) -> HttpResponseBase:
            return _rendered(in_thread(request, **path))

        # With what Django and DRF have noted on theirs.
        @wraps(in_thread)
        async def view(request: HttpRequest, **path: str) -> HttpResponseBase:
            self = cls(**options)
            self.setup(request, **path)
            operation = operation_of(self, request.method or "")
            if operation and self._reads_json(request):
                return _rendered(await self._answer(operation, request, path))
            return await sync_to_async(answer, thread_sensitive=True)(request, **path)

        return view

    def _reads_json(self, request: HttpRequest) -> bool:
        method = (request.method or "").lower()
        if request.method not in SAFE_METHODS or not iscoroutinefunction(getattr(self, method).method):
            return False
        has_pages = any(issubclass(renderer, BrowsableAPIRenderer) for renderer in self.renderer_classes)
        accept = request.headers.get("Accept", "").lower()
        # With an indent, JSON is encoded by Python alone.
        asks_for_more = any(part in accept for part in ("text/", "html", "indent"))
        return not asks_for_more and not (has_pages and api_settings.URL_FORMAT_OVERRIDE in request.GET)

    async def _answer(self, operation: Operation, request: HttpRequest, path: Mapping[str, str]) -> HttpResponseBase:
        """Do what `dispatch` does in a thread."""
        self.request = self.initialize_request(request, **path)
        self.headers = self.default_response_headers
        try:
            # Before DRF asks for it, which it does without awaiting.
            request.found_caller = await in_time(find_caller(request))  # type: ignore[attr-defined]
            self.initial(self.request, **path)
            response = await in_time(self.read(operation, path))
        except Exception as error:
            response = self.handle_exception(error)
        return self.finalize_response(self.request, response, **path)


def _rendered(response: HttpResponseBase) -> HttpResponseBase:
    if isinstance(response, Response):
        response.render()
        # Django would call it once more, in a thread.
        response.render = None  # type: ignore[assignment,method-assign]
    return response
