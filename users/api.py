"""The base of the API's views: it reads the input, checks conditions, and repeats the answer of a repeated request."""

from collections.abc import Callable, Mapping
from functools import cache
from inspect import iscoroutinefunction
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response, set_response_etag
from django.utils.http import http_date
from rest_framework import serializers
from rest_framework.renderers import BrowsableAPIRenderer
from rest_framework.response import Response

from foundation.api import JsonRenderer, call_async, query_data, request_data, with_query
from foundation.errors import Invalid, MethodNotAllowed, PreconditionFailed
from foundation.operations import SAFE_METHODS, Operation, SerializerClass, operation_of, takes_body, without_fields
from foundation.validation import validated

from .authentication import require_actor
from .idempotency import answer_once, key_of
from .reading import ReadsOnLoop

_CONDITIONS = ("If-Match", "If-None-Match", "If-Unmodified-Since")


class _Nothing(serializers.Serializer[Any]):
    """The input of what takes none."""


class ApiView(ReadsOnLoop):
    """A view whose methods are declared with `foundation.operations.Operation`; those that read are coroutines."""

    # What a conditional request that changes something was compared with, in wire form.
    current: Mapping[str, Any] | None = None
    # Whether the answer to a request with an Idempotency-Key is kept; not what has a secret, nor a digest of one.
    keeps_answers = True

    async def read(self, operation: Operation, path: Mapping[str, str]) -> Response:
        data = self._read_input(operation, path)
        method = getattr(self, (self.request.method or "").lower()).method
        return self._respond(operation, await method(self, require_actor(self.request), **data))

    def run(self, operation: Operation, method: Callable[..., Any], path: Mapping[str, str]) -> Response:
        """Return the response of an operation to the request of this view, in a thread."""

        def perform(client_id: str | None = None) -> Response:
            data = self._read_input(operation, path)
            self._check_conditions(path)
            if client_id and "clientId" in _field_names(operation.input) and not data.get("client_id"):
                data["client_id"] = client_id
            return self._respond(operation, self._perform(method, data))

        if self.request.method in SAFE_METHODS:
            return self._greet(perform) if self._is_page and not self.request.query_params else perform()
        key = key_of(self.request) if self.keeps_answers else None
        return perform() if key is None else answer_once(self.request, key, perform)

    def _perform(self, method: Callable[..., Any], data: Mapping[str, Any]) -> Any:
        actor = require_actor(self.request)
        if iscoroutinefunction(method):
            return call_async(method, self, actor, **data)
        return method(self, actor, **data)

    def _greet(self, perform: Callable[[], Response]) -> Response:
        """Show a person who has yet to say what they look for the form that asks for it, not an error."""
        try:
            return perform()
        except Invalid:
            return Response()

    def _read_input(self, operation: Operation, path: Mapping[str, str]) -> dict[str, Any]:
        names = _field_names(operation.input) - path.keys()
        has_body = takes_body(self.request.method or "")
        given: Mapping[str, Any] = query_data(self.request, _field_names(operation.query) if has_body else names)
        asked = validated(operation.query, given) if has_body and operation.query else {}
        if has_body and names:
            # A form as it is: a field of it may have several values.
            given = request_data(self.request)
        data = validated(operation.input, {**given, **path} if path else given) if operation.input else {}
        return {**data, **asked}

    def _respond(self, operation: Operation, answer: Any) -> Response:
        if isinstance(answer, HttpResponseBase):
            return answer  # type: ignore[return-value] # not to be kept, and DRF takes any
        if answer is None:
            return Response(status=operation.statuses[0])
        response = Response(answer, status=operation.statuses[-1 if answer.get("duplicate") else 0])
        if operation.location:
            response["Location"] = operation.location(answer)
        if operation.modified and (modified := operation.modified(answer)):
            response["Last-Modified"] = http_date(modified.timestamp())
        if operation.next_page and (parameters := operation.next_page(answer)):
            response["Link"] = f'<{with_query(self.request, parameters)}>; rel="next"'
        return response

    def _check_conditions(self, path: Mapping[str, str]) -> None:
        """Raise `PreconditionFailed` unless what is to be changed is as the request's headers say (RFC 9110, 13)."""
        reading = operation_of(self, "GET")
        changes = self.request.method not in SAFE_METHODS | {"POST"}
        if reading is None or not changes or not any(map(self.request.headers.get, _CONDITIONS)):
            return
        data = validated(reading.input, path) if reading.input else {}
        current = self._perform(self.get.method, data)  # type: ignore[attr-defined] # an operation
        if isinstance(current, HttpResponseBase):
            current.close()
            etag, modified = current["ETag"], None
        else:
            self.current, etag = current, etag_of(current)
            modified = reading.modified(current) if reading.modified else None
        seconds = int(modified.timestamp()) if modified else None
        if get_conditional_response(self.request._request, etag=etag, last_modified=seconds) is not None:
            raise PreconditionFailed

    # --- pages -------------------------------------------------------------------------------------------------------
    @property
    def _is_page(self) -> bool:
        return isinstance(self.request.accepted_renderer, BrowsableAPIRenderer)

    def get_serializer_class(self) -> SerializerClass:
        """Return the input of the method that the page shows a form for."""
        operation = operation_of(self, self.request.method or "")
        body = without_fields(operation.input, frozenset(self.kwargs)) if operation and operation.input else None
        return body or _Nothing

    def get_object(self) -> None:
        """Return what DRF asks for before it says, to OPTIONS, what a PUT takes: that needs no object."""

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        """Show a person who looks at an address that takes a POST alone its form; anybody else gets a 405."""
        if request.method in ("GET", "HEAD") and self._is_page:
            return Response(headers={"Allow": ", ".join(self.allowed_methods)})
        raise MethodNotAllowed


def etag_of(wire: Any) -> str:
    """Return the ETag of the response with this wire form, as Django's middleware makes it."""
    response = HttpResponse(JsonRenderer().render(wire))
    set_response_etag(response)
    return response["ETag"]


@cache
def _field_names(serializer: SerializerClass | None) -> frozenset[str]:
    return frozenset(serializer().fields) if serializer else frozenset()
