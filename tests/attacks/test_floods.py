"""Clients that send too much, on a running server: memory stays bounded, and the others are served."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.frames import Frame, Opcode

from tests.cast import Person, person
from tests.entry_points import ack_code
from tests.serving import Server, serving
from tests.socket_client import SocketClient, connected

PATHS = ("/ws/", "/socket.io/?EIO=4&transport=websocket")
POLLING = "/socket.io/?EIO=4&transport=polling"


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    async with serving({"RATE_LIMITS": ""}) as server:
        yield server


@pytest.fixture(scope="module")
async def bystander(server: Server) -> AsyncIterator[SocketClient]:
    async with connected(server.url, await person("Bob")) as client:
        yield client


async def is_served(bystander: SocketClient) -> bool:
    return ack_code(await bystander.send("thread_read", {"groupId": "absent", "seq": 1})) == "not_found"


def websocket(server: Server, path: str) -> connect:
    url = server.url.replace("http", "ws", 1) + path
    return connect(url, ping_interval=None, max_size=None, open_timeout=20, close_timeout=1)


async def signed_in(stack: AsyncExitStack, server: Server, someone: Person) -> ClientConnection:
    socket = await stack.enter_async_context(websocket(server, "/ws/"))
    await socket.send(json.dumps({"event": "connect", "data": {"token": someone.token}}))
    while json.loads(await socket.recv()).get("event") != "ready":
        pass
    return socket


async def answer_to(socket: ClientConnection, ack: int) -> tuple[dict[str, Any], int]:
    """Return the data of an acknowledgement, and the length of its frame."""
    async with asyncio.timeout(20):
        while True:
            frame = str(await socket.recv())
            packet = json.loads(frame)
            if packet.get("ack") == ack:
                return packet["data"], len(frame)


@pytest.mark.parametrize("path", PATHS)
async def test_strangers_cannot_fill_the_memory(server: Server, bystander: SocketClient, path: str) -> None:
    before = server.resident_megabytes()
    head = Frame(Opcode.TEXT, b"x" * 16_000_000).serialize(mask=True)[:14]
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(websocket(server, path)) for _ in range(20)]
        for socket in sockets:
            socket.transport.write(head + b"x" * 4_000_000)
        for socket in sockets:
            async with asyncio.timeout(20):
                await socket.wait_closed()
        assert server.resident_megabytes() - before < 60
        assert await is_served(bystander)


async def test_a_list_of_half_a_million_gets_a_short_answer(server: Server, alice: Person) -> None:
    async with AsyncExitStack() as stack:
        socket = await signed_in(stack, server, alice)
        event = '{"event":"message","ack":1,"data":{"groupId":"g","attachments":['
        # What has so many values is not parsed: nothing is known of the event that it is.
        await socket.send(event + "0," * 494_999 + "0]}}")
        refusal = str(await socket.recv())
        assert (json.loads(refusal)["event"], json.loads(refusal)["data"]["code"]) == ("error", "invalid")
        assert len(refusal) < 1000
        await socket.send(event + "0," * 15_000 + "0]}}")
        answer, size = await answer_to(socket, 1)
        assert answer["error"]["code"] == "invalid"
        assert size < 1000


async def test_large_frames_wait_in_the_clients_own_buffers(server: Server, bystander: SocketClient) -> None:
    before = server.resident_megabytes()
    frame = json.dumps({"event": "message", "data": {"content": "x" * 990_000}})
    async with AsyncExitStack() as stack:
        sockets = [await signed_in(stack, server, await person(f"Member {n}")) for n in range(3)]
        sending = [asyncio.create_task(_send(socket, frame, 70)) for socket in sockets]
        assert await is_served(bystander)
        # By then what they sent has cost so much that each of the rest waits.
        async with asyncio.timeout(60):
            for socket in sockets:
                for _ in range(20):
                    await socket.recv()
        assert server.resident_megabytes() - before < 60
        for task in sending:
            task.cancel()
        await asyncio.gather(*sending, return_exceptions=True)


async def _send(socket: ClientConnection, frame: str, times: int) -> None:
    for _ in range(times):
        await socket.send(frame)


@pytest.mark.parametrize(
    ("event", "data"),
    [("nothing", {}), ("message", {"groupId": "g", "attachments": [0] * 10}), ("message", [])],
    ids=["of no name", "with wrong data", "without an object"],
)
async def test_events_that_nobody_handles_have_a_budget(server: Server, event: str, data: Any) -> None:
    someone = await person("Dave")
    async with AsyncExitStack() as stack:
        socket = await signed_in(stack, server, someone)
        for number in range(70):
            await socket.send(json.dumps({"event": event, "data": data, "ack": number}))
        codes = [(await answer_to(socket, number))[0]["error"]["code"] for number in range(70)]
        assert codes[:60] == ["invalid"] * 60
        assert "rate_limited" in codes
        # A second connection is no second budget.
        second = await signed_in(stack, server, someone)
        for number in range(20):
            await second.send(json.dumps({"event": event, "data": data, "ack": number}))
        codes = [(await answer_to(second, number))[0]["error"]["code"] for number in range(20)]
        assert "rate_limited" in codes


async def test_a_polling_payload_of_too_many_packets_ends_its_session(server: Server, bystander: SocketClient) -> None:
    async with httpx.AsyncClient(base_url=server.url) as client:
        sid = json.loads((await client.get(POLLING)).text[1:])["sid"]
        assert (await client.post(f"{POLLING}&sid={sid}", content="3\x1e" * 60_000 + "3")).status_code == 400
        assert (await client.get(f"{POLLING}&sid={sid}")).status_code == 400
    assert await is_served(bystander)


async def test_a_body_over_a_strangers_bound_ends_a_polling_session(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.url) as client:
        sid = json.loads((await client.get(POLLING)).text[1:])["sid"]
        assert (await client.post(f"{POLLING}&sid={sid}", content="4" + "x" * 200_000)).status_code == 400
        assert (await client.get(f"{POLLING}&sid={sid}")).status_code == 400


async def test_the_places_of_2000_groups_fit_into_a_handshake(server: Server, alice: Person) -> None:
    since = {f"group_{n:026}": 1_000_000 + n for n in range(2000)}
    async with connected(server.url, alice, since=since):
        pass


@pytest.mark.parametrize(("path", "text"), [(PATHS[0], b'{"event":"x"}'), (PATHS[1], b"3")])
async def test_many_tiny_frames_leave_the_others_their_turn(
    server: Server, bystander: SocketClient, path: str, text: bytes
) -> None:
    async with AsyncExitStack() as stack:
        socket = await stack.enter_async_context(websocket(server, path))
        socket.transport.write(Frame(Opcode.TEXT, text).serialize(mask=True) * 20_000)
        for _ in range(5):
            assert await is_served(bystander)
