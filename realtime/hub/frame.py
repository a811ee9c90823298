"""What many connections receive, encoded once for each encoder, down to the bytes of the websocket frames."""

import struct
from collections.abc import Sequence
from typing import NamedTuple, Protocol

Packet = str | bytes

# RFC 6455, section 5.2: FIN with the opcode; a server's frames are not masked.
_TEXT, _BINARY = 0x81, 0x82


class Encoder(Protocol):
    """Encodes an event for a transport; connections that share an encoder share its result."""

    def event(self, name: str, data: bytes) -> str: ...


class PublishedEvent(Protocol):
    """An event of a room: its name, its JSON, and its seq in the room's log (0 if it is transient)."""

    @property
    def seq(self) -> int: ...

    @property
    def event(self) -> str: ...

    @property
    def data(self) -> bytes: ...


class TransientEvent(NamedTuple):
    """An event that is not in the log."""

    event: str
    data: bytes
    seq: int = 0


class Encoded:
    """Packets that are sent together, and their websocket frames, which are made when first needed.

    `binary`: some of the packets may be bytes.
    """

    __slots__ = ("_frames", "binary", "packets")

    def __init__(self, packets: Sequence[Packet], *, binary: bool = False) -> None:
        self.packets, self.binary = packets, binary
        self._frames: bytes | None = None

    @property
    def frames(self) -> bytes:
        if self._frames is None:
            self._frames = b"".join(map(websocket_frame, self.packets))
        return self._frames


class Frame:
    """Consecutive events of a room, encoded when the first connection of each encoder needs them."""

    __slots__ = ("_encoded", "events")

    def __init__(self, events: Sequence[PublishedEvent]) -> None:
        self.events = events
        self._encoded: dict[Encoder, Encoded] = {}

    def encoded_for(self, encoder: Encoder) -> Encoded:
        encoded = self._encoded.get(encoder)
        if encoded is None:
            encoded = self._encoded[encoder] = Encoded([encoder.event(e.event, e.data) for e in self.events])
        return encoded


def websocket_frame(packet: Packet) -> bytes:
    """Return the packet as one unmasked frame: text as UTF-8, or binary."""
    if isinstance(packet, str):
        kind, payload = _TEXT, packet.encode(errors="replace")
    else:
        kind, payload = _BINARY, packet
    size = len(payload)
    if size < 126:
        return bytes((kind, size)) + payload
    if size < 65536:
        return struct.pack("!BBH", kind, 126, size) + payload
    return struct.pack("!BBQ", kind, 127, size) + payload
