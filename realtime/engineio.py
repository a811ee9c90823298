"""Engine.IO 4 packets: a type character, then the data (socketio/socket.io, docs/engine.io-protocol/v4-current.md)."""

from typing import Any

import orjson

from .errors import ProtocolError

VERSION = "4"
OPEN, CLOSE, PING, PONG, MESSAGE, UPGRADE, NOOP = "0", "1", "2", "3", "4", "5", "6"
_TYPES = frozenset("0123456")


def decode(text: str) -> tuple[str, str]:
    """Split a websocket text frame into packet type and data; raises `ProtocolError`."""
    if not text or text[0] not in _TYPES:
        raise ProtocolError("unknown packet type")
    return text[0], text[1:]


def handshake(*, sid: str, upgrades: list[str], ping_interval: float, ping_timeout: float, max_payload: int) -> str:
    """Return the OPEN packet; intervals are given in seconds, the wire has milliseconds."""
    data: dict[str, Any] = {
        "sid": sid,
        "upgrades": upgrades,
        "pingInterval": round(ping_interval * 1000),
        "pingTimeout": round(ping_timeout * 1000),
        "maxPayload": max_payload,
    }
    return OPEN + orjson.dumps(data).decode()
