"""The document as the page shows it: each event with its fields, each field with its type as text."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from chatproject.schema_text import Field, fields_of, type_name, type_text
from foundation.errors import error_classes_by_code

from .channel import CLIENT, REPLY, SERVER
from .schemas import Schema


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
            {"name": name, "description": schema.get("description", ""), "fields": fields_of(schema)}
            for name, schema in types.items()
            if name in used
        ],
        "ping_packets": [packets["client.ping"], packets["server.pong"]],
        "errors": error_classes_by_code(http=False).values(),
        "close_codes": channels["json"]["x-close-codes"].items(),
    }


def _events(messages: Schema, kind: str, types: Schema) -> Iterator[Event]:
    for key, message in messages.items():
        if key.startswith(f"{kind}."):
            payload = message["payload"]
            data = [fields_of(types[type_name(ref)]) for ref in payload.get("oneOf", [payload])]
            reply = messages.get(f"{REPLY}.{message['name']}") if kind == CLIENT else None
            # The first field is `ok`.
            success = fields_of(reply["payload"]["oneOf"][0])[1:] if reply else []
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
