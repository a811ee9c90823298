"""The OpenAPI document, made once a process: it takes half a second, and anybody may ask for it."""

from functools import cache
from typing import Any

from foundation.turns import TurnLock

# What makes it loads its extensions at first use: in two threads at once, one of them fails.
_making = TurnLock()


def document() -> dict[str, Any]:
    with _making:
        return _document()


@cache
def _document() -> dict[str, Any]:
    # Importing it imports DRF's views, which name the renderer whose forms come from here.
    from drf_spectacular.generators import SchemaGenerator

    schema: dict[str, Any] = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    return schema
