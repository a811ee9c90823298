"""A websocket on a real transport, and a peer on the other end that says what it likes."""

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


class Owner:
    """Keeps what it hears; a frame that is `bad` is a bug in it. `begins` is what it does with an open socket."""

    def __init__(self) -> None:
        self.begins: Callable[[Socket], None] = lambda socket: None
        self.frames: list[RawPacket] = []
        self.losses: list[int] = []
        self.was_asked = asyncio.Event()
        self.is_lost = asyncio.Event()
        self.has_heard = asyncio.Event()

    def opened(self, socket: Socket) -> None:
        self.begins(socket)

    def frame_received(self, frame: RawPacket) -> None:
        if frame == "bad":
            raise RuntimeError("a bug")
        self.frames.append(frame)
        self.has_heard.set()

    def writable(self) -> None:
        self.was_asked.set()

    def lost(self, code: int) -> None:
        self.losses.append(code)
        self.is_lost.set()


class Peer:
    """The client's end: bytes as they are, and what they mean."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.protocol = Protocol(CLIENT)
        self.heard: list[tuple[Opcode, bytes]] = []

    def bytes_of(self, *frames: Frame) -> bytes:
        return b"".join(frame.serialize(mask=True) for frame in frames)

    def send(self, *frames: Frame) -> None:
        self.writer.write(self.bytes_of(*frames))

    async def hear(self, opcode: Opcode) -> bytes:
        """Return the data of the next frame of this kind."""
        async with asyncio.timeout(15):
            while True:
                for place, (heard, data) in enumerate(self.heard):
                    if heard is opcode:
                        del self.heard[place]
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
        self.heard += [(e.opcode, bytes(e.data)) for e in self.protocol.events_received() if isinstance(e, Frame)]


class Siblings(set[Any]):
    """Says when somebody has left."""

    def __init__(self) -> None:
        super().__init__()
        self.gone = asyncio.Event()

    def discard(self, element: Any) -> None:
        super().discard(element)
        self.gone.set()


class Stage:
    def __init__(self, socket: DirectSocket, owner: Owner, peer: Peer, siblings: Siblings) -> None:
        self.socket, self.owner, self.peer, self.siblings = socket, owner, peer, siblings
        self.gone = siblings.gone

    async def lost(self) -> list[int]:
        async with asyncio.timeout(15):
            await self.owner.is_lost.wait()
        return self.owner.losses


@asynccontextmanager
async def staged() -> AsyncIterator[Stage]:
    here, there = sockets.socketpair()
    transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, sock=here)
    reader, writer = await asyncio.open_connection(sock=there)
    owner, siblings = Owner(), Siblings()
    socket = DirectSocket(new_protocol(MAX_SIZE), transport, owner, siblings)
    transport.set_protocol(socket)
    yield Stage(socket, owner, Peer(reader, writer), siblings)
    transport.abort()
    writer.close()
    await asyncio.gather(writer.wait_closed(), return_exceptions=True)
