"""The document as a person reads it: each event with its fields, each field with its type in words."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from foundation.errors import error_classes_by_code

from .channel import ANSWER, CLIENT, SERVER
from .schemas import Schema

_REF = "#/components/schemas/"


@dataclass(frozen=True, slots=True)
class Word:
    """A piece of a type's description; `shape` is the name of the shape that it is, if it is one."""

    text: str
    shape: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    type: list[Word]
    required: bool
    says: str


@dataclass(frozen=True, slots=True)
class Event:
    """`data` and `answer` are lists of alternatives, each a list of fields; an answer's fields come beside `ok`."""

    name: str
    says: str
    data: list[list[Field]]
    answer: list[Field]


def described(document: Schema) -> dict[str, Any]:
    """Return what the page's template needs."""
    channels, shapes = document["channels"], document["components"]["schemas"]
    frames, mentioned = channels["json"]["messages"], set(_mentioned([shapes, channels["socketio"]]))
    events = {side: list(_events(channels["socketio"]["messages"], side, shapes)) for side in (CLIENT, SERVER)}
    return {
        "info": document["info"],
        "doors": [
            {**server, "says": channels[name]["description"], "name": name}
            for name, server in document["servers"].items()
        ],
        "from_clients": events[CLIENT],
        "from_server": events[SERVER],
        "shapes": [
            {"name": name, "says": shape.get("description", ""), "fields": _fields(shape)}
            for name, shape in shapes.items()
            if name in mentioned
        ],
        "frames": [frames["client.ping"], frames["server.pong"]],
        "errors": error_classes_by_code().values(),
        "close_codes": channels["json"]["x-close-codes"].items(),
    }


def _events(messages: Schema, side: str, shapes: Schema) -> Iterator[Event]:
    for key, message in messages.items():
        if key.startswith(f"{side}."):
            payload = message["payload"]
            data = [_fields(shapes[_name(found)]) for found in payload.get("oneOf", [payload])]
            answer = messages.get(f"{ANSWER}.{message['name']}") if side == CLIENT else None
            done = _fields(answer["payload"]["oneOf"][0])[1:] if answer else []
            yield Event(message["name"], message["summary"], data, done)


def _mentioned(schema: Any) -> Iterator[str]:
    """Yield the names of the shapes that fields refer to."""
    if isinstance(schema, dict):
        for field in schema.get("properties", {}).values():
            yield from (word.shape for word in in_words(field) if word.shape)
    for value in _values(schema):
        yield from _mentioned(value)


def _values(schema: Any) -> Iterable[Any]:
    return schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()


def _name(reference: Schema) -> str:
    return str(reference["$ref"]).removeprefix(_REF)


def _fields(schema: Schema) -> list[Field]:
    return [
        Field(name, in_words(field), name in schema.get("required", ()), field.get("description", ""))
        for name, field in schema.get("properties", {}).items()
    ]


def in_words(schema: Schema) -> list[Word]:
    """Say what a value is: its type, the words that it may be, or the shape that it has."""
    match schema:
        case {"$ref": _}:
            words = [Word(_name(schema), shape=_name(schema))]
        case {"allOf": [inner, *_]}:
            words = in_words(inner)
        case {"enum": choices}:
            words = [Word(" or ".join("null" if choice is None else f'"{choice}"' for choice in choices))]
        case {"type": "array", "items": items}:
            words = [Word("list of "), *in_words(items)]
        case {"type": "object", **rest}:
            words = [Word("object of "), *in_words(rest.get("additionalProperties") or {})]
        case {"type": [kind, "null"], **rest}:
            words = [*in_words({**rest, "type": kind}), Word(" or null")]
        case {"type": kind}:
            words = [Word(kind), *_limits(schema)]
        case _:
            words = [Word("anything")]
    return words


def _limits(schema: Schema) -> list[Word]:
    """Say how long a text may be, and the bounds of a number where they are other than those of every number."""
    if "maxLength" in schema:
        return [Word(f", up to {schema['maxLength']} characters")]
    if schema.get("maximum", 2**53) < 2**53 - 1:
        return [Word(f", {schema.get('minimum', 0)} to {schema['maximum']}")]
    return []
