"""What all HTTP views share: default permission, JSON parser, error responses, and calls of async services."""

from collections.abc import Callable, Coroutine, Mapping
from typing import IO, TYPE_CHECKING, Any, ParamSpec, TypeVar

from asgiref.sync import async_to_sync
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404
from rest_framework import exceptions, permissions, serializers
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response

from .answering import in_time
from .errors import AppError, Forbidden, Invalid, NotFound, RateLimited, TooLarge, Unauthenticated
from .validation import field_errors

if TYPE_CHECKING:
    # Importing DRF's views imports the authentication classes, and ours imports this module.
    from rest_framework.views import APIView

P = ParamSpec("P")
T = TypeVar("T")


class IsSignedIn(permissions.BasePermission):
    """The default permission: the caller must be signed in. A public view sets `permission_classes = []`."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        # Return False, do not raise: the browsable API asks once per method. DRF responds with 401.
        return request.user is not None


class JsonParser(JSONParser):
    """DRF's parser; JSON nested beyond Python's recursion limit is the client's error (400), not the server's (500)."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise exceptions.ParseError("The JSON is nested too deeply.") from error


def call_async(function: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call an async service or selector from a sync view; it runs on the process's one event loop.

    Raises `Unavailable` when the request's time is over, see `foundation.answering`.
    """

    async def call() -> T:
        return await in_time(function(*args, **kwargs))

    return async_to_sync(call)()


def call_unhurried(function: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a service that takes as long as what it is given is large; each of its calls to an engine is bounded."""
    return async_to_sync(function)(*args, **kwargs)


def request_data(request: Request) -> dict[str, Any]:
    """Return the request's data as a new dict, to which a view may add path parameters; raises `Invalid`."""
    if not isinstance(request.data, Mapping):
        raise Invalid("The data must be an object.")
    return dict(request.data.items())


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the response `{"error": {...}}` for an expected error; None lets Django respond with 500 to a bug."""
    app_error = _as_app_error(error)
    if app_error is None:
        return None
    status = error.status_code if isinstance(error, exceptions.APIException) else app_error.status
    return Response({"error": app_error.as_wire()}, status=status, headers=app_error.headers())


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
        case PermissionDenied() | exceptions.PermissionDenied():
            app_error = Forbidden(str(error) or None)
        case RequestDataTooBig():
            app_error = TooLarge()
        case SuspiciousOperation():
            app_error = Invalid()
        case exceptions.APIException():
            app_error = Invalid(str(error.detail))
    return app_error
