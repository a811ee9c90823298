"""Reads the AsyncAPI document as a client does that believes every word of it: what is not in it may not come."""

from collections.abc import Iterator
from typing import Any

from jsonschema import Draft7Validator


class Reading:
    """Judges payloads by a document; a field that the document does not have is a fault too."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._closed = closed(document)

    def messages(self, channel: str) -> dict[str, Any]:
        found: dict[str, Any] = self.document["channels"][channel]["messages"]
        return found

    def schema(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.document["components"]["schemas"][name]
        return found

    def faults_of_shape(self, name: str, data: Any) -> list[str]:
        return self._faults(f"#/components/schemas/{name}", data)

    def faults_of_message(self, channel: str, key: str, payload: Any) -> list[str]:
        if key not in self.messages(channel):
            return [f"{channel} has no {key}: {payload}"]
        return self._faults(f"#/channels/{channel}/messages/{key}/payload", payload)

    def _faults(self, where: str, data: Any) -> list[str]:
        validator = Draft7Validator({**self._closed, "$ref": where})
        return [f"{where}: {error.json_path}: {_innermost(error)}" for error in validator.iter_errors(data)]


def _innermost(error: Any) -> str:
    return " / ".join(_innermost(cause) for cause in error.context) or str(error.message)


def closed(schema: Any) -> Any:
    """Return the same with every object's fields for all that there are."""
    if isinstance(schema, dict):
        inner = {key: closed(value) for key, value in schema.items()}
        named = schema.get("type") == "object" and "properties" in schema
        return {"additionalProperties": False, **inner} if named else inner
    return [closed(item) for item in schema] if isinstance(schema, list) else schema


def references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(schema.get("$ref"), str):
            yield schema["$ref"]
        for value in schema.values():
            yield from references(value)
    elif isinstance(schema, list):
        for item in schema:
            yield from references(item)
