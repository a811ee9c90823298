"""Sockets whose packets leave by awaiting: a websocket on any ASGI server, or one that is open in another process."""

import asyncio
import contextlib
import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from typing import Any

from .encoded import Encoded, RawPacket
from .websocket import SocketHandler

logger = logging.getLogger(__name__)

_INTERNAL_ERROR = 1011
# How many packets are queued before it is no longer `ready`.
_MAX_QUEUED = 64


class AwaitedSocket(ABC):
    """A `Socket` that awaits the sending of each packet; its task exists only while there is something to write."""

    def __init__(self, handler: SocketHandler) -> None:
        self.handler = handler
        self._packets: list[RawPacket] = []
        self._task: asyncio.Task[None] | None = None
        self._closing: tuple[int, str] | None = None

    @abstractmethod
    async def _send(self, packet: RawPacket) -> None: ...

    @abstractmethod
    async def _close(self, code: int, reason: str) -> None: ...

    def pause(self) -> None:  # noqa: B027 - not every peer can be paused
        pass

    def resume(self) -> None:  # noqa: B027 - as above
        pass

    def limit(self, max_payload: int) -> None:  # noqa: B027 - the handler refuses what is too large
        pass

    @property
    def ready(self) -> bool:
        return len(self._packets) < _MAX_QUEUED

    def write(self, encoded: Encoded) -> None:
        if self._closing is None:
            self._packets += encoded.packets
            self._start()

    def close(self, code: int, reason: str = "") -> None:
        if self._closing is None:
            self._closing = (code, reason)
            self._start()

    def _start(self) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._work())

    async def _work(self) -> None:
        try:
            while self._packets:
                packets, self._packets = self._packets, []
                for packet in packets:
                    await self._send(packet)
                self.handler.writable()
            if self._closing is None:
                self._task = None
                return
            await self._close(*self._closing)
        except Exception as error:
            # Nothing may follow a packet that could not be sent: the peer would not notice the gap.
            logger.info("websocket closed: %s", type(error).__name__)
            # Most errors mean that it is closed already.
            with contextlib.suppress(Exception):
                await self._close(_INTERNAL_ERROR, "")
        self.stop()

    def stop(self) -> None:
        """Write nothing more: the peer is gone."""
        self._closing = self._closing or (1006, "gone")
        self._packets = []
        if self._task and self._task is not asyncio.current_task():
            self._task.cancel()


class AsgiSocket(AwaitedSocket):
    """A websocket on any ASGI server."""

    def __init__(self, handler: SocketHandler, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        super().__init__(handler)
        self._asgi_send = send
        # Set while the consumer may receive the next frame.
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
