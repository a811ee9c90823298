"""A client that stops reading costs the others nothing: it is closed, and catches up when it comes back."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, suppress

import pytest
import websockets

from groups import services as groups
from messaging import services
from tests.cast import person
from tests.serving import Server, serving
from tests.socket_client import connected

MESSAGES = 1500
CONTENT = "x" * 9_990


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving({}) as server:
        yield server


def narrow(url: str) -> socket.socket:
    """A line whose receiving end takes very little, so that not reading is felt soon."""
    host, _, port = url.removeprefix("http://").partition(":")
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect((host, int(port)))
    return line


@pytest.mark.timeout(180)
async def test_who_stops_reading_is_closed_and_the_others_get_everything(server: Server) -> None:
    people = [await person(f"Reader {n}") for n in range(4)]
    group = await groups.create_group(actor=people[0].actor, name="Crew", member_ids=[p.id for p in people])
    address = f"ws{server.url.removeprefix('http')}/ws/"
    sleeper = await websockets.connect(
        address, sock=narrow(server.url), max_queue=1, compression=None, ping_interval=None, close_timeout=1
    )
    await sleeper.send(json.dumps({"event": "connect", "data": {"token": people[3].token}}))
    known = json.loads(await sleeper.recv())["data"]["groups"][0]["head"]
    before = server.resident_megabytes()
    async with AsyncExitStack() as stack:
        readers = [await stack.enter_async_context(connected(server.url, someone)) for someone in people[:3]]
        for start in range(0, MESSAGES, 50):
            await asyncio.gather(
                *(
                    services.send_message(actor=people[0].actor, group_id=group.id, content=f"{n} {CONTENT}")
                    for n in range(start, start + 50)
                )
            )
        for reader in readers:
            await reader.wait_until(lambda reader=reader: len(reader.all("message")) == MESSAGES)  # type: ignore[misc]
        assert server.resident_megabytes() - before < 100
        with suppress(websockets.ConnectionClosed):
            while True:
                await sleeper.recv()
        assert sleeper.close_code in (4008, 1006)
        async with connected(server.url, people[3], since={group.id: known}) as back:
            assert back.all("ready")[0]["resumed"] == {group.id: "reset"}
            state = await back.send("thread_sync", {"groupId": group.id, "limit": 1})
            assert state["messages"][0]["content"].startswith(f"{MESSAGES - 1} ")
