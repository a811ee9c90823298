"""The document as the page shows it: each event with its fields, each field with its type as text."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from foundation.errors import error_classes_by_code

from .channel import CLIENT, REPLY, SERVER
from .schemas import Schema

_REF = "#/components/schemas/"


@dataclass(frozen=True, slots=True)
class TypeText:
    """A piece of a type's text; `type_name` is set where it names one of the document's types, to link to it."""

    text: str
    type_name: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    type: list[TypeText]
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Event:
    """`data` lists alternatives, each a list of fields; `reply` is what an acknowledgement has beside `ok`."""

    name: str
    summary: str
    data: list[list[Field]]
    reply: list[Field]


def page_context(document: Schema) -> dict[str, Any]:
    """Return the context of the page's template."""
    channels, types = document["channels"], document["components"]["schemas"]
    packets, used = channels["json"]["messages"], set(_types_used([types, channels["socketio"]]))
    events = {kind: list(_events(channels["socketio"]["messages"], kind, types)) for kind in (CLIENT, SERVER)}
    return {
        "info": document["info"],
        "endpoints": [
            {**server, "description": channels[name]["description"], "name": name}
            for name, server in document["servers"].items()
        ],
        "client_events": events[CLIENT],
        "server_events": events[SERVER],
        "types": [
            {"name": name, "description": schema.get("description", ""), "fields": _fields(schema)}
            for name, schema in types.items()
            if name in used
        ],
        "ping_packets": [packets["client.ping"], packets["server.pong"]],
        "errors": error_classes_by_code().values(),
        "close_codes": channels["json"]["x-close-codes"].items(),
    }


def _events(messages: Schema, kind: str, types: Schema) -> Iterator[Event]:
    for key, message in messages.items():
        if key.startswith(f"{kind}."):
            payload = message["payload"]
            data = [_fields(types[_name(ref)]) for ref in payload.get("oneOf", [payload])]
            reply = messages.get(f"{REPLY}.{message['name']}") if kind == CLIENT else None
            # The first field is `ok`.
            success = _fields(reply["payload"]["oneOf"][0])[1:] if reply else []
            yield Event(message["name"], message["summary"], data, success)


def _types_used(schema: Any) -> Iterator[str]:
    """Yield the names of the types that fields refer to."""
    if isinstance(schema, dict):
        for field in schema.get("properties", {}).values():
            yield from (piece.type_name for piece in type_text(field) if piece.type_name)
    for value in _values(schema):
        yield from _types_used(value)


def _values(schema: Any) -> Iterable[Any]:
    return schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()


def _name(reference: Schema) -> str:
    return str(reference["$ref"]).removeprefix(_REF)


def _fields(schema: Schema) -> list[Field]:
    return [
        Field(name, type_text(field), name in schema.get("required", ()), field.get("description", ""))
        for name, field in schema.get("properties", {}).items()
    ]


def type_text(schema: Schema) -> list[TypeText]:
    """Return a value's type as text: its kind and limits, its choices, or the name of its type."""
    match schema:
        case {"$ref": _}:
            text = [TypeText(_name(schema), type_name=_name(schema))]
        case {"allOf": [inner, *_]}:
            text = type_text(inner)
        case {"enum": choices}:
            text = [TypeText(" or ".join("null" if choice is None else f'"{choice}"' for choice in choices))]
        case {"type": "array", "items": items}:
            text = [TypeText("list of "), *type_text(items)]
        case {"type": "object", **rest}:
            text = [TypeText("object of "), *type_text(rest.get("additionalProperties") or {})]
        case {"type": [kind, "null"], **rest}:
            text = [*type_text({**rest, "type": kind}), TypeText(" or null")]
        case {"type": kind}:
            text = [TypeText(kind), *_limits(schema)]
        case _:
            text = [TypeText("anything")]
    return text


def _limits(schema: Schema) -> list[TypeText]:
    """Return a string's maximum length, or a number's bounds unless they are those of all our integers."""
    if "maxLength" in schema:
        return [TypeText(f", up to {schema['maxLength']} characters")]
    if schema.get("maximum", 2**53) < 2**53 - 1:
        return [TypeText(f", {schema.get('minimum', 0)} to {schema['maximum']}")]
    return []
