"""A websocket is detached from ASGI once it is accepted, whatever its client has sent by then."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from websockets.frames import Frame, Opcode

from realtime.transport.uvicorn_websocket import DirectProtocol
from realtime.transport.websocket_consumer import WebSocketConsumer

from .in_process import listening
from .socket_stage import Handler

pytestmark = pytest.mark.unit

HANDSHAKE = (
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
FRAME = Frame(Opcode.TEXT, b"whole").serialize(mask=True)


class Waiting(WebSocketConsumer):
    """Sets `asked` when a websocket asks to be accepted, and accepts it once it is allowed to."""

    def __init__(self, handler: Handler, asked: asyncio.Event, allowed: asyncio.Event) -> None:
        super().__init__()
        self._handler, self._asked, self._allowed = handler, asked, allowed

    async def find_handler(self, query: Any, credentials: Any) -> Handler:
        self._asked.set()
        await self._allowed.wait()
        return self._handler


@dataclass
class Opening:
    handler: Handler
    allowed: asyncio.Event
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


@pytest.fixture
def arrived(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set when bytes of a client have arrived at the server."""
    arrived, data_received = asyncio.Event(), DirectProtocol.data_received

    def receive(protocol: DirectProtocol, data: bytes) -> None:
        data_received(protocol, data)
        arrived.set()

    monkeypatch.setattr(DirectProtocol, "data_received", receive)
    return arrived


@pytest.fixture
def gone(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set when the server has noticed that a client is gone."""
    gone, connection_lost = asyncio.Event(), DirectProtocol.connection_lost

    def lose(protocol: DirectProtocol, error: Exception | None) -> None:
        connection_lost(protocol, error)
        gone.set()

    monkeypatch.setattr(DirectProtocol, "connection_lost", lose)
    return gone


@asynccontextmanager
async def opening() -> AsyncIterator[Opening]:
    """A client whose websocket is asked for, and not accepted until `allowed` is set."""
    handler, asked, allowed = Handler(), asyncio.Event(), asyncio.Event()
    consumer = Waiting.as_asgi(handler=handler, asked=asked, allowed=allowed)
    async with listening(consumer) as port, asyncio.timeout(15):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(HANDSHAKE)
        await asked.wait()
        yield Opening(handler, allowed, reader, writer)


async def received(early: bytes, late: bytes, arrived: asyncio.Event) -> Handler:
    """Send some bytes before the websocket is accepted, and some after; return its handler once it is lost."""
    async with opening() as client:
        if early:
            arrived.clear()
            client.writer.write(early)
            await arrived.wait()
        client.allowed.set()
        assert b" 101 " in await client.reader.readuntil(b"\r\n\r\n")
        client.writer.write(late + Frame(Opcode.CLOSE, (1000).to_bytes(2)).serialize(mask=True))
        await client.reader.read()
        client.writer.close()
    return client.handler


async def test_frames_after_the_handshake_reach_the_handler(arrived: asyncio.Event) -> None:
    assert (await received(b"", FRAME * 2, arrived)).frames == ["whole", "whole"]


@pytest.mark.parametrize("length", [1, 2, 5, len(FRAME) - 1])
async def test_a_frame_that_began_before_the_websocket_was_accepted_arrives_whole(
    arrived: asyncio.Event, length: int
) -> None:
    assert (await received(FRAME[:length], FRAME[length:], arrived)).frames == ["whole"]


async def test_a_handler_whose_client_left_before_it_was_accepted_is_told(gone: asyncio.Event) -> None:
    async with opening() as client:
        client.writer.close()
        await gone.wait()
        client.allowed.set()
        await client.handler.is_lost.wait()
    assert client.handler.lost_codes == [1006]
