"""Socket.IO 5 packets (socketio/socket.io, docs/socket.io-protocol/v5-current.md): pure, limits inside."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import orjson

from foundation.bounded_json import loads
from realtime.transport.encoded import RawPacket
from realtime.transport.errors import ProtocolError

CONNECT, DISCONNECT, EVENT, ACK, CONNECT_ERROR, BINARY_EVENT, BINARY_ACK = range(7)
MAX_ATTACHMENTS = 10
# A refusal repeats the namespace.
MAX_NAMESPACE = 128
RESERVED_EVENTS = frozenset(
    ("connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener")
)
# type, attachments "-", namespace ",", acknowledgement id, payload; ASCII digits only.
_PACKET = re.compile(r"([0-6])(?:([0-9]+)-)?(?:(/[^,]*)(?:,|$))?([0-9]{1,16})?(.*)", re.DOTALL)
_BINARY_OF = {EVENT: BINARY_EVENT, ACK: BINARY_ACK}


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet; `id` asks for, or is, an acknowledgement; `attachments` binary messages follow it."""

    type: int
    namespace: str = "/"
    data: Any = None
    id: int | None = None
    attachments: int = 0


def decode(text: str) -> Packet:
    """Parse the packet of an Engine.IO message; raises `ProtocolError` for what the protocol does not allow."""
    match = _PACKET.fullmatch(text)
    if match is None:
        raise ProtocolError("unknown packet type")
    kind, attachments, namespace, packet_id, payload = match.groups()
    if namespace and len(namespace) > MAX_NAMESPACE:
        raise ProtocolError("the namespace is too long")
    packet = Packet(
        type=int(kind),
        namespace=namespace or "/",
        data=_loads(payload) if payload else None,
        id=int(packet_id) if packet_id else None,
        attachments=_count(attachments) if attachments else 0,
    )
    if not _is_allowed(packet, has_payload=bool(payload)):
        raise ProtocolError("invalid payload")
    return packet


def _loads(payload: str) -> Any:
    try:
        return loads(payload)
    except ValueError as error:
        raise ProtocolError("not JSON") from error


def _count(digits: str) -> int:
    if len(digits) > 2 or not 0 < int(digits) <= MAX_ATTACHMENTS:
        raise ProtocolError(f"a packet has 1 to {MAX_ATTACHMENTS} attachments")
    return int(digits)


def _is_allowed(packet: Packet, *, has_payload: bool) -> bool:
    if (packet.type in (BINARY_EVENT, BINARY_ACK)) != bool(packet.attachments):
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


def with_attachments(packet: Packet, attachments: list[bytes]) -> Packet:
    """Return a binary packet with its attachments instead of their placeholders; raises `ProtocolError`."""
    try:
        return replace(packet, data=_fill_placeholders(packet.data, attachments), attachments=0)
    except RecursionError as error:
        raise ProtocolError("nested too deeply") from error


def _fill_placeholders(value: Any, attachments: list[bytes]) -> Any:
    if isinstance(value, list):
        return [_fill_placeholders(item, attachments) for item in value]
    if not isinstance(value, dict):
        return value
    if value.get("_placeholder") is not True:
        return {key: _fill_placeholders(item, attachments) for key, item in value.items()}
    number = value.get("num")
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < len(attachments):
        raise ProtocolError("illegal attachments")
    return attachments[number]


def encode(packet: Packet) -> list[RawPacket]:
    """Return the packet as Engine.IO packets: the text, type character included, then its binary attachments."""
    attachments: list[bytes] = []
    try:
        # Most packets have no bytes in them: then nothing is to be extracted.
        return ["".join(_text(packet, 0))]
    except TypeError:
        data = _extract_attachments(packet.data, attachments)
    kind = _BINARY_OF.get(packet.type, packet.type) if attachments else packet.type
    return ["".join(_text(replace(packet, type=kind, data=data), len(attachments))), *attachments]


def _text(packet: Packet, attachments: int) -> Iterator[str]:
    yield f"4{packet.type}"
    if attachments:
        yield f"{attachments}-"
    if packet.namespace != "/":
        yield f"{packet.namespace},"
    if packet.id is not None:
        yield str(packet.id)
    if packet.data is not None:
        yield orjson.dumps(packet.data).decode()


def _extract_attachments(value: Any, attachments: list[bytes]) -> Any:
    if isinstance(value, bytes | bytearray):
        attachments.append(bytes(value))
        return {"_placeholder": True, "num": len(attachments) - 1}
    if isinstance(value, list | tuple):
        return [_extract_attachments(item, attachments) for item in value]
    if isinstance(value, dict):
        return {key: _extract_attachments(item, attachments) for key, item in value.items()}
    return value
