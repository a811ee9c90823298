"""What waits to be written to one client: bounded, in order, for whichever transport takes it."""

import asyncio
from collections.abc import Callable

from realtime.transport.encoded import Encoded, RawPacket

from .websocket import Socket

# A client this far behind is given up; it comes back and resumes.
MAX_PACKETS = 2000
MAX_SIZE = 8_000_000
# How many packets a websocket that takes more again is given at a time.
_AT_ONCE = 64
# How long the last words of a connection have to leave.
_LAST_WORDS_SECONDS = 1.0


class Outbox:
    """Put from anywhere, never blocking; handed to an attached websocket, or taken by a poll."""

    __slots__ = ("_ending", "_on_overflow", "_packets", "_size", "_socket", "_waiting")

    def __init__(self, *, on_overflow: Callable[[], None]) -> None:
        self._packets: list[RawPacket] = []
        self._size = 0
        self._on_overflow = on_overflow
        self._socket: Socket | None = None
        self._waiting: asyncio.Future[None] | None = None
        self._ending: tuple[int, str] | None = None

    def __len__(self) -> int:
        return len(self._packets)

    def put(self, encoded: Encoded) -> None:
        """Write packets that belong together, or queue them; past the bound the client is given up."""
        socket = self._socket
        if socket is not None and not self._packets and socket.ready:
            socket.write(encoded)
            return
        self.force(*encoded.packets)
        if len(self._packets) > MAX_PACKETS or self._size > MAX_SIZE:
            self._on_overflow()

    def force(self, *packets: RawPacket) -> None:
        """Queue packets without a look at the bound: the last words of a session."""
        self._packets += packets
        self._size += sum(map(len, packets))
        self.wake()

    def clear(self) -> None:
        self._packets.clear()
        self._size = 0

    # --- a transport that fetches ------------------------------------------------------------------------------------
    async def wait(self, seconds: float | None) -> None:
        """Return when there is something to take, when somebody calls `wake`, or after these seconds."""
        if not self._packets:
            self._waiting = asyncio.get_running_loop().create_future()
            await asyncio.wait([self._waiting], timeout=seconds)
            self._waiting = None

    def wake(self) -> None:
        """Let who waits here look again."""
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(None)

    def take(self, most: int, size: int) -> list[RawPacket]:
        """Return the oldest packets, `most` at most, and no more than fit into `size` (but always one)."""
        count = 0
        for packet in self._packets[:most]:
            size -= _wire_size(packet)
            if count and size < 0:
                break
            count += 1
        taken = self._packets[:count]
        del self._packets[:count]
        self._size -= sum(map(len, taken))
        return taken

    # --- a transport that is written to ------------------------------------------------------------------------------
    def attach(self, socket: Socket) -> None:
        """Write everything, now and from now on, to a websocket."""
        self._socket = socket
        self.flush()

    def detach(self) -> None:
        self._socket = None

    def flush(self) -> None:
        """Write what waits, as far as the websocket takes it."""
        socket = self._socket
        if socket is None:
            return
        while self._packets and socket.ready:
            packets = self._packets[:_AT_ONCE]
            del self._packets[:_AT_ONCE]
            self._size -= sum(map(len, packets))
            socket.write(Encoded(packets))
        if self._ending and not self._packets:
            socket.close(*self._ending)
            self._socket = None

    def finish(self, code: int, reason: str = "") -> None:
        """Close the websocket once everything is written, or after a second."""
        self._ending = (code, reason)
        self.flush()
        if self._socket:
            asyncio.get_running_loop().call_later(_LAST_WORDS_SECONDS, self._give_up)

    def _give_up(self) -> None:
        if self._socket and self._ending:
            self._socket.close(*self._ending)
            self._socket = None


def _wire_size(packet: RawPacket) -> int:
    # base64, and a character of up to four bytes; the separator.
    return 1 + (len(packet) if isinstance(packet, str) and packet.isascii() else len(packet) * 4)
