"""Requests that never end, or have no end: our protocol of uvicorn closes their connections."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from pytest_django import Settings
from uvicorn.config import Config

from foundation.limits.connections import http_connections
from realtime.transport import uvicorn_http

from .listening import listening

pytestmark = pytest.mark.unit

GET = b"GET / HTTP/1.1\r\nHost: x\r\n"
POST = b"POST / HTTP/1.1\r\nHost: x\r\n"


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Reads the body, and responds with its length."""
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        size, more = size + len(message["body"]), message["more_body"]
    body = str(size).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@pytest.fixture
async def port() -> AsyncIterator[int]:
    config = Config(application, log_level="critical")
    async with listening(config) as port:
        yield port


@asynccontextmanager
async def opened(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def answer(reader: asyncio.StreamReader) -> bytes:
    """Return all that comes until the server closes."""
    async with asyncio.timeout(15):
        try:
            return await reader.read()
        except ConnectionError:
            return b""


async def trickle(writer: asyncio.StreamWriter, piece: bytes) -> None:
    while not writer.transport.is_closing():
        writer.write(piece)
        await asyncio.sleep(0.01)


NEVER_COMPLETE = {
    "nothing at all": (b"", b""),
    "empty lines": (b"\r\n", b"\r\n"),
    "half a request line": (b"GET /", b"x"),
    "headers": (GET, b"a: b\r\n"),
    "one header": (GET + b"a: ", b"b"),
    "a second request": (GET + b"\r\n" + b"GET /", b"x"),
}


@pytest.mark.parametrize("name", NEVER_COMPLETE)
async def test_a_request_that_never_ends_is_cut_off(port: int, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(uvicorn_http, "_HEAD_SECONDS", 0.2)
    begin, piece = NEVER_COMPLETE[name]
    async with opened(port) as (reader, writer):
        writer.write(begin)
        trickling = asyncio.create_task(trickle(writer, piece)) if piece else None
        await answer(reader)
        if trickling:
            trickling.cancel()


TOO_LARGE = {
    "a path": b"GET /" + b"x" * 10_000_000,
    "a whole path": b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n",
    "a header": GET + b"a: " + b"b" * 10_000_000,
    "a whole header": GET + b"a: " + b"b" * 100_000 + b"\r\n\r\n",
    "many headers": GET + b"a: b\r\n" * 2_000_000,
    "a header over 8 KB": GET + b"Accept: " + b"b" * 9_000 + b"\r\n\r\n",
    "201 headers": GET + b"a: b\r\n" * 200 + b"\r\n",
    "trailers": POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\n" + b"a: b\r\n" * 100_000,
    "tiny chunks": POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * 200_000,
    "requests without waiting": (POST + b"Content-Length: 0\r\n\r\n") * 20_000,
}


@pytest.mark.parametrize("name", TOO_LARGE)
async def test_what_is_too_large_is_refused(port: int, name: str) -> None:
    async with opened(port) as (reader, writer):
        writer.write(TOO_LARGE[name])
        answered = await answer(reader)
        assert answered.count(b"HTTP/1.1 200") <= 10
        assert b"HTTP/1.1 5" not in answered


async def test_a_large_head_and_many_requests_of_one_connection_are_served(port: int) -> None:
    async with opened(port) as (reader, writer):
        for _ in range(20):
            writer.write(GET + b"Cookie: " + b"c" * 30_000 + b"\r\n\r\n")
            async with asyncio.timeout(10):
                assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
                assert await reader.readexactly(1) == b"0"


@pytest.mark.parametrize("bound", ["MAX_HTTP_CONNECTIONS", "MAX_HTTP_CONNECTIONS_PER_ADDRESS"])
async def test_only_so_many_connections_are_open(port: int, settings: Settings, bound: str) -> None:
    setattr(settings, bound, 3)
    async with opened(port) as (first, writer), opened(port), opened(port):
        writer.write(GET + b"\r\n")
        assert (await first.readuntil(b"\r\n")).startswith(b"HTTP/1.1 200")
        async with opened(port) as (refused, _):
            assert await answer(refused) == b""
    # Those that were closed count no more.
    async with asyncio.timeout(10):
        while http_connections._total:  # noqa: ASYNC110 - the server counts when it notices
            await asyncio.sleep(0.01)
    async with opened(port) as (again, writer):
        writer.write(GET + b"Connection: close\r\n\r\n")
        assert (await answer(again)).startswith(b"HTTP/1.1 200")
