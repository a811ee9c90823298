"""What all HTTP views share: default permission, JSON parser, error responses, and calls of async services."""

from collections.abc import Callable, Collection, Coroutine, Mapping
from itertools import islice
from typing import IO, TYPE_CHECKING, Any, ParamSpec, TypeVar
from urllib.parse import urlencode

import orjson
from asgiref.sync import async_to_sync
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, UnreadablePostError
from rest_framework import exceptions, permissions, serializers
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings

from . import bounded_json
from .answering import in_time
from .counters import errors
from .errors import (
    AppError,
    Forbidden,
    Invalid,
    MethodNotAllowed,
    NotAcceptable,
    NotFound,
    RateLimited,
    TooLarge,
    Unauthenticated,
    UnsupportedMediaType,
)
from .limits import compute
from .turns import paused_turn
from .validation import MAX_ERRORS, echoed, field_errors

if TYPE_CHECKING:
    # Importing DRF's views imports the authentication classes, and ours imports this module.
    from rest_framework.views import APIView

P = ParamSpec("P")
T = TypeVar("T")

# How deep lists and objects may lie in each other in a body: no view needs more than a few.
_MAX_DEPTH = 100


class IsSignedIn(permissions.BasePermission):
    """The default permission: the caller must be signed in. A public view sets `permission_classes = []`."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        # Return False, do not raise: the browsable API asks once per method. DRF responds with 401.
        return request.user is not None


class JsonParser(JSONParser):
    """DRF's parser by orjson, within bounds: Python's own kept all other threads waiting for 40 ms for a megabyte."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        try:
            data: dict[str, Any] = bounded_json.loads(stream.read())
        except ValueError as error:
            raise exceptions.ParseError(f"The body is not JSON: {error}.") from error
        # What goes through it deeper, such as Python's writer of JSON, would end in an error of ours.
        if bounded_json.is_deeper_than(_MAX_DEPTH, data):
            raise exceptions.ParseError(f"The body has lists and objects in each other more than {_MAX_DEPTH} deep.")
        return data


class JsonRenderer(JSONRenderer):
    """DRF's renderer by orjson, which needs a tenth of the time for a page of messages; the JSON is the same."""

    _OPTIONS = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        indent = self.get_indent(accepted_media_type or "", renderer_context or {})
        if data is not None and indent is None:
            try:
                content = orjson.dumps(data, option=self._OPTIONS)
            except TypeError:
                # What is no plain JSON: times, lazy texts, or lone surrogates.
                pass
            else:
                # As DRF does: they are ends of lines to JavaScript.
                if b"\xe2\x80" not in content:
                    return content
                return content.replace(b"\xe2\x80\xa8", b"\\u2028").replace(b"\xe2\x80\xa9", b"\\u2029")
        rendered: bytes = super().render(data, accepted_media_type, renderer_context)
        return rendered


def call_async(function: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call an async service or selector from a sync view; it runs on the process's one event loop.

    Raises `Unavailable` when the request's time is over, see `foundation.answering`.
    """

    async def call() -> T:
        return await compute.metered(compute.caller.get(), in_time(function(*args, **kwargs)))

    with paused_turn():
        return async_to_sync(call)()


def call_unhurried(function: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a service that takes as long as what it is given is large; each of its calls to an engine is bounded."""

    async def call() -> T:
        return await compute.metered(compute.caller.get(), function(*args, **kwargs))

    with paused_turn():
        return async_to_sync(call)()


def request_data(request: Request) -> Mapping[str, Any]:
    """Return the request's data; raises `Invalid` when it is no object."""
    if not isinstance(request.data, Mapping):
        raise Invalid("The data must be an object.")
    return request.data


def query_data(request: Request, allowed: Collection[str]) -> dict[str, str]:
    """Return the query parameters; raises `Invalid` for one that is not among the allowed ones, or is there twice.

    A pager that misspells a parameter would get the same page for ever. `format` chooses the renderer.
    """
    data: dict[str, str] = {}
    wrong: dict[str, list[str]] = {}
    for name, values in request.query_params.lists():
        if name == api_settings.URL_FORMAT_OVERRIDE:
            continue
        if name not in allowed:
            wrong[echoed(name)] = ["There is no such parameter."]
        elif len(values) > 1:
            wrong[name] = ["It is given more than once."]
        data[name] = values[-1]
    if wrong:
        raise Invalid("Some query parameters are not valid.", fields=dict(islice(wrong.items(), MAX_ERRORS)))
    return data


def with_query(request: Request, parameters: Mapping[str, Any]) -> str:
    """Return the request's address with some query parameters replaced, or taken away where they are None.

    It is a reference relative to the server's root.
    """
    query = {**request.query_params.dict(), **parameters}
    return f"{request.path}?{urlencode({name: value for name, value in query.items() if value is not None})}"


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the response `{"error": {...}}` for an expected error; None lets Django respond with 500 to a bug."""
    app_error = _as_app_error(error)
    if app_error is None:
        return None
    return error_response(app_error)


def error_response(error: AppError) -> Response:
    """Return the response of an error, for any view; it is counted."""
    errors.count(error.code)
    return Response({"error": error.as_wire()}, status=error.status, headers=error.headers())


def _as_app_error(error: Exception) -> AppError | None:
    """Translate an exception of DRF or Django to our own error tree; None for any other."""
    app_error: AppError | None = None
    match error:
        case AppError():
            app_error = error
        case serializers.ValidationError():
            app_error = Invalid("Some fields are not valid.", fields=field_errors(error.detail))
        case exceptions.Throttled():
            app_error = RateLimited(retry_after=error.wait)  # type: ignore[attr-defined] # DRF sets it, its stubs do not
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            app_error = Unauthenticated()
        case Http404() | exceptions.NotFound():
            app_error = NotFound()
        case exceptions.MethodNotAllowed():
            app_error = MethodNotAllowed()
        case exceptions.NotAcceptable():
            app_error = NotAcceptable()
        case exceptions.UnsupportedMediaType():
            app_error = UnsupportedMediaType()
        case PermissionDenied() | exceptions.PermissionDenied():
            app_error = Forbidden(str(error) or None)
        case RequestDataTooBig():
            app_error = TooLarge()
        case SuspiciousOperation() | UnreadablePostError():
            app_error = Invalid()
        case exceptions.APIException():
            app_error = Invalid(str(error.detail))
    return app_error
