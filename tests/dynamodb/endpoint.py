"""An endpoint that answers by a script, to see what a client does with answers that DynamoDB seldom gives."""

import asyncio
import ssl
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson

from dynamodb.client import Client
from dynamodb.credentials import FixedCredentials
from dynamodb.pool import Endpoint, Pool
from dynamodb.signing import Keys

# What to do instead of answering.
HANG_UP = b"hang up"
SILENCE = b"silence"


def answer(content: Any, status: int = 200, *headers: str) -> bytes:
    body = content if isinstance(content, bytes) else orjson.dumps(content)
    lines = ["x-amzn-RequestId: 7H4S", f"x-amz-crc32: {zlib.crc32(body)}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join([f"HTTP/1.1 {status} Whatever", *lines, "", ""]).encode() + body


def refused(code: str, status: int = 400, **more: Any) -> bytes:
    return answer({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "no", **more}, status)


@dataclass
class Request:
    head: str
    body: bytes

    @property
    def content(self) -> Any:
        return orjson.loads(self.body)


@dataclass
class Scripted:
    """Answers each request with the next of `script`, and with an empty object when it is used up."""

    url: str = ""
    script: list[bytes] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    connections: list[asyncio.StreamWriter] = field(default_factory=list)
    # Set when a request has come in.
    asked: asyncio.Event = field(default_factory=asyncio.Event)

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
        now = self.script.pop(0) if self.script else answer({})
        self.asked.set()
        if now == HANG_UP:
            return False
        if now != SILENCE:
            writer.write(now)
            await writer.drain()
        return True

    def client(self, *, size: int = 4, connect_seconds: float = 1, read_seconds: float = 10) -> Client:
        pool = Pool(Endpoint.of(self.url), size=size, connect_seconds=connect_seconds, read_seconds=read_seconds)
        return Client(pool, "us-east-1", FixedCredentials(Keys("key", "secret")))


@asynccontextmanager
async def scripted(*script: bytes, tls: ssl.SSLContext | None = None) -> AsyncIterator[Scripted]:
    endpoint = Scripted(script=list(script))
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
        while not condition():  # noqa: ASYNC110 - what it waits for has no event
            await asyncio.sleep(0.005)
