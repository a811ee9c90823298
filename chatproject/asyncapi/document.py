"""The AsyncAPI document: every event of both socket doors, from the maps by which they are handled and told."""

from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from foundation.error_serializers import ConnectErrorSerializer
from messaging.consumers import CLIENT_EVENTS
from messaging.event_serializers import server_events
from messaging.serializers import HandshakeInput
from messaging.session_expiry import SESSION_OVER
from realtime.connecting import TRY_AGAIN_LATER
from realtime.jsonsocket.session import TOO_SLOW

from .channel import ANSWER, SERVER, Channel
from .schemas import Schema, Schemas

# What the websocket server itself closes with.
TOO_BIG, RESTARTING = 1009, 1012
CLOSE_CODES = {
    SESSION_OVER: "The session is over, or was refused: connect again with a fresh token.",
    TOO_SLOW: "The client reads too slowly: come back and resume.",
    TRY_AGAIN_LATER: "A part of the server does not answer just now: try again later.",
    TOO_BIG: f"A frame was larger than {settings.MAX_PACKET_BYTES} bytes.",
    RESTARTING: "The server goes down: come back when `drain` has said.",
}
_SOCKETIO = """\
Socket.IO 5 over Engine.IO 4, namespace `/`: any official client since version 3. A message's name is the event's, its
payload the event's one argument; an answer is the argument of the acknowledgement. The payload of `connect` is the
handshake's `auth`. Who asks for no acknowledgement hears of a refusal as an `error` event."""
_JSON = """\
Plain JSON in text frames; the first is `connect`. A frame with `ack`, a number or string of the client's choice, is
answered by one with the same `ack`; without it, a refusal comes as an `error` event. `x-close-codes` says why the
server closes."""


@cache
def document() -> dict[str, Any]:
    """Return the document; nothing in it changes while the process runs."""
    schemas = Schemas()
    socketio, json = _socketio(schemas), _json(schemas)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"{settings.SPECTACULAR_SETTINGS['TITLE']}: socket events",
            "version": settings.SPECTACULAR_SETTINGS["VERSION"],
            "description": "What clients and the server say to each other on its sockets, the same through both doors.",
        },
        "defaultContentType": "application/json",
        "servers": _servers(),
        "channels": {
            "socketio": _channel(socketio, _SOCKETIO),
            "json": {
                **_channel(json, _JSON),
                "bindings": {"ws": {"method": "GET"}},
                "x-close-codes": {str(code): why for code, why in CLOSE_CODES.items()},
            },
        },
        "operations": {**socketio.operations, **json.operations},
        "components": {"schemas": schemas.all(), "securitySchemes": _SECURITY},
    }


_SECURITY = {
    "sessionToken": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "sessionCookie": {"type": "httpApiKey", "in": "cookie", "name": settings.SESSION_COOKIE},
}


def _servers() -> Schema:
    address = urlsplit(settings.PUBLIC_URL)
    shared = {
        "host": address.netloc,
        # Or the token comes in the payload of `connect`, or in that of the handshake.
        "security": [{"$ref": f"#/components/securitySchemes/{name}"} for name in _SECURITY],
    }
    secure = "s" if address.scheme == "https" else ""
    return {
        "socketio": {
            "title": "Socket.IO",
            "pathname": f"{address.path}/socket.io/",
            "protocol": "socketio",
            "protocolVersion": "5",
            **shared,
        },
        "json": {
            "title": "JSON over a websocket",
            "pathname": f"{address.path}/ws/",
            "protocol": f"ws{secure}",
            **shared,
        },
    }


def _channel(channel: Channel, says: str) -> Schema:
    return {
        "address": "/",
        "description": says,
        "servers": [{"$ref": f"#/servers/{channel.name}"}],
        "messages": channel.messages,
    }


def _socketio(schemas: Schemas) -> Channel:
    channel = Channel("socketio")
    replies = [f"{SERVER}.ready", f"{SERVER}.connect_error"]
    channel.receives("connect", schemas.ref(HandshakeInput), schemas.says(HandshakeInput), replies=replies)
    for name, event in CLIENT_EVENTS.items():
        channel.receives(name, schemas.ref(event.input), schemas.says(event.input), replies=[f"{ANSWER}.{name}"])
        channel.answers(name, schemas.answer(event.output))
    for name, shapes in server_events().items():
        channel.sends(name, schemas.one_of(shapes), schemas.says(*shapes))
    channel.sends("connect_error", schemas.ref(ConnectErrorSerializer), schemas.says(ConnectErrorSerializer))
    return channel


def _json(schemas: Schemas) -> Channel:
    channel = Channel("json")
    replies = [f"{SERVER}.ready", f"{SERVER}.error"]
    handshake = _frame("connect", schemas.ref(HandshakeInput), optional=True)
    channel.receives("connect", handshake, schemas.says(HandshakeInput), replies=replies)
    channel.receives("ping", _frame("ping"), "Ask whether the server is there.", replies=[f"{SERVER}.pong"])
    for name, event in CLIENT_EVENTS.items():
        frame = _frame(name, schemas.ref(event.input), ack=_ACK)
        channel.receives(name, frame, schemas.says(event.input), replies=[f"{ANSWER}.{name}"])
        channel.answers(name, _object({"ack": _ACK, "data": schemas.answer(event.output)}, ["ack", "data"]))
    for name, shapes in server_events().items():
        channel.sends(name, _frame(name, schemas.one_of(shapes)), schemas.says(*shapes))
    channel.sends("pong", _frame("pong"), "The server is there.")
    return channel


_ACK: Schema = {"type": ["integer", "string"], "description": "Asks for an answer, which bears the same."}


def _frame(event: str, data: Schema | None = None, *, optional: bool = False, **more: Schema) -> Schema:
    """Return the schema of a frame that carries an event; `more` may be in it too."""
    properties = {"event": {"const": event}, **({"data": data} if data else {}), **more}
    return _object(properties, ["event"] if optional or not data else ["event", "data"])


def _object(properties: Schema, required: list[str]) -> Schema:
    return {"type": "object", "properties": properties, "required": required}
