"""What the HTTP door's views share: input to service arguments, errors to answers, services from sync views."""

from collections.abc import Callable, Coroutine, Mapping
from typing import IO, TYPE_CHECKING, Any, ParamSpec, TypeVar

from asgiref.sync import async_to_sync
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404
from rest_framework import exceptions, permissions, serializers
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response

from .errors import ChatError, Forbidden, Invalid, NotFound, RateLimited, TooLarge, Unauthenticated
from .validation import field_errors

if TYPE_CHECKING:
    # DRF's views load the authentication classes as they are imported, and ours needs this module.
    from rest_framework.views import APIView

P = ParamSpec("P")
T = TypeVar("T")


class IsSignedIn(permissions.BasePermission):
    """Every view asks for a session unless it says otherwise by name."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        # DRF makes it a 401; raised here, an error of ours would break the browsable page that asks for each method.
        return request.user is not None


class Json(JSONParser):
    """JSON as DRF reads it; nested more deeply than Python reads, it is the sender's mistake and not the server's."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise exceptions.ParseError("The JSON is nested too deeply.") from error


def serve(service: Callable[P, Coroutine[Any, Any, T]], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call a service from a sync view; it runs on the process's one event loop."""
    return async_to_sync(service)(*args, **kwargs)


def body(request: Request) -> dict[str, Any]:
    """Return the body as a dict to which a view adds what stands in the path; raises `Invalid` for anything else."""
    if not isinstance(request.data, Mapping):
        raise Invalid("The data must be an object.")
    return dict(request.data.items())


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Answer every failure with `{"error": {...}}`; None leaves a bug to Django's own 500."""
    refusal = _refusal(error)
    if refusal is None:
        return None
    headers = {}
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(max(1, round(refusal.retry_after)))
    if isinstance(refusal, Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    status = error.status_code if isinstance(error, exceptions.APIException) else refusal.status
    return Response({"error": refusal.as_wire()}, status=status, headers=headers)


def _refusal(error: Exception) -> ChatError | None:
    """Translate what DRF and Django raise at the door into the product's own error tree."""
    refusal: ChatError | None = None
    match error:
        case ChatError():
            refusal = error
        case serializers.ValidationError():
            refusal = Invalid("Some fields are not valid.", fields=field_errors(error.detail))
        case exceptions.Throttled():
            refusal = RateLimited(retry_after=error.wait)  # type: ignore[attr-defined] # DRF sets it, its stubs do not
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            refusal = Unauthenticated()
        case Http404() | exceptions.NotFound():
            refusal = NotFound()
        case PermissionDenied() | exceptions.PermissionDenied():
            refusal = Forbidden(str(error) or None)
        case RequestDataTooBig():
            refusal = TooLarge()
        case SuspiciousOperation():
            refusal = Invalid()
        case exceptions.APIException():
            refusal = Invalid(str(error.detail))
    return refusal
