"""Requests and connections leave nothing to the garbage collector, which stops the event loop for all that it finds."""

import asyncio
import gc
import socket
from collections.abc import Iterator

import pytest
from websockets.frames import Frame, Opcode

from realtime.consumer import EventConsumer
from realtime.hub.connection import Connection
from realtime.socketio.connection import SocketIOConnection
from realtime.transport.buffered_handler import BufferedHandler
from realtime.transport.inbox import Inbox
from realtime.transport.outbox import Outbox
from tests.cast import Person

from .corpus.requests import Request
from .raw_http import exchange
from .stage import scenery

_TIMES = 20
REQUESTS = {
    "a probe": Request("probe", "GET", "/api/health/live"),
    "a list": Request("list", "GET", "/api/groups"),
    "messages": Request("messages", "GET", "/api/messages?groupId=$group"),
    "a message": Request("message", "POST", "/api/messages", b"[]", {"Content-Type": "application/json"}),
    "nobody": Request("nobody", "GET", "/api/users/me", headers={"Authorization": "Bearer x", "Cookie": ""}),
}


@pytest.fixture
def uncollected() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("name", REQUESTS)
async def test_a_request_leaves_no_cycles(port: int, alice: Person, bob: Person, uncollected: None, name: str) -> None:
    raw = REQUESTS[name].raw(await scenery(alice, bob))
    await asyncio.to_thread(exchange, port, raw)
    gc.collect()
    for _ in range(_TIMES):
        answer = await asyncio.to_thread(exchange, port, raw)
        assert answer.status
    # It was 120 to 150 objects a request.
    assert gc.collect() < 30 * _TIMES


_CONNECTS = {
    "/ws/": '{{"event":"connect","data":{{"token":"{}"}}}}',
    "/socket.io/?EIO=4&transport=websocket": '40{{"token":"{}"}}',
}


def _come_and_go(port: int, path: str, connect: str, awaited: bytes) -> None:
    """Open a websocket, sign in, and break off when this has come; without objects of a library."""
    head = "Host: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    with socket.create_connection(("127.0.0.1", port), 30) as client:
        client.sendall(f"GET {path} HTTP/1.1\r\n{head}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode())
        received = b""
        while b"\r\n\r\n" not in received:
            received += client.recv(1)
        client.sendall(Frame(Opcode.TEXT, connect.encode()).serialize(mask=True))
        while awaited not in received and (data := client.recv(65_536)):
            received += data


_KINDS = (BufferedHandler, Connection, EventConsumer, Inbox, Outbox, SocketIOConnection)


def _there() -> int:
    # By type: lazy objects would be made to ask for their class.
    return sum(issubclass(type(each), _KINDS) for each in gc.get_objects())


@pytest.mark.parametrize("signs_in", [True, False])
@pytest.mark.parametrize("path", _CONNECTS)
async def test_a_connection_is_freed_without_the_collector(
    port: int, alice: Person, uncollected: None, path: str, signs_in: bool
) -> None:
    connect, awaited = _CONNECTS[path].format(alice.token if signs_in else "x"), b'"ready"' if signs_in else b"token"
    before = _there()
    for _ in range(3):
        await asyncio.to_thread(_come_and_go, port, path, connect, awaited)
    # A closed session is kept for a second.
    async with asyncio.timeout(10):
        while _there() > before:  # noqa: ASYNC110 - nothing says when the last reference has gone
            await asyncio.sleep(0.05)
