"""Sockets and handlers that stand in for a real websocket, and a turn of the loop for the tasks behind them."""

import asyncio

from realtime.transport.asgi_socket import AwaitedSocket
from realtime.transport.encoded import RawPacket
from realtime.transport.websocket import Socket, SocketHandler


class NullSocket(AwaitedSocket):
    """A websocket that accepts everything, and keeps the codes that it was closed with."""

    def __init__(self, handler: SocketHandler) -> None:
        super().__init__(handler)
        self.close_codes: list[int] = []

    async def _send(self, packet: RawPacket) -> None:
        pass

    async def _close(self, code: int, reason: str) -> None:
        self.close_codes.append(code)


class NullHandler:
    """A handler that ignores everything, and counts the calls of `writable`."""

    def __init__(self) -> None:
        self.writable_calls = 0

    def opened(self, socket: Socket) -> None: ...

    def charge(self, seconds: float) -> None: ...

    def too_large(self) -> None: ...

    def frame_received(self, frame: RawPacket) -> None: ...

    def writable(self) -> None:
        self.writable_calls += 1

    def lost(self, code: int) -> None: ...


async def run_ready_tasks() -> None:
    """Return when every task that waits for nothing outside the loop has run as far as it can."""
    for _ in range(30):
        await asyncio.sleep(0)
