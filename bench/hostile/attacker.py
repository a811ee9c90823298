"""Who attacks: a person, an address on loopback, and the connections from there."""

import asyncio
import contextlib
import json
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from websockets.asyncio.client import ClientConnection, connect
from websockets.frames import Frame, Opcode

TIMEOUT = 10.0
_READY = '"event":"ready"'


@dataclass
class Attacker:
    """`counts` is shared: what was done, and the answers by status. Strangers have no use for the token and group."""

    url: str
    address: str
    token: str
    group_id: str
    counts: Counter[str]
    rng: random.Random = field(default_factory=random.Random)

    @property
    def auth(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    # --- TCP ---------------------------------------------------------------------------------------------------------
    @asynccontextmanager
    async def tcp(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        parts = urlsplit(self.url)
        async with asyncio.timeout(TIMEOUT):
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port, local_addr=(self.address, 0))
        try:
            yield reader, writer
        finally:
            writer.transport.abort()

    def head(self, method: str, path: str, *headers: str) -> bytes:
        """Return the head of a request without the empty line that ends it."""
        lines = (f"{method} {path} HTTP/1.1", f"Host: {urlsplit(self.url).netloc}", *headers)
        return "".join(f"{line}\r\n" for line in lines).encode()

    async def dribble(self, *starts: bytes, piece: bytes, pieces: int, pause: float) -> None:
        """Begin a request on a connection each, and go on with all of them a piece at a time until they are closed."""
        async with contextlib.AsyncExitStack() as stack:
            opened = [await stack.enter_async_context(self.tcp()) for _ in starts]
            for start, (_, writer) in zip(starts, opened, strict=True):
                writer.write(start)
            for _ in range(pieces):
                for _, writer in opened:
                    if not writer.is_closing():
                        writer.write(piece)
                await asyncio.sleep(pause)

    # --- HTTP --------------------------------------------------------------------------------------------------------
    @asynccontextmanager
    async def http(self) -> AsyncIterator[aiohttp.ClientSession]:
        connector = aiohttp.TCPConnector(local_addr=(self.address, 0))
        timeout = aiohttp.ClientTimeout(total=TIMEOUT)
        async with aiohttp.ClientSession(self.url, connector=connector, timeout=timeout) as session:
            yield session

    async def request(self, session: aiohttp.ClientSession, method: str, path: str, **options: Any) -> str:
        """Return the body of the answer, whose status is counted."""
        async with session.request(method, path, allow_redirects=False, **options) as response:
            body = await response.text()
            self.counts[f"answers with {response.status}"] += 1
            return body

    # --- websockets --------------------------------------------------------------------------------------------------
    @asynccontextmanager
    async def websocket(self, path: str) -> AsyncIterator[ClientConnection]:
        address = self.url.replace("http", "ws", 1) + path
        options: dict[str, Any] = {"compression": None, "ping_interval": None, "max_size": None, "proxy": None}
        socket = await connect(address, open_timeout=TIMEOUT, local_addr=(self.address, 0), **options)
        try:
            yield socket
        finally:
            socket.transport.abort()

    @asynccontextmanager
    async def signed_in(self, **auth: Any) -> AsyncIterator[ClientConnection]:
        """A websocket at /ws/ that has had its `ready`."""
        async with self.websocket("/ws/") as socket:
            await socket.send(json.dumps({"event": "connect", "data": {"token": self.token, **auth}}))
            async with asyncio.timeout(TIMEOUT):
                while _READY not in str(await socket.recv()):
                    pass
            yield socket

    async def flood(self, socket: ClientConnection, frames: bytes, *, seconds: float) -> None:
        """Write all of this, and read what comes back for so long: a client that does not read is closed."""
        socket.transport.write(frames)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while True:
                    await socket.recv()


Attack = Callable[[Attacker], Awaitable[None]]


def frame(text: str | bytes) -> bytes:
    """Return a whole websocket frame of a client."""
    return Frame(Opcode.TEXT, text.encode() if isinstance(text, str) else text).serialize(mask=True)


def event(name: str, **data: Any) -> bytes:
    """Return the frame of an event at /ws/."""
    return frame(json.dumps({"event": name, "data": data, "ack": 1}))
