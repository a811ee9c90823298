"""What is still to be written to one client: bounded, in order, on whichever transport it has."""

import asyncio
from collections.abc import Callable

from .encoded import Encoded, RawPacket
from .inbox import do_nothing
from .websocket import Socket

# A client that is this far behind is closed; it comes back and resumes.
MAX_PACKETS = 2000
MAX_SIZE = 8_000_000
# How many packets are written at a time to a websocket that was full.
_FLUSH_PACKETS = 64
# How long `finish` waits for what is queued.
_FINISH_TIMEOUT = 1.0


class Outbox:
    """A queue that is put to from anywhere without blocking; an attached websocket empties it, or a poll does."""

    __slots__ = ("_ending", "_on_overflow", "_packets", "_size", "_socket", "_waiting")

    def __init__(self, *, on_overflow: Callable[[], None]) -> None:
        self._packets: list[RawPacket] = []
        self._size = 0
        self._on_overflow = on_overflow
        self._socket: Socket | None = None
        self._waiting: asyncio.Future[None] | None = None
        # The close code and reason, once `finish` was called.
        self._ending: tuple[int, str] | None = None

    def __len__(self) -> int:
        return len(self._packets)

    def put(self, encoded: Encoded) -> None:
        """Write packets that belong together, or queue them; over the bounds `on_overflow` is called."""
        socket = self._socket
        if socket is not None and not self._packets and socket.ready:
            socket.write(encoded)
            return
        self.put_unbounded(*encoded.packets)
        if len(self._packets) > MAX_PACKETS or self._size > MAX_SIZE:
            self._on_overflow()

    def put_unbounded(self, *packets: RawPacket) -> None:
        """Queue packets without checking the bounds: a session's last packets, or those of one that moved here."""
        self._packets += packets
        self._size += sum(map(len, packets))
        self.wake()

    def seal(self) -> None:
        """Call nobody from now on: nothing more is put but a session's last packets. Else there would be a cycle."""
        self._on_overflow = do_nothing

    def clear(self) -> None:
        self._packets.clear()
        self._size = 0

    # --- a transport that polls --------------------------------------------------------------------------------------
    async def wait(self, seconds: float | None) -> None:
        """Return when there is something to pop, when `wake` is called, or after these seconds."""
        if not self._packets:
            self._waiting = asyncio.get_running_loop().create_future()
            await asyncio.wait([self._waiting], timeout=seconds)
            self._waiting = None

    def wake(self) -> None:
        """End a `wait` now."""
        if self._waiting and not self._waiting.done():
            self._waiting.set_result(None)

    def pop(self, max_packets: int, max_size: int) -> list[RawPacket]:
        """Remove and return the oldest packets that fit into these bounds; always one, if there is one."""
        count, size = 0, 0
        for packet in self._packets[:max_packets]:
            size += _payload_size(packet)
            if count and size > max_size:
                break
            count += 1
        popped = self._packets[:count]
        del self._packets[:count]
        self._size -= sum(map(len, popped))
        return popped

    # --- a transport that is written to ------------------------------------------------------------------------------
    def attach(self, socket: Socket) -> None:
        """Write everything, now and from now on, to a websocket."""
        self._socket = socket
        self.flush()

    def detach(self) -> None:
        self._socket = None

    def flush(self) -> None:
        """Write what is queued, while the websocket is ready."""
        socket = self._socket
        if socket is None:
            return
        while self._packets and socket.ready:
            packets = self._packets[:_FLUSH_PACKETS]
            del self._packets[:_FLUSH_PACKETS]
            self._size -= sum(map(len, packets))
            socket.write(Encoded(packets))
        if not self._packets:
            self._close_if_finished()

    def finish(self, code: int, reason: str = "") -> None:
        """Close the websocket once everything is written, or after a second."""
        self._ending = (code, reason)
        self.flush()
        if self._socket:
            asyncio.get_running_loop().call_later(_FINISH_TIMEOUT, self._close_if_finished)

    def _close_if_finished(self) -> None:
        if self._socket and self._ending:
            self._socket.close(*self._ending)
            self._socket = None


def _payload_size(packet: RawPacket) -> int:
    """Return the bytes of a packet in a polling payload, at most: with its separator, base64 or UTF-8."""
    return 1 + (len(packet) if isinstance(packet, str) and packet.isascii() else len(packet) * 4)
