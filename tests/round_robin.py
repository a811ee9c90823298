"""A proxy in front of several servers that sends each request to the next of them: no session is sticky."""

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import cycle

from .serving import Server

_CONNECTION = re.compile(rb"\r\nconnection:[^\r]*", re.IGNORECASE)
_UPGRADE = re.compile(rb"\r\nupgrade:", re.IGNORECASE)


@asynccontextmanager
async def round_robin(servers: Sequence[Server]) -> AsyncIterator[str]:
    """Yield the proxy's URL."""
    ports = cycle(server.port for server in servers)
    connections: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        connections.add(task)
        try:
            with suppress(OSError, asyncio.IncompleteReadError):
                await _proxy(reader, writer, next(ports))
        finally:
            writer.close()
            connections.discard(task)

    proxy = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{proxy.sockets[0].getsockname()[1]}"
    finally:
        proxy.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


async def _proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int) -> None:
    """Forward one request and its response, or a websocket; when one side closes, so does the other."""
    head = await reader.readuntil(b"\r\n\r\n")
    if not _UPGRADE.search(head):
        # The client's next request opens another connection, which goes to the next server.
        head = _CONNECTION.sub(b"", head).replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
    server_reader, server_writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        server_writer.write(head)
        copies = [
            asyncio.create_task(_copy(reader, server_writer)),
            asyncio.create_task(_copy(server_reader, writer)),
        ]
        try:
            await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for copy in copies:
                copy.cancel()
    finally:
        server_writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
