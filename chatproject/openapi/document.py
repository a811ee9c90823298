"""The OpenAPI document, made once a process: it takes half a second, and anybody may ask for it."""

from functools import cache
from typing import Any


@cache
def document() -> dict[str, Any]:
    # Importing it imports DRF's views, which name the renderer whose forms come from here.
    from drf_spectacular.generators import SchemaGenerator

    schema: dict[str, Any] = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    return schema
