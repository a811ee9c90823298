"""Packets in the form in which they leave: encoded once, down to the bytes of the websocket frames."""

import struct
from collections.abc import Sequence

# What one websocket message holds, and one packet of a polling payload: text, or the bytes of a binary message.
RawPacket = str | bytes

# RFC 6455, section 5.2: the last frame of a message, with its type; a server's frames are not masked.
_TEXT, _BINARY = 0x81, 0x82


class Encoded:
    """Packets that leave together, and the websocket frames that carry them, made when first needed.

    `binary` says that some of them may be bytes.
    """

    __slots__ = ("_frames", "binary", "packets")

    def __init__(self, packets: Sequence[RawPacket], *, binary: bool = False) -> None:
        self.packets, self.binary = packets, binary
        self._frames: bytes | None = None

    @property
    def frames(self) -> bytes:
        if self._frames is None:
            self._frames = b"".join(map(websocket_frame, self.packets))
        return self._frames


def websocket_frame(packet: RawPacket) -> bytes:
    """Return the one frame that carries a packet from a server: text as UTF-8, or binary."""
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


def utf8_size(text: str) -> int:
    """Return how many bytes a text was on the wire."""
    return len(text.encode(errors="surrogatepass"))
