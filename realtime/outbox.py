"""What waits to be written to one client: bounded, in order, for whichever transport comes to fetch it."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable

# A client this far behind is given up; it comes back and resumes.
MAX_PACKETS = 2000
MAX_SIZE = 8_000_000

Packet = str | bytes


class Outbox:
    """Put from anywhere, never blocking; written by an attached transport, or taken by a poll."""

    def __init__(self, *, on_overflow: Callable[[], None]) -> None:
        self._packets: deque[Packet] = deque()
        self._size = 0
        self._on_overflow = on_overflow
        self._waiting: set[asyncio.Future[None]] = set()
        self._writer: asyncio.Task[None] | None = None
        self._writing = False

    def __len__(self) -> int:
        return len(self._packets)

    def put(self, *packets: Packet) -> None:
        """Queue packets together; past the bound the client is given up."""
        self.force(*packets)
        if len(self._packets) > MAX_PACKETS or self._size > MAX_SIZE:
            self._on_overflow()

    def force(self, *packets: Packet) -> None:
        """Queue packets without a look at the bound: the last words of a session."""
        self._packets.extend(packets)
        self._size += sum(map(len, packets))
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)

    def clear(self) -> None:
        self._packets.clear()
        self._size = 0

    async def wait(self) -> None:
        """Return when there is something to take."""
        while not self._packets:
            waiting = asyncio.get_running_loop().create_future()
            self._waiting.add(waiting)
            try:
                await waiting
            finally:
                self._waiting.discard(waiting)

    def take(self, most: int, size: int) -> list[Packet]:
        """Return the oldest packets, `most` at most, and no more than fit into `size` (but always one)."""
        taken: list[Packet] = []
        while self._packets and len(taken) < most:
            size -= _wire_size(self._packets[0])
            if taken and size < 0:
                break
            taken.append(self._packets.popleft())
            self._size -= len(taken[-1])
        return taken

    # --- a transport that is written to ------------------------------------------------------------------------------
    def attach(self, send: Callable[[Packet], Awaitable[None]]) -> None:
        """Write everything, now and from now on, through `send`, which returns when the transport has room again."""
        self.detach()
        self._writer = asyncio.create_task(self._write(send))

    def detach(self) -> None:
        if self._writer:
            self._writer.cancel()
            self._writer = None

    async def _write(self, send: Callable[[Packet], Awaitable[None]]) -> None:
        while True:
            await self.wait()
            while self._packets:
                packet = self._packets.popleft()
                self._size -= len(packet)
                self._writing = True
                # A transport that is gone says so by itself; what it could not take is lost with it.
                with contextlib.suppress(Exception):
                    await send(packet)
                self._writing = False

    async def drained(self, seconds: float) -> None:
        """Return when everything is written, or after these seconds."""
        deadline = asyncio.get_running_loop().time() + seconds
        while (self._packets or self._writing) and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.005)


def _wire_size(packet: Packet) -> int:
    # base64, and a character of up to four bytes; the separator.
    return 1 + (len(packet) if isinstance(packet, str) and packet.isascii() else len(packet) * 4)
