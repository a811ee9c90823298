"""JSON Schemas of serializers, by drf-spectacular, which describes the HTTP API too."""

from typing import Any

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry, ResolvedComponent
from rest_framework import serializers

from foundation.error_serializers import ErrorSerializer

Schema = dict[str, Any]
SerializerClass = type[serializers.Serializer[Any]]

# drf-spectacular's own mark on the choices of a field.
_ENUM_MARK = "x-spec-enum-id"


class Schemas:
    """Collects the schemas of serializers, and of those nested in them, each once under its name."""

    def __init__(self) -> None:
        self._registry = ComponentRegistry()
        self._mapper = AutoSchema()
        self._mapper.registry = self._registry

    def _resolve(self, serializer: SerializerClass) -> ResolvedComponent:
        # Without a context of its own the serializer would be given the mapper's view, which does not exist.
        return self._mapper.resolve_serializer(serializer(context={"view": None}), "response")

    def ref(self, serializer: SerializerClass) -> Schema:
        """Return a reference to the serializer's schema."""
        ref: Schema = self._resolve(serializer).ref
        return ref

    def one_of(self, serializers: list[SerializerClass]) -> Schema:
        """Return a schema that any of the serializers satisfies."""
        refs = [self.ref(serializer) for serializer in serializers]
        return refs[0] if len(refs) == 1 else {"oneOf": refs}

    def summary(self, *serializers: SerializerClass) -> str:
        """Return the serializers' docstrings."""
        return " ".join(self._resolve(serializer).schema["description"] for serializer in serializers)

    def acknowledgement(self, serializer: SerializerClass | None) -> Schema:
        """Return the schema of an acknowledgement: `ok` with the serializer's fields, or an error."""
        schema = self._resolve(serializer).schema if serializer else {}
        success = {
            **schema,
            "type": "object",
            "properties": {"ok": {"const": True}, **schema.get("properties", {})},
            "required": ["ok", *schema.get("required", ())],
        }
        failure = {
            "type": "object",
            "properties": {"ok": {"const": False}, "error": self.ref(ErrorSerializer)},
            "required": ["ok", "error"],
        }
        return _without_marks({"oneOf": [success, failure]})

    def by_name(self) -> Schema:
        """Return all schemas that were collected, by name."""
        return _without_marks(self._registry.build({})["schemas"])


def _without_marks(schema: Schema) -> Schema:
    return {key: _strip_marks(value) for key, value in schema.items() if key != _ENUM_MARK}


def _strip_marks(value: Any) -> Any:
    if isinstance(value, dict):
        return _without_marks(value)
    return [_strip_marks(item) for item in value] if isinstance(value, list) else value
