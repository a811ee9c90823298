"""The AsyncAPI document: every event of both endpoints, from the tables by which they are handled and sent."""

from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from foundation.error_serializers import ConnectErrorSerializer
from messaging.connection_serializers import HandshakeInput
from messaging.event_serializers import server_events
from messaging.session_expiry import SESSION_OVER
from realtime.hub.connection import TRY_AGAIN_LATER
from realtime.jsonsocket.connection import TOO_SLOW

from ..consumers import ClientConsumer
from .channel import REPLY, SERVER, Channel
from .schemas import Schema, Schemas

# The close codes of the websocket server itself.
TOO_BIG, RESTARTING = 1009, 1012
CLOSE_CODES = {
    SESSION_OVER: "The session is over, or was refused: connect again with a fresh token.",
    TOO_SLOW: "The client reads too slowly: reconnect and resume.",
    TRY_AGAIN_LATER: "A part of the server is down for now: try again later.",
    TOO_BIG: f"A frame was larger than {settings.MAX_PACKET_BYTES} bytes.",
    RESTARTING: "The server shuts down: reconnect after the seconds that `drain` has said.",
}
_SOCKETIO = """\
Socket.IO 5 over Engine.IO 4, namespace `/`: any official client since version 3. A message's name is the event's, its
payload the event's one argument; a reply is the argument of the acknowledgement. The payload of `connect` is the
handshake's `auth`. Without an acknowledgement, a failure is sent as an `error` event."""
_JSON = """\
JSON in text frames; the first is `connect`. A frame with `ack`, a number or string of the client's choice, is
acknowledged by one with the same `ack`; without it, a failure is sent as an `error` event. `x-close-codes` has the
reasons for which the server closes."""


@cache
def document() -> dict[str, Any]:
    """Return the document; it does not change while the process runs."""
    schemas = Schemas()
    socketio, json = _socketio(schemas), _json(schemas)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"{settings.SPECTACULAR_SETTINGS['TITLE']}: socket events",
            "version": settings.SPECTACULAR_SETTINGS["VERSION"],
            "description": "What clients and the server send to each other over sockets, the same at both endpoints.",
        },
        "defaultContentType": "application/json",
        "servers": _servers(),
        "channels": {
            "socketio": _channel(socketio, _SOCKETIO),
            "json": {
                **_channel(json, _JSON),
                "bindings": {"ws": {"method": "GET"}},
                "x-close-codes": {str(code): reason for code, reason in CLOSE_CODES.items()},
            },
        },
        "operations": {**socketio.operations, **json.operations},
        "components": {"schemas": schemas.by_name(), "securitySchemes": _SECURITY},
    }


_SECURITY = {
    "sessionToken": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "sessionCookie": {"type": "httpApiKey", "in": "cookie", "name": settings.SESSION_COOKIE},
}


def _servers() -> Schema:
    address = urlsplit(settings.PUBLIC_URL)
    shared = {
        "host": address.netloc,
        # The token may also come in the payload of `connect`.
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


def _channel(channel: Channel, description: str) -> Schema:
    return {
        "address": "/",
        "description": description,
        "servers": [{"$ref": f"#/servers/{channel.name}"}],
        "messages": channel.messages,
    }


def _socketio(schemas: Schemas) -> Channel:
    channel = Channel("socketio")
    replies = [f"{SERVER}.ready", f"{SERVER}.connect_error"]
    channel.add_client_event("connect", schemas.ref(HandshakeInput), schemas.summary(HandshakeInput), replies=replies)
    for name, event in ClientConsumer.events.items():
        channel.add_client_event(
            name, schemas.ref(event.input), schemas.summary(event.input), replies=[f"{REPLY}.{name}"]
        )
        channel.add_reply(name, schemas.acknowledgement(event.output))
    for name, serializers in server_events().items():
        channel.add_server_event(name, schemas.one_of(serializers), schemas.summary(*serializers))
    channel.add_server_event(
        "connect_error", schemas.ref(ConnectErrorSerializer), schemas.summary(ConnectErrorSerializer)
    )
    return channel


def _json(schemas: Schemas) -> Channel:
    channel = Channel("json")
    replies = [f"{SERVER}.ready", f"{SERVER}.error"]
    handshake = _packet("connect", schemas.ref(HandshakeInput), optional=True)
    channel.add_client_event("connect", handshake, schemas.summary(HandshakeInput), replies=replies)
    channel.add_client_event("ping", _packet("ping"), "Check that the server responds.", replies=[f"{SERVER}.pong"])
    for name, event in ClientConsumer.events.items():
        packet = _packet(name, schemas.ref(event.input), ack=_ACK)
        channel.add_client_event(name, packet, schemas.summary(event.input), replies=[f"{REPLY}.{name}"])
        channel.add_reply(name, _object({"ack": _ACK, "data": schemas.acknowledgement(event.output)}, ["ack", "data"]))
    for name, serializers in server_events().items():
        channel.add_server_event(name, _packet(name, schemas.one_of(serializers)), schemas.summary(*serializers))
    channel.add_server_event("pong", _packet("pong"), "The response to `ping`.")
    return channel


_ACK: Schema = {"type": ["integer", "string"], "description": "Asks for an acknowledgement, which has the same."}


def _packet(event: str, data: Schema | None = None, *, optional: bool = False, **more: Schema) -> Schema:
    """Return the schema of an event's packet; `more` are further properties, by name."""
    properties = {"event": {"const": event}, **({"data": data} if data else {}), **more}
    return _object(properties, ["event"] if optional or not data else ["event", "data"])


def _object(properties: Schema, required: list[str]) -> Schema:
    return {"type": "object", "properties": properties, "required": required}
