"""An HTTP proxy before DynamoDB that fails as the service does: it understands requests, not only bytes.

`fail` chooses one kind of failure, which a share of the requests gets until `restore`.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson

from bin.local.ready import LOCALHOST, free_port

_SLOW_SECONDS = (0.1, 2.0)
_MAX_HEAD = 64 * 1024


@dataclass(frozen=True, slots=True)
class Message:
    """An HTTP request or response with its whole body; `head` is the first line and the headers, as bytes."""

    head: bytes
    body: bytes

    @property
    def operation(self) -> str:
        target = next((line for line in self.head.split(b"\r\n") if line.lower().startswith(b"x-amz-target:")), b"")
        return target.rpartition(b".")[2].decode()

    def with_json(self, content: Any) -> "Message":
        """Return the message with another body, and without the checksum of the one it had."""
        return self.with_body(orjson.dumps(content), b"x-amz-crc32:")

    def with_body(self, body: bytes, *left_out: bytes) -> "Message":
        """Return the message with this body, its length, and without the headers that begin so."""
        replaced = (b"content-length:", b"transfer-encoding:", *left_out)
        lines = [line for line in self.head.split(b"\r\n") if line and not line.lower().startswith(replaced)]
        return Message(b"\r\n".join([*lines, b"Content-Length: %d" % len(body), b"", b""]), body)

    def __bytes__(self) -> bytes:
        return self.head + self.body


class CutConnection(Exception):
    """The connection to the client ends here, after `sent`."""

    def __init__(self, sent: bytes = b"") -> None:
        self.sent = sent


Forward = Callable[[Message], Awaitable[Message]]
Failure = Callable[[Message, Forward], Awaitable[Message]]


def error_response(status: str, code: str) -> Message:
    body = orjson.dumps({"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "injected"})
    head = f"HTTP/1.1 {status}\r\nContent-Type: application/x-amz-json-1.0\r\nContent-Length: {len(body)}\r\n\r\n"
    return Message(head.encode(), body)


async def throttle(request: Message, forward: Forward) -> Message:
    """Refuse the request, which is not executed."""
    return error_response("400 Bad Request", "ProvisionedThroughputExceededException")


async def delay(request: Message, forward: Forward) -> Message:
    response = await forward(request)
    await asyncio.sleep(random.uniform(*_SLOW_SECONDS))
    return response


async def fail_after_write(request: Message, forward: Forward) -> Message:
    """Execute the request, and say that the service failed."""
    await forward(request)
    return error_response("500 Internal Server Error", "InternalServerError")


async def cut_response(request: Message, forward: Forward) -> Message:
    """Execute the request, and end the connection in the middle of the response."""
    whole = bytes(await forward(request))
    raise CutConnection(whole[: random.randrange(len(whole))])


async def read_partly(request: Message, forward: Forward) -> Message:
    """Of a batch read, return some rows, perhaps none; the keys of the others are `UnprocessedKeys`."""
    if request.operation != "BatchGetItem":
        return await forward(request)
    content = orjson.loads(request.body)
    done: dict[str, Any] = {}
    left: dict[str, Any] = {}
    for table, wanted in content["RequestItems"].items():
        cut = random.randrange(len(wanted["Keys"]) + 1)
        done |= {table: {**wanted, "Keys": wanted["Keys"][:cut]}} if cut else {}
        left |= {table: {**wanted, "Keys": wanted["Keys"][cut:]}} if wanted["Keys"][cut:] else {}
    response = await forward(request.with_json({**content, "RequestItems": done}) if done else request)
    rows = orjson.loads(response.body) if done else {"Responses": {}}
    return response.with_json({**rows, "UnprocessedKeys": left})


@dataclass
class StoreProxy:
    """`url` is the proxy's own; `failed` counts the requests that were made to fail."""

    url: str
    _upstream: tuple[str, int]
    share: float = 0.5
    failed: int = 0
    _failure: Failure | None = None
    _clients: set[asyncio.StreamWriter] = field(default_factory=set)

    def fail(self, failure: Failure) -> None:
        self._failure = failure

    def restore(self) -> None:
        self._failure = None

    def close(self) -> None:
        for writer in self._clients:
            writer.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection's requests, one after the other, over an upstream connection of its own."""
        self._clients.add(writer)
        upstream_writer = None
        try:
            upstream_reader, upstream_writer = await asyncio.open_connection(*self._upstream)

            async def forward(request: Message) -> Message:
                upstream_writer.write(bytes(request))
                return await _read_message(upstream_reader)

            while True:
                request = await _read_message(reader)
                writer.write(bytes(await self._respond(request, forward)))
                await writer.drain()
        except CutConnection as cut:
            writer.write(cut.sent)
        except (OSError, EOFError, asyncio.LimitOverrunError):
            pass
        finally:
            self._clients.discard(writer)
            for each in (writer, upstream_writer):
                if each:
                    each.close()

    async def _respond(self, request: Message, forward: Forward) -> Message:
        if self._failure and random.random() < self.share:
            self.failed += 1
            return await self._failure(request, forward)
        return await forward(request)


async def _read_message(reader: asyncio.StreamReader) -> Message:
    head = await reader.readuntil(b"\r\n\r\n")
    headers = dict(line.split(b":", 1) for line in head.lower().split(b"\r\n")[1:] if b":" in line)
    if b"chunked" in headers.get(b"transfer-encoding", b""):
        return Message(head, b"").with_body(await _read_chunks(reader))
    return Message(head, await reader.readexactly(int(headers.get(b"content-length", b"0"))))


async def _read_chunks(reader: asyncio.StreamReader) -> bytes:
    chunks = []
    while size := int((await reader.readuntil(b"\r\n")).split(b";")[0], 16):
        chunks.append(await reader.readexactly(size))
        await reader.readexactly(2)
    await reader.readuntil(b"\r\n")
    return b"".join(chunks)


@asynccontextmanager
async def store_proxy_to(url: str) -> AsyncIterator[StoreProxy]:
    """Run a proxy to the DynamoDB at this URL."""
    upstream, port = urlsplit(url), free_port()
    proxy = StoreProxy(f"http://{LOCALHOST}:{port}", (upstream.hostname or LOCALHOST, upstream.port or 80))
    server = await asyncio.start_server(proxy.serve, LOCALHOST, port, limit=_MAX_HEAD)
    try:
        yield proxy
    finally:
        server.close()
        proxy.close()
        with suppress(TimeoutError):
            await asyncio.wait_for(server.wait_closed(), 5)
