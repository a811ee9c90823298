"""An endpoint with scripted responses, for those that DynamoDB rarely sends."""

import asyncio
import ssl
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

import orjson

from dynamodb.client import Client
from dynamodb.credentials import FixedCredentialsProvider
from dynamodb.pool import ConnectionPool, Endpoint
from dynamodb.signing import Credentials

# Instead of a response: close the connection, or send nothing.
CLOSE = b"close"
SILENCE = b"silence"
RETRIES = 5


def response(content: Any, status: int = 200, *headers: str) -> bytes:
    body = content if isinstance(content, bytes) else orjson.dumps(content)
    lines = ["x-amzn-RequestId: 7H4S", f"x-amz-crc32: {zlib.crc32(body)}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([f"HTTP/1.1 {status} Whatever", *lines, "", ""]).encode() + body


def error(code: str, status: int = 400, **more: Any) -> bytes:
    return response({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "no", **more}, status)


def cancelled(*codes: str) -> bytes:
    """A transaction that was cancelled for these reasons, one for each of its rows."""
    return error("TransactionCanceledException", CancellationReasons=[{"Code": code} for code in codes])


@dataclass
class Request:
    head: str
    body: bytes

    @property
    def content(self) -> Any:
        return orjson.loads(self.body)


@dataclass
class ScriptedEndpoint:
    """Responds to each request with the next of `script`; to further ones with an empty object."""

    url: str = ""
    script: list[bytes] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    connections: list[asyncio.StreamWriter] = field(default_factory=list)
    # Set when a request has arrived.
    requested: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections.append(writer)
        try:
            while await self._serve_one(reader, writer):
                pass
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _serve_one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = int(head.lower().partition("content-length: ")[2].partition("\r\n")[0])
        self.requests.append(Request(head, await reader.readexactly(length)))
        reply = self.script.pop(0) if self.script else response({})
        self.requested.set()
        if reply == CLOSE:
            return False
        if reply != SILENCE:
            writer.write(reply)
            await writer.drain()
        return True

    def pool(self, *, size: int = 4, read_timeout: float = 10) -> ConnectionPool:
        return ConnectionPool(Endpoint.from_url(self.url), size=size, connect_timeout=1, read_timeout=read_timeout)

    def client(self, pool: ConnectionPool | None = None, *, delay: float = 0) -> Client:
        """Return a client that retries up to `RETRIES` times, each after this delay in seconds."""
        credentials = FixedCredentialsProvider(Credentials("key", "secret"))
        return Client(pool or self.pool(), "us-east-1", credentials, delays=lambda: repeat(delay, RETRIES))


@asynccontextmanager
async def scripted(*script: bytes, tls: ssl.SSLContext | None = None) -> AsyncIterator[ScriptedEndpoint]:
    endpoint = ScriptedEndpoint(script=list(script))
    server = await asyncio.start_server(endpoint.serve, "127.0.0.1", 0, ssl=tls)
    endpoint.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield endpoint
    finally:
        server.close()
        for writer in endpoint.connections:
            writer.close()
        await until(lambda: all(writer.transport.is_closing() for writer in endpoint.connections))


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - there is no event to await
            await asyncio.sleep(0.005)
