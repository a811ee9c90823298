"""The JSON protocol at `/ws/`, and the two clients of the documentation."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import websockets

from messaging import services
from tests.cast import Person, person
from tests.serving import Server, serving, uvicorn, uvicorn_over_asgi

from .node import node

CLIENTS = Path(__file__).resolve().parent.parent.parent / "docs" / "clients"


@pytest.fixture(scope="module", params=[uvicorn, uvicorn_over_asgi])
async def server(request: pytest.FixtureRequest) -> AsyncIterator[Server]:
    async with serving({"CONNECT_TIMEOUT": "3"}, server=request.param) as server:
        yield server


def address(server: Server) -> str:
    return f"ws{server.url.removeprefix('http')}/ws/"


class JsonSocket:
    def __init__(self, socket: websockets.ClientConnection) -> None:
        self.socket = socket

    async def send(self, event: str, data: Any = None, **more: Any) -> None:
        await self.socket.send(json.dumps({"event": event, "data": data, **more}))

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(15):
            frame: dict[str, Any] = json.loads(await self.socket.recv())
            return frame

    async def until(self, event: str) -> Any:
        while (frame := await self.next()).get("event") != event:
            pass
        return frame.get("data")

    async def acknowledged(self, number: int | str) -> Any:
        while (frame := await self.next()).get("ack") != number:
            pass
        return frame["data"]

    async def close_code(self) -> int | None:
        async with asyncio.timeout(15):
            await self.socket.wait_closed()
        return self.socket.close_code


@asynccontextmanager
async def opened(server: Server, **options: Any) -> AsyncIterator[JsonSocket]:
    async with websockets.connect(address(server), ping_interval=None, **options) as socket:
        yield JsonSocket(socket)


@asynccontextmanager
async def connected(server: Server, someone: Person, **data: Any) -> AsyncIterator[JsonSocket]:
    async with opened(server) as socket:
        await socket.send("connect", {"token": someone.token, **data})
        yield socket


@pytest.mark.parametrize(
    "headers",
    [lambda p: p.headers, lambda p: {"Cookie": f"__session={p.token}"}],
    ids=["by header", "by cookie"],
)
async def test_a_token_may_come_with_the_request(server: Server, alice: Person, group_id: str, headers: Any) -> None:
    async with opened(server, additional_headers=headers(alice)) as socket:
        await socket.send("connect", {})
        assert [group["id"] for group in (await socket.until("ready"))["groups"]] == [group_id]


async def test_events_are_acknowledged_in_order_by_number_or_string(
    server: Server, alice: Person, group_id: str
) -> None:
    async with connected(server, alice) as socket:
        for ack in (1, "two", 3):
            await socket.send("message", {"groupId": group_id, "content": str(ack)}, ack=ack)
        contents = [(await socket.acknowledged(ack))["message"]["content"] for ack in (1, "two", 3)]
        assert contents == ["1", "two", "3"]
        await socket.send("ping")
        await socket.send("message", {"groupId": group_id}, ack=4)
        assert (await socket.acknowledged(4))["error"]["code"] == "invalid"
        await socket.send("message", {"groupId": group_id})
        assert (await socket.until("error"))["event"] == "message"


MALFORMED = [
    *("", "{", "[]", "7"),
    *('{"event":1}', '{"event":"\\ud83e"}'),
    *('{"event":"x","ack":{}}', '{"event":"x","ack":"\\ud83e"}', '{"event":"\\ud83e","ack":1e3}'),
]


@pytest.mark.parametrize("text", MALFORMED)
async def test_a_malformed_frame_costs_an_error_and_nothing_else(server: Server, alice: Person, text: str) -> None:
    async with connected(server, alice) as socket:
        await socket.until("ready")
        await socket.socket.send(text)
        assert (await socket.until("error"))["code"] == "invalid"
        await socket.send("ping")
        await socket.until("pong")


async def test_a_frame_over_the_limit_ends_the_connection(server: Server, alice: Person) -> None:
    async with connected(server, alice) as socket:
        await socket.send("message", {"content": "x" * 1_000_001})
        assert (await socket.until("error"))["code"] == "too_large"
        assert await socket.close_code() == 1009


async def test_a_refused_client_is_told_why(server: Server) -> None:
    async with opened(server) as socket:
        await socket.send("message", {})
        assert (await socket.until("error"))["code"] == "invalid"
        await socket.send("connect", {"token": "nonsense"})
        assert (await socket.until("error"))["code"] == "unauthenticated"
        assert await socket.close_code() == 4001


async def test_a_client_that_never_sends_connect_is_closed(server: Server) -> None:
    async with opened(server) as socket:
        assert await socket.close_code() == 4001


async def test_a_page_of_another_site_is_refused(server: Server) -> None:
    with pytest.raises(websockets.InvalidStatus):
        async with opened(server, origin="https://evil.example"):
            pass


async def test_a_session_ends_with_its_token(server: Server) -> None:
    brief = await person("Brief", lifetime=-2)
    async with connected(server, brief) as socket:
        assert (await socket.until("error"))["code"] == "token_expired"
        assert await socket.close_code() == 4001


async def test_a_resuming_client_gets_what_it_missed_in_order(server: Server, alice: Person, group_id: str) -> None:
    async with connected(server, alice) as socket:
        head = (await socket.until("ready"))["groups"][0]["head"]
    for number in range(5):
        await services.send_message(actor=alice.actor, group_id=group_id, content=str(number))
    async with connected(server, alice, since={group_id: head}) as socket:
        assert (await socket.until("ready"))["resumed"] == {group_id: "changes"}
        missed = [await socket.until("message") for _ in range(5)]
        assert [message["seq"] for message in missed] == list(range(head + 1, head + 6))


@pytest.mark.parametrize("command", [[sys.executable, "ws_client.py"], [node(), "ws_client.mjs"]], ids=["py", "js"])
async def test_the_documented_client_sends_once_and_receives(
    server: Server, alice: Person, group_id: str, command: list[str]
) -> None:
    client = await asyncio.create_subprocess_exec(
        *command,
        *(address(server), alice.token, "from twenty lines"),
        cwd=CLIENTS,
        env={**os.environ, "NODE_OPTIONS": "--experimental-websocket"},
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert client.stdout is not None
        received: list[dict[str, Any]] = []
        async with asyncio.timeout(20):
            while len(received) < 3:
                received.append(json.loads(await client.stdout.readline()))
        assert received[0]["event"] == "ready"
        (message,) = (frame["data"] for frame in received if frame.get("event") == "message")
        assert (message["content"], message["userId"]) == ("from twenty lines", alice.id)
        assert any(frame.get("ack") == 1 and frame["data"]["ok"] for frame in received)
    finally:
        client.kill()
        await client.wait()
