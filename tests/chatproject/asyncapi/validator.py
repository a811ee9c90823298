"""Validates payloads as a client does that relies on the AsyncAPI document: what is not in it must not be sent."""

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft7Validator


class DocumentValidator:
    """Validates payloads by a document; a field that the document does not have is an error too."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._strict = without_additional_properties(document)

    def messages(self, channel: str) -> dict[str, Any]:
        messages: dict[str, Any] = self.document["channels"][channel]["messages"]
        return messages

    def schema(self, name: str) -> dict[str, Any]:
        schema: dict[str, Any] = self.document["components"]["schemas"][name]
        return schema

    def type_errors(self, name: str, data: Any) -> list[str]:
        return self._errors(f"#/components/schemas/{name}", data)

    def message_errors(self, channel: str, key: str, payload: Any) -> list[str]:
        if key not in self.messages(channel):
            return [f"{channel} has no {key}: {payload}"]
        return self._errors(f"#/channels/{channel}/messages/{key}/payload", payload)

    def _errors(self, reference: str, data: Any) -> list[str]:
        validator = Draft7Validator({**self._strict, "$ref": reference})
        return [f"{reference}: {error.json_path}: {_innermost(error)}" for error in validator.iter_errors(data)]


def _innermost(error: Any) -> str:
    return " / ".join(_innermost(cause) for cause in error.context) or str(error.message)


def without_additional_properties(schema: Any) -> Any:
    """Return the schema with no properties allowed but those that it lists."""
    if isinstance(schema, dict):
        inner = {key: without_additional_properties(value) for key, value in schema.items()}
        lists_properties = schema.get("type") == "object" and "properties" in schema
        return {"additionalProperties": False, **inner} if lists_properties else inner
    return [without_additional_properties(item) for item in schema] if isinstance(schema, list) else schema


def references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        for value in schema.values():
            yield from references(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from references(item)
