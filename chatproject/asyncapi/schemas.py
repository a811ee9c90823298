"""JSON Schemas of the serializers, by drf-spectacular's own mapping: what the HTTP API's description has too."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent
from rest_framework import serializers

from foundation.error_serializers import ErrorSerializer

Schema = dict[str, Any]
SerializerClass = type[serializers.Serializer[Any]]

# drf-spectacular marks choices for its own later use.
_MARK = "x-spec-enum-id"


class Schemas:
    """Collects the schema of every serializer that was asked for, and of those inside it, each once under its name."""

    def __init__(self) -> None:
        self._registry = ComponentRegistry()
        self._mapper = AutoSchema()
        self._mapper.registry = self._registry

    def _resolve(self, shape: SerializerClass) -> ResolvedComponent:
        # With a context of its own it asks for no view.
        return self._mapper.resolve_serializer(shape(context={"view": None}), "response")

    def ref(self, shape: SerializerClass) -> Schema:
        """Return the reference to a serializer's schema."""
        found: Schema = self._resolve(shape).ref
        return found

    def one_of(self, shapes: list[SerializerClass]) -> Schema:
        found = [self.ref(shape) for shape in shapes]
        return found[0] if len(found) == 1 else {"oneOf": found}

    def says(self, *shapes: SerializerClass) -> str:
        """Return what the serializers say of themselves."""
        return " ".join(self._resolve(shape).schema["description"] for shape in shapes)

    def answer(self, shape: SerializerClass | None) -> Schema:
        """Return the schema of an acknowledgement: `ok` with what the shape has, or a refusal."""
        schema = self._resolve(shape).schema if shape else {}
        done = {
            **schema,
            "type": "object",
            "properties": {"ok": {"const": True}, **schema.get("properties", {})},
            "required": ["ok", *schema.get("required", ())],
        }
        refused = {
            "type": "object",
            "properties": {"ok": {"const": False}, "error": self.ref(ErrorSerializer)},
            "required": ["ok", "error"],
        }
        return _without_marks({"oneOf": [done, refused]})

    def all(self) -> Schema:
        """Return the schemas by name."""
        return _without_marks(self._registry.build({})["schemas"])


def _without_marks(schema: Schema) -> Schema:
    return {key: _inside(value) for key, value in schema.items() if key != _MARK}


def _inside(value: Any) -> Any:
    if isinstance(value, dict):
        return _without_marks(value)
    return [_inside(item) for item in value] if isinstance(value, list) else value
