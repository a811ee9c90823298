"""Engine.IO 4 packets (socketio/socket.io, docs/engine.io-protocol/v4-current.md): pure, limits inside."""

import base64
import binascii
from collections.abc import Iterable
from typing import Any

import orjson

from realtime.transport.encoded import RawPacket
from realtime.transport.errors import ProtocolError

VERSION = "4"
OPEN, CLOSE, PING, PONG, MESSAGE, UPGRADE, NOOP = "0", "1", "2", "3", "4", "5", "6"
SEPARATOR = "\x1e"
# In one payload from a client: parsing a megabyte of the shortest would hold everybody up for half a second.
MAX_PACKETS = 2000
_TYPES = frozenset("0123456")


def decode(text: str) -> tuple[str, RawPacket]:
    """Split a text packet into type and data; `b` is a binary message in base64. Raises `ProtocolError`."""
    if text[:1] == "b":
        return MESSAGE, _from_base64(text[1:])
    if text[:1] not in _TYPES or not text:
        raise ProtocolError("unknown packet type")
    return text[0], text[1:]


def decode_payload(body: bytes) -> list[tuple[str, RawPacket]]:
    """Return the packets of a polling POST, `MAX_PACKETS` at most; raises `ProtocolError`."""
    if body.count(SEPARATOR.encode()) >= MAX_PACKETS:
        raise ProtocolError("too many packets in a payload")
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise ProtocolError("not UTF-8") from error
    return [decode(part) for part in text.split(SEPARATOR)]


def encode_text(packet: RawPacket) -> str:
    """Return the packet as text, for polling and for a websocket that asked for base64."""
    return packet if isinstance(packet, str) else "b" + base64.b64encode(packet).decode()


def encode_payload(packets: Iterable[RawPacket]) -> str:
    return SEPARATOR.join(encode_text(packet) for packet in packets)


def _from_base64(text: str) -> bytes:
    # Node accepts base64 without its padding.
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ProtocolError("not base64") from error


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
