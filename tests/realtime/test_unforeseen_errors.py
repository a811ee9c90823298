"""A bug while a client's request, frame or packet is handled: the client gets an error, and waits for nothing."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from examples import echo
from realtime.engineio import packets, relayed_websocket
from realtime.engineio.polling import PollingConsumer
from realtime.engineio.relayed_websocket import RelayedWebSocket
from realtime.engineio.remote_socket import BROKE_OFF, RemoteSocket
from realtime.engineio.server import Server
from realtime.engineio.upgrade import Upgrade
from realtime.transport.encoded import Encoded, RawPacket
from realtime.transport.inbox import Inbox
from realtime.transport.websocket_consumer import WebSocketConsumer

from .socket_stage import Handler
from .sockets import NullSocket, run_ready_tasks

pytestmark = pytest.mark.unit

PATH = "/engine.io/?EIO=4&transport=polling"
INTERNAL_ERROR = 1011


class Bug(Exception):
    pass


def fail(*_: Any, **__: Any) -> Any:
    raise Bug


async def fail_later(*_: Any, **__: Any) -> Any:
    raise Bug


class BugInOnOpen(echo.EngineEcho):
    def on_open(self, session: Any) -> None:
        raise Bug


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server(echo.echo_settings(), echo.engine_handler, redis_url="", namespace="test")
    yield server
    await server.close()


@pytest.fixture
async def client(server: Server) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(PollingConsumer.as_asgi(get_server=lambda: server))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client, asyncio.timeout(10):
        yield client


async def opened(client: httpx.AsyncClient) -> str:
    sid: str = json.loads((await client.get(PATH)).text[1:])["sid"]
    return sid


# --- polling ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("broken", ["handshake", "encode_payload"])
async def test_an_opening_get_that_fails_is_answered(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    monkeypatch.setattr(packets, broken, fail)
    assert (await client.get(PATH)).status_code == 500


@pytest.mark.parametrize("broken", ["GET encode_payload", "POST decode_payload"])
@pytest.mark.parametrize("stamp", ["", "&t=x.1"])
async def test_a_request_that_fails_is_answered_and_its_session_closed(
    client: httpx.AsyncClient, server: Server, monkeypatch: pytest.MonkeyPatch, broken: str, stamp: str
) -> None:
    sid = await opened(client)
    session = server.local_session(sid)
    assert session
    await client.post(f"{PATH}&sid={sid}", content="4hello")
    method, function = broken.split()
    monkeypatch.setattr(packets, function, fail)
    assert (await client.request(method, f"{PATH}&sid={sid}{stamp}", content="4hello")).status_code == 500
    assert session.close_reason == "internal error"
    monkeypatch.undo()
    assert (await client.get(f"{PATH}&sid={sid}")).json()["message"] == "Session ID unknown"


async def test_a_session_whose_handler_cannot_be_opened_is_closed() -> None:
    server = Server(echo.echo_settings(), lambda credentials: BugInOnOpen(), redis_url="", namespace="test")
    session = server.open_session({}, transport="websocket")
    socket = NullSocket(session)
    session.opened(socket)
    await run_ready_tasks()
    assert socket.close_codes == [INTERNAL_ERROR]
    await server.close()


# --- websockets ------------------------------------------------------------------------------------------------------
class FailingServer:
    """Fails at every operation of a session that lives elsewhere."""

    settings = echo.echo_settings()
    begin_upgrade = end_upgrade = forward = send = transport_of = fail_later


async def test_a_websocket_whose_frame_cannot_be_forwarded_is_closed() -> None:
    server: Any = FailingServer()
    relayed = RelayedWebSocket(server, "sid")
    socket = NullSocket(relayed)
    relayed.opened(socket)
    relayed.frame_received("4hello")
    await run_ready_tasks()
    assert socket.close_codes == [INTERNAL_ERROR]


async def test_a_websocket_whose_owner_cannot_be_checked_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relayed_websocket, "_OWNER_CHECK_INTERVAL", 0)
    server: Any = FailingServer()
    relayed = RelayedWebSocket(server, "sid")
    socket = NullSocket(relayed)
    relayed.opened(socket)
    await run_ready_tasks()
    assert socket.close_codes == [INTERNAL_ERROR]


async def test_a_session_learns_that_a_packet_to_its_relayed_websocket_could_not_be_sent() -> None:
    cluster: Any = FailingServer()
    handler = Handler()
    socket = RemoteSocket(handler, cluster, "node", "sid")
    socket.write(Encoded(["4hello"]))
    await run_ready_tasks()
    assert handler.lost_codes == [BROKE_OFF]


async def test_an_upgrade_that_cannot_begin_closes_its_websocket() -> None:
    server: Any = FailingServer()
    upgrade = Upgrade(server, "sid", base64=False)
    socket = NullSocket(upgrade)
    upgrade.opened(socket)
    await run_ready_tasks()
    assert socket.close_codes == [1000]


async def test_an_upgrade_whose_session_fails_to_go_on_closes_its_websocket(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = server.open_session({}, transport="polling")
    upgrade = Upgrade(server, session.sid, base64=False)
    socket = NullSocket(upgrade)
    upgrade.opened(socket)
    monkeypatch.setattr(type(session), "opened", fail)
    upgrade.frame_received("2probe")
    upgrade.frame_received("5")
    await run_ready_tasks()
    assert socket.close_codes == [INTERNAL_ERROR]


class OneHandler(WebSocketConsumer):
    """Has the same handler for every websocket."""

    def __init__(self, handler: Handler) -> None:
        super().__init__()
        self.handler = handler

    async def find_handler(self, query: Any, credentials: Any) -> Handler:
        return self.handler


@pytest.mark.parametrize("broken", ["opened", "frame_received"])
async def test_a_handler_that_fails_on_any_asgi_server_learns_that_its_websocket_is_lost(
    monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    handler = Handler()
    monkeypatch.setattr(handler, broken, fail)
    received = iter([{"type": "websocket.connect"}, {"type": "websocket.receive", "text": "hello"}])

    async def receive() -> dict[str, Any]:
        return next(received)

    async def send(message: dict[str, Any]) -> None: ...

    consumer = OneHandler.as_asgi(handler=handler)
    with pytest.raises(Bug):
        await consumer({"type": "websocket", "headers": [], "query_string": b""}, receive, send)
    assert handler.lost_codes == [INTERNAL_ERROR]


# --- what a client sent ----------------------------------------------------------------------------------------------
async def test_later_items_are_handled_after_one_that_awaited_something_cancelled() -> None:
    handled: list[RawPacket] = []

    async def handle(item: RawPacket) -> None:
        if item == "cancelled":
            future = asyncio.get_running_loop().create_future()
            future.cancel()
            await future
        handled.append(item)

    inbox: Inbox[RawPacket] = Inbox(handle, on_drained=lambda: None)
    for item in ("one", "cancelled", "two"):
        inbox.put(item)
    await run_ready_tasks()
    assert (handled, inbox.pending) == (["one", "two"], 0)
