"""What the methods of the API's views are declared as, for their callers, their description and their forms."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, wraps
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

SerializerClass = type[serializers.Serializer[Any]]
Wire = Mapping[str, Any]
SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))
# Methods whose input is in the address.
_WITHOUT_BODY = SAFE_METHODS | {"DELETE"}


@dataclass(frozen=True, slots=True)
class Operation:
    """A method of a view: what it takes (path, query and body together) and what it returns.

    `id` names it in the API's description and in generated clients. `query` is what the address may say of a method
    whose input is in its body. `statuses` are those of its success, the usual one
    first. Of the wire form that it returns, `next_page` gives the query parameters of the page after it, or None on the
    last one; `location` the address of what was created; `modified` when it was last changed, None if that is not
    known.
    """

    id: str
    input: SerializerClass | None = None
    output: SerializerClass | None = None
    statuses: tuple[int, ...] = (200,)
    next_page: Callable[[Wire], Wire | None] | None = None
    location: Callable[[Wire], str] | None = None
    modified: Callable[[Wire], datetime | None] | None = None
    public: bool = False
    query: SerializerClass | None = None

    def __call__(self, method: Callable[..., Any]) -> Callable[..., Response]:
        """Declare a method of an `ApiView`: it is called with the actor and its validated input."""

        @wraps(method)
        def run(view: Any, request: Request, **path: str) -> Response:
            response: Response = view.run(self, method, path)
            return response

        run.operation = self  # type: ignore[attr-defined] # read by `operation_of`
        run.method = method  # type: ignore[attr-defined]
        return run


def operation_of(view: Any, method: str) -> Operation | None:
    """Return what a view's method is declared as, None if the view has no such method or does not declare it."""
    return getattr(getattr(view, method.lower(), None), "operation", None)


def takes_body(method: str) -> bool:
    return method.upper() not in _WITHOUT_BODY


@cache
def without_fields(serializer: SerializerClass, names: frozenset[str]) -> SerializerClass | None:
    """Return the serializer without these fields, such as those that the path has; None when no other is left."""
    fields = serializer().fields
    if not names & fields.keys():
        return serializer if fields else None
    if names >= fields.keys():
        return None
    # DRF's own way to take a declared field away.
    name = serializer.__name__.removesuffix("Input") + "Body"
    return type(name, (serializer,), {"__doc__": serializer.__doc__, **dict.fromkeys(names)})


def next_cursor(page: Wire) -> Wire | None:
    """Return the query parameters of the page after one with a `nextCursor`."""
    return {"cursor": page["nextCursor"]} if "nextCursor" in page else None
