"""However slow DynamoDB is, a send, an edit or a page is answered within STORE_TIMEOUT, though it needs more calls."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from uuid import uuid4

import httpx
import pytest

from bench.chaos.store_proxy import Forward, Message, StoreProxy, store_proxy_to
from groups import services as groups
from groups.log import queries
from messaging import services as messages

from .cast import Person, person
from .entry_points import http_client
from .serving import Server, serving
from .wire_client import TRANSPORTS, WireClient, connected_by

STORE_TIMEOUT = 4.0
# One call fits into the time, two do not.
CALL_SECONDS = 2.5
# For a busy machine; two calls and more would take longer.
SLACK = 0.9


@dataclass(frozen=True)
class Scene:
    server: Server
    store: StoreProxy
    alice: Person
    group_id: str
    message_id: str


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    alice = await person("Alice")
    group = await groups.create_group(actor=alice.actor, name="Harbour")
    sent = await messages.send_message(actor=alice.actor, group_id=group.id, content="before")
    async with store_proxy_to(os.environ["DYNAMODB_URL"]) as store:
        store.share = 1.0
        environment = {"DYNAMODB_URL": store.url, "STORE_TIMEOUT": str(STORE_TIMEOUT), "ROOM_CHECK_INTERVAL": "60"}
        async with serving(environment) as server:
            yield Scene(server, store, alice, group.id, sent["message"]["id"])


async def slow(request: Message, forward: Forward) -> Message:
    response = await forward(request)
    await asyncio.sleep(CALL_SECONDS)
    return response


async def timed(attempt: Awaitable[str]) -> str:
    start = time.monotonic()
    code = await attempt
    took = time.monotonic() - start
    assert took < STORE_TIMEOUT + SLACK, f"{took:.1f} s"
    return code


class Callers:
    """Alice on every transport, and over HTTP."""

    def __init__(self, scene: Scene, http: httpx.AsyncClient, sockets: dict[str, WireClient]) -> None:
        self.scene, self.http, self.sockets = scene, http, sockets
        self.client_ids = {name: uuid4().hex for name in (*sockets, "http")}

    async def emit(self, transport: str, event: str, **data: object) -> str:
        ack = await self.sockets[transport].send(event, data)
        return "ok" if ack["ok"] else _code_of(ack["error"])

    async def request(self, method: str, path: str, **data: object) -> str:
        response = await self.http.request(method, path, json=data or None)
        if response.is_success:
            return "ok"
        assert response.headers["retry-after"] == "1"
        return _code_of(response.json()["error"])

    def sends(self) -> list[Awaitable[str]]:
        data = {"groupId": self.scene.group_id, "content": "once", "after": 0}
        return [
            *(self.emit(name, "message", **data, clientId=self.client_ids[name]) for name in self.sockets),
            self.request("POST", "/api/messages", **data, clientId=self.client_ids["http"]),
        ]

    def others(self) -> list[Awaitable[str]]:
        group_id, message_id = self.scene.group_id, self.scene.message_id
        return [
            self.emit("polling", "edit_message", messageId=message_id, content="edited"),
            self.emit("websocket", "reaction", messageId=message_id, emoji="👍", action="add"),
            self.emit("ws", "thread_read", groupId=group_id, seq=2),
            self.request("GET", f"/api/messages?groupId={group_id}"),
            self.request("PATCH", f"/api/messages/{message_id}", content="edited"),
        ]


@pytest.fixture
async def callers(scene: Scene) -> AsyncIterator[Callers]:
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(http_client(scene.server.url, scene.alice))
        sockets = {
            name: await stack.enter_async_context(connected_by(name, scene.server.url, scene.alice))
            for name in TRANSPORTS
        }
        yield Callers(scene, http, sockets)


async def test_two_slow_calls_are_unavailable_in_time_and_a_retry_is_stored_once(callers: Callers) -> None:
    scene = callers.scene
    scene.store.fail(slow)
    codes = await asyncio.gather(*map(timed, callers.sends()))
    assert set(codes) == {"unavailable"}, codes
    assert set(await asyncio.gather(*map(timed, callers.others()))) <= {"ok", "unavailable"}
    scene.store.restore()
    async with asyncio.timeout(20):
        while set(await asyncio.gather(*callers.sends())) != {"ok"}:  # noqa: ASYNC110 - nothing says when it is back
            await asyncio.sleep(0.2)
    entries = await queries.entries_after(scene.group_id, 0)
    assert sorted(each.client_id for each in entries if each.client_id) == sorted(callers.client_ids.values())


def _code_of(error: dict[str, object]) -> str:
    if error["code"] == "unavailable":
        assert error["retryAfter"] == 1.0
    return str(error["code"])
