"""A websocket on a real transport, and a peer at the other end that sends any bytes it likes."""

import asyncio
import socket as sockets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.frames import Frame, Opcode
from websockets.protocol import CLIENT, Protocol

from realtime.transport.direct_socket import DirectSocket, new_protocol
from realtime.transport.encoded import RawPacket
from realtime.transport.websocket import Socket

MAX_SIZE = 1000


class Handler:
    """Keeps what it is called with; the frame `bad` makes it raise. `on_open` is called with the open socket."""

    def __init__(self) -> None:
        self.on_open: Callable[[Socket], None] = lambda socket: None
        self.frames: list[RawPacket] = []
        self.lost_codes: list[int] = []
        self.too_large_frames = 0
        self.charged = 0.0
        self.is_writable = asyncio.Event()
        self.is_lost = asyncio.Event()
        self.has_received = asyncio.Event()

    def opened(self, socket: Socket) -> None:
        self.on_open(socket)

    def frame_received(self, frame: RawPacket) -> None:
        if frame == "bad":
            raise RuntimeError("a bug")
        self.frames.append(frame)
        self.has_received.set()

    def charge(self, seconds: float) -> None:
        self.charged += seconds

    def too_large(self) -> None:
        self.too_large_frames += 1

    def writable(self) -> None:
        self.is_writable.set()

    def lost(self, code: int) -> None:
        self.lost_codes.append(code)
        self.is_lost.set()


class Peer:
    """The client's end: raw bytes, and the frames that they are."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.protocol = Protocol(CLIENT)
        self.received: list[tuple[Opcode, bytes]] = []

    def bytes_of(self, *frames: Frame) -> bytes:
        return b"".join(frame.serialize(mask=True) for frame in frames)

    def send(self, *frames: Frame) -> None:
        self.writer.write(self.bytes_of(*frames))

    async def receive(self, opcode: Opcode) -> bytes:
        """Return the data of the next frame of this kind."""
        async with asyncio.timeout(15):
            while True:
                for place, (received, data) in enumerate(self.received):
                    if received is opcode:
                        del self.received[place]
                        return data
                await self._read()

    async def until_closed(self) -> None:
        async with asyncio.timeout(15):
            while not self.protocol.reader.eof:
                await self._read()

    async def _read(self) -> None:
        data = await self.reader.read(65536)
        if not data:
            self.protocol.receive_eof()
            return
        self.protocol.receive_data(data)
        self.received += [(e.opcode, bytes(e.data)) for e in self.protocol.events_received() if isinstance(e, Frame)]


class Connections(set[Any]):
    """A server's connections; `left` is set when one is discarded."""

    def __init__(self) -> None:
        super().__init__()
        self.left = asyncio.Event()

    def discard(self, element: Any) -> None:
        super().discard(element)
        self.left.set()


class Stage:
    def __init__(
        self,
        socket: DirectSocket,
        transport: asyncio.Transport,
        handler: Handler,
        peer: Peer,
        connections: Connections,
    ) -> None:
        self.socket, self.transport, self.handler = socket, transport, handler
        self.peer, self.connections = peer, connections

    async def lost_codes(self) -> list[int]:
        """Return the codes with which the handler's `lost` was called, once it was."""
        async with asyncio.timeout(15):
            await self.handler.is_lost.wait()
        return self.handler.lost_codes


@asynccontextmanager
async def staged() -> AsyncIterator[Stage]:
    here, there = sockets.socketpair()
    transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, sock=here)
    reader, writer = await asyncio.open_connection(sock=there)
    handler, connections = Handler(), Connections()
    socket = DirectSocket(new_protocol(MAX_SIZE), transport, handler, connections)
    transport.set_protocol(socket)
    yield Stage(socket, transport, handler, Peer(reader, writer), connections)
    transport.abort()
    writer.close()
    await asyncio.gather(writer.wait_closed(), return_exceptions=True)
