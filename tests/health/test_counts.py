"""What a process counts: connections by how they come and why they go, gaps, and errors by code."""

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial

import httpx
import pytest
import websockets

from tests.cast import Person, person
from tests.serving import Server, serving
from tests.sessions import sign_out
from tests.socket_client import SocketClient, connected
from tests.wire_client import connected_by

from .conftest import Environment, report_of, until


@pytest.fixture
async def server(often: Environment) -> AsyncIterator[Server]:
    async with serving({**often, "MAX_PACKET_BYTES": "20000", "PING_INTERVAL": "1", "PING_TIMEOUT": "1"}) as server:
        yield server


async def closed(server: Server) -> dict[str, int]:
    reasons: dict[str, int] = (await report_of(server, "process"))["sockets"]["closedByReason"]
    return reasons


async def until_closed(server: Server, *words: str) -> None:
    """Return once one connection is closed; it is counted as one of these."""
    reasons = await until(partial(closed, server), lambda reasons: sum(reasons.values()) == 1)
    assert set(reasons) <= set(words)


async def test_connections_are_counted_by_transport_and_a_change_of_it_is_seen(server: Server, alice: Person) -> None:
    async with connected_by("upgrade", server.url, alice), connected_by("ws", server.url, alice):
        report = await until(
            partial(report_of, server), lambda report: report["sockets"]["byTransport"]["websocket"] == 1
        )
    assert report["sockets"]["byTransport"] == {"websocket": 1, "polling": 0, "json": 1}
    assert (report["sockets"]["connections"], report["sockets"]["users"]) == (2, 1)


@pytest.mark.parametrize("transport", ["ws", "websocket", "polling", "upgrade"])
async def test_a_client_that_leaves_is_counted_so(server: Server, alice: Person, transport: str) -> None:
    async with connected_by(transport, server.url, alice):
        assert await closed(server) == {}
    # A client that polls drops its GET, which may be seen before what it says.
    await until_closed(server, "client", *(["lost"] if transport == "polling" else []))
    report = await until(partial(report_of, server), lambda report: not report["sockets"]["connections"])
    # The room is kept for a minute, for whoever comes back: it is none any more.
    assert report["rooms"] == {"count": 0, "connections": 0, "largest": []}
    assert report["sockets"]["opened"] == 1


@pytest.mark.parametrize("transport", ["ws", "websocket"])
async def test_a_connection_that_breaks_off_is_lost(server: Server, alice: Person, transport: str) -> None:
    path = "/ws/" if transport == "ws" else "/socket.io/?EIO=4&transport=websocket"
    socket = await _ready(server, alice, path)
    socket.transport.abort()
    await until_closed(server, "lost")


async def _ready(server: Server, who: Person, path: str) -> websockets.ClientConnection:
    """Return a websocket that has had its `ready`, and answers no pings of Engine.IO."""
    socket = await websockets.connect(f"ws{server.url.removeprefix('http')}{path}", compression=None)
    if path == "/ws/":
        await socket.send(json.dumps({"event": "connect", "data": {"token": who.token}}))
    else:
        await socket.send("40" + json.dumps({"token": who.token}))
    async with asyncio.timeout(20):
        while "ready" not in str(await socket.recv()):
            pass
    return socket


async def test_a_client_that_answers_no_ping_is_timed_out(server: Server, alice: Person) -> None:
    async with await _ready(server, alice, "/socket.io/?EIO=4&transport=websocket"):
        await until_closed(server, "timeout")


@pytest.mark.parametrize("path", ["/ws/", "/socket.io/?EIO=4&transport=websocket"])
async def test_a_client_that_breaks_the_protocol_is_counted_so(server: Server, alice: Person, path: str) -> None:
    async with await _ready(server, alice, path) as socket:
        await socket.send("x" * 30_000)
        await until_closed(server, "protocol")


@pytest.mark.parametrize("transport", ["ws", "websocket"])
async def test_a_session_that_ends_closes_its_connections(server: Server, alice: Person, transport: str) -> None:
    async with connected_by(transport, server.url, alice):
        await sign_out(server.url, alice.token)
        await until_closed(server, "session_over")


async def test_whoever_has_not_signed_in_is_not_counted(server: Server) -> None:
    async with websockets.connect(f"ws{server.url.removeprefix('http')}/ws/") as stranger:
        await stranger.send('{"event":"connect","data":{"token":"x"}}')
        await stranger.wait_closed()
    report = await report_of(server, "process")
    assert (report["sockets"]["opened"], report["sockets"]["closedByReason"]) == (0, {})
    assert report["errors"]["1m"]["byCode"] == {"unauthenticated": 1}


async def test_a_client_that_comes_back_is_counted_as_resumed(server: Server, alice: Person) -> None:
    async with httpx.AsyncClient(base_url=server.url, headers=alice.headers) as api:
        group_id = (await api.post("/api/groups", json={"name": "Harbour"})).json()["id"]
        # From scratch, from a place that the log has, and from one past its end, from where nothing can be resumed.
        for opened, since, resumed in ((1, None, 0), (2, {group_id: 1}, 1), (3, {group_id: 900}, 1)):
            async with connected(server.url, alice, since=since):
                report = await until(
                    partial(report_of, server, "process"),
                    lambda report, opened=opened: report["sockets"]["opened"] == opened,  # type: ignore[misc]
                )
                assert report["sockets"]["resumed"] == resumed, since


async def test_errors_are_counted_by_the_code_that_clients_were_told(server: Server, alice: Person) -> None:
    async with httpx.AsyncClient(base_url=server.url, headers=alice.headers) as api:
        for _ in range(3):
            await api.get("/api/groups/group_0000000000000000")
        await api.get("/api/groups?x=1")
        await api.put("/api/groups")
        await api.get("/groups/group_0000000000000000", headers={"Cookie": f"__session={alice.token}"})
        await api.post("/api/messages", content=b"x" * 2_000_000, headers={"Content-Type": "application/json"})
    async with connected(server.url, alice) as socket:
        await _send_wrong(socket)
    report = await report_of(server, "process")
    expected = {"not_found": 5, "invalid": 2, "method_not_allowed": 1, "too_large": 1}
    for name, seconds in (("1m", 60), ("5m", 300), ("15m", 900)):
        window = report["errors"][name]
        assert window["byCode"] == expected
        assert window["perSecond"] == round(9 / seconds, 3)


async def _send_wrong(socket: SocketClient) -> None:
    assert not (await socket.send("message", {"groupId": "group_0000000000000000", "content": "x"}))["ok"]
    assert not (await socket.send("message", {"groupId": 5, "content": "x"}))["ok"]


async def test_people_are_counted_once_however_many_connections_they_have(server: Server, alice: Person) -> None:
    bob = await person("Bob")
    async with (
        connected_by("ws", server.url, alice),
        connected_by("ws", server.url, alice),
        connected_by("ws", server.url, bob),
    ):
        report = await until(partial(report_of, server), lambda report: report["sockets"]["connections"] == 3)
        assert report["sockets"]["users"] == 2
