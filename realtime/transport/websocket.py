"""An open websocket as sessions see it: it takes ready-made frames at once, and says when it has room again."""

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from realtime.transport.encoded import Encoded, RawPacket

# A websocket that is written to by awaiting takes this many packets ahead.
_MAX_AHEAD = 64


class Socket(Protocol):
    """What a session writes to; nothing of it blocks, and nothing fails when the peer is gone."""

    owner: "Owner"

    @property
    def ready(self) -> bool:
        """Whether it takes more now; when it does again, its owner hears `writable`."""
        ...

    def write(self, encoded: Encoded) -> None: ...

    def close(self, code: int, reason: str = "") -> None:
        """Close it once what was written has left."""
        ...

    def pause(self) -> None:
        """Read nothing more from the peer until `resume`."""
        ...

    def resume(self) -> None: ...


class Owner(Protocol):
    """Whose a websocket is: a session, or what a websocket goes through before it carries one."""

    def opened(self, socket: Socket) -> None: ...

    def frame_received(self, frame: RawPacket) -> None: ...

    def writable(self) -> None:
        """The websocket takes more again."""
        ...

    def lost(self, code: int) -> None:
        """The websocket is gone; said once."""
        ...


class AwaitedSocket(ABC):
    """A socket whose packets leave through something that must be awaited, one by one."""

    def __init__(self, owner: Owner) -> None:
        self.owner = owner
        self._packets: list[RawPacket] = []
        self._sending: asyncio.Task[None] | None = None
        self._closing: tuple[int, str] | None = None

    @abstractmethod
    async def _send(self, packet: RawPacket) -> None: ...

    @abstractmethod
    async def _close(self, code: int, reason: str) -> None: ...

    def pause(self) -> None:  # noqa: B027 - not every peer can be told to wait
        pass

    def resume(self) -> None:  # noqa: B027 - as above
        pass

    @property
    def ready(self) -> bool:
        return len(self._packets) < _MAX_AHEAD

    def write(self, encoded: Encoded) -> None:
        if self._closing is None:
            self._packets += encoded.packets
            self._start()

    def close(self, code: int, reason: str = "") -> None:
        if self._closing is None:
            self._closing = (code, reason)
            self._start()

    def _start(self) -> None:
        if self._sending is None:
            self._sending = asyncio.create_task(self._work())

    async def _work(self) -> None:
        # A transport that is gone says so by itself. What it could not take is lost, and nothing may follow that: the
        # peer would take it for the whole.
        with contextlib.suppress(Exception):
            while self._packets:
                packets, self._packets = self._packets, []
                for packet in packets:
                    await self._send(packet)
                self.owner.writable()
            if self._closing is None:
                self._sending = None
                return
            await self._close(*self._closing)
        self.gone()

    def gone(self) -> None:
        """Stop: there is nobody to write to any more."""
        self._closing = self._closing or (1006, "gone")
        self._packets = []
        if self._sending and self._sending is not asyncio.current_task():
            self._sending.cancel()


class AsgiSocket(AwaitedSocket):
    """A websocket on any ASGI server."""

    def __init__(self, owner: Owner, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        super().__init__(owner)
        self._asgi_send = send
        self.reading = asyncio.Event()
        self.reading.set()

    async def _send(self, packet: RawPacket) -> None:
        kind = "text" if isinstance(packet, str) else "bytes"
        await self._asgi_send({"type": "websocket.send", kind: packet})

    async def _close(self, code: int, reason: str) -> None:
        await self._asgi_send({"type": "websocket.close", "code": code, "reason": reason})

    def pause(self) -> None:
        self.reading.clear()

    def resume(self) -> None:
        self.reading.set()
