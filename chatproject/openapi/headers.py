"""The headers of an operation: those that a request may have, and those that its answers have."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter

from foundation.operations import SAFE_METHODS, Operation, operation_of
from users.idempotency import HEADER as IDEMPOTENCY_KEY
from users.idempotency import MAX_KEY, REPLAYED

_KEY = {"type": "string", "minLength": 1, "maxLength": MAX_KEY}


def headers_of(view: Any, method: str) -> list[OpenApiParameter]:
    """Return the headers of a view's method as parameters of drf-spectacular."""
    operation = operation_of(view, method)
    if operation is None:
        return []
    if method in SAFE_METHODS:
        return _of_reading(operation) if operation.output else []
    headers = _of_repeating(operation) if getattr(view, "keeps_answers", True) else []
    reading = operation_of(view, "GET")
    if reading and method != "POST":
        headers.append(_request("If-Match", "Refuse this unless it still has one of these ETags."))
        if reading.modified:
            headers.append(_request("If-Unmodified-Since", "Refuse this if it was changed after that."))
    if operation.location:
        headers.append(_answer("Location", "The address of what was made.", operation.statuses))
    return headers


def _of_repeating(operation: Operation) -> list[OpenApiParameter]:
    return [
        _request(IDEMPOTENCY_KEY, "Sent again under the same key, the request gets the same answer.", _KEY),
        _answer(REPLAYED, "`true`: this is the answer that an earlier request under the key got.", operation.statuses),
    ]


def _of_reading(operation: Operation) -> list[OpenApiParameter]:
    headers = [
        _request("If-None-Match", "Answer 304 if it still has one of these ETags."),
        _answer("ETag", "Names this state, for `If-None-Match` and `If-Match`.", (200,)),
    ]
    if operation.modified:
        headers.append(_answer("Last-Modified", "When it was changed, if that is known.", (200,)))
    if operation.next_page:
        headers.append(_answer("Link", 'The address of the next page, with `rel="next"`, if there is one.', (200,)))
    return headers


def _request(name: str, description: str, schema: dict[str, Any] | None = None) -> OpenApiParameter:
    return OpenApiParameter(name, schema or str, OpenApiParameter.HEADER, description=description)


def _answer(name: str, description: str, statuses: tuple[int, ...]) -> OpenApiParameter:
    codes = [str(status) for status in statuses]
    return OpenApiParameter(name, str, OpenApiParameter.HEADER, description=description, response=codes)
