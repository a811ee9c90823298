"""What a session keeps of the request that opened it."""

from typing import Any


def request_of(scope: dict[str, Any]) -> dict[str, Any]:
    """Return the request's headers by lower-case name, as text."""
    return {"headers": {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}}
