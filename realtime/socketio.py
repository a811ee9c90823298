"""Socket.IO 5 packets, text part (socketio/socket.io, docs/socket.io-protocol/v5-current.md); bytes in, objects out."""

import json
import re
from dataclasses import dataclass
from typing import Any

import orjson

from .errors import ProtocolError

CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR, BINARY_EVENT, BINARY_ACK = range(7)
RESERVED_EVENTS = frozenset(
    ("connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener")
)
# type, attachments "-", namespace ",", acknowledgement id, payload; ASCII digits only.
_PACKET = re.compile(r"([0-6])(?:([0-9]+)-)?(?:(/[^,]*)(?:,|$))?([0-9]{1,16})?(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet; `id` asks for, or is, an acknowledgement."""

    type: int
    namespace: str = "/"
    data: Any = None
    id: int | None = None
    attachments: int = 0


class SocketIOWire:
    """How a Socket.IO connection on the root namespace writes an event."""

    def event(self, name: str, data: bytes) -> str:
        return f'42["{name}",{data.decode()}]'


WIRE = SocketIOWire()


def decode(text: str) -> Packet:
    """Parse the packet of an Engine.IO message; raises `ProtocolError` for what the protocol does not allow."""
    match = _PACKET.fullmatch(text)
    if match is None:
        raise ProtocolError("unknown packet type")
    kind, attachments, namespace, packet_id, payload = match.groups()
    packet = Packet(
        type=int(kind),
        namespace=namespace or "/",
        data=_json(payload) if payload else None,
        id=int(packet_id) if packet_id else None,
        attachments=int(attachments) if attachments else 0,
    )
    if not _allowed(packet, has_payload=bool(payload)):
        raise ProtocolError("invalid payload")
    return packet


def _json(payload: str) -> Any:
    try:
        return orjson.loads(payload)
    except orjson.JSONDecodeError:
        return _odd_json(payload)


def _odd_json(payload: str) -> Any:
    """Read JSON that orjson does not: a browser may send half an emoji, which is for the field to refuse."""
    try:
        return json.loads(payload, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ProtocolError("invalid payload") from error


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON")


def _allowed(packet: Packet, *, has_payload: bool) -> bool:
    binary = packet.type in (BINARY_EVENT, BINARY_ACK)
    if binary != bool(packet.attachments):
        return False
    match packet.type:
        case 0:
            return not has_payload or isinstance(packet.data, dict)
        case 1:
            return not has_payload
        case 2 | 5:
            return _is_event(packet.data)
        case 3 | 6:
            return isinstance(packet.data, list) and packet.id is not None
    return isinstance(packet.data, dict | str)


def _is_event(data: Any) -> bool:
    if not isinstance(data, list) or not data:
        return False
    name = data[0]
    if isinstance(name, str):
        return name not in RESERVED_EVENTS
    return isinstance(name, int | float) and not isinstance(name, bool)


def encode(packet: Packet) -> str:
    """Return the packet as an Engine.IO message, type character included."""
    namespace = "" if packet.namespace == "/" else f"{packet.namespace},"
    packet_id = "" if packet.id is None else str(packet.id)
    payload = "" if packet.data is None else orjson.dumps(packet.data).decode()
    return f"4{packet.type}{namespace}{packet_id}{payload}"
