"""An engine that is away, or that hangs, is told soon and as something to try again; then all goes on by itself."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest

from bench.chaos.proxy import TcpProxy, proxy_to
from files.services import store_file
from groups import services as groups
from groups.log import reading
from messaging import services as messages

from .cast import Person, person
from .doors import OK, answer_code, http_client, page_door
from .page_form import composer_in
from .serving import Server, serving
from .socket_client import PATIENCE, SocketClient, connected

# The store's own bound is shortened, so that the tests need not wait for it; twice it, and some, for a busy machine.
STORE_TIMEOUT = 1.5
AT_MOST = 12.0
ENGINES = ("DYNAMODB_URL", "REDIS_URL", "MONGODB_URI")


@dataclass(frozen=True)
class Scene:
    """`server` reaches its engines by lines; `beside` is another process, whose engines are always there."""

    server: Server
    beside: Server
    lines: dict[str, TcpProxy]
    alice: Person
    bob: Person
    group_id: str
    message_id: str
    file_id: str


async def _bytes(content: bytes) -> AsyncIterator[bytes]:
    yield content


@pytest.fixture(scope="module")
async def scene() -> AsyncIterator[Scene]:
    alice, bob = await person("Alice"), await person("Bob")
    group = await groups.create_group(actor=alice.actor, name="Harbour", member_ids=[bob.id])
    sent = await messages.send_message(actor=alice.actor, group_id=group.id, content="before")
    file = await store_file(
        actor=alice.actor, group_id=group.id, name="a.txt", content_type="text/plain", chunks=_bytes(b"hello")
    )
    async with AsyncExitStack() as stack:
        lines = {name: await stack.enter_async_context(proxy_to(os.environ[name])) for name in ENGINES}
        quick = {"STORE_TIMEOUT": str(STORE_TIMEOUT), "TYPING_INTERVAL": "0"}
        behind_lines = {name: line.url for name, line in lines.items()}
        server = await stack.enter_async_context(serving(quick | behind_lines))
        beside = await stack.enter_async_context(serving(quick))
        yield Scene(server, beside, lines, alice, bob, group.id, sent["message"]["id"], file.id)


@pytest.fixture(autouse=True)
async def _restored(scene: Scene) -> AsyncIterator[None]:
    yield
    for line in scene.lines.values():
        line.restore()


def lose(line: TcpProxy, way: str) -> None:
    line.cut() if way == "cut" else line.stall()


Attempt = Callable[[], Awaitable[str]]


async def _in_time(attempt: Attempt) -> str:
    start = time.monotonic()
    code = await attempt()
    took = time.monotonic() - start
    assert took < AT_MOST, f"an answer took {took:.1f} s"
    return code


async def _codes(attempts: dict[str, Attempt]) -> dict[str, str]:
    """Make all attempts at once; each must be answered in time."""
    found = await asyncio.gather(*(_in_time(attempt) for attempt in attempts.values()))
    return dict(zip(attempts, found, strict=True))


async def _soon(attempt: Attempt, expected: str = OK) -> None:
    """Return once an attempt succeeds."""
    async with asyncio.timeout(PATIENCE):
        while True:
            code = await attempt()
            if code == expected:
                return
            assert code in ("unavailable", "503")
            await asyncio.sleep(0.1)


async def _goes_on(attempts: dict[str, Attempt]) -> None:
    await asyncio.gather(*(_soon(attempt) for attempt in attempts.values()))


def asking(client: httpx.AsyncClient, method: str, path: str, **more: Any) -> Attempt:
    async def attempt() -> str:
        response = await client.request(method, path, **more)
        if response.is_success:
            return OK
        error = response.json()["error"]
        if error["code"] == "unavailable":
            assert (response.status_code, error["retryable"]) == (503, True)
        return str(error["code"])

    return attempt


def emitting(client: SocketClient, event: str, **data: Any) -> Attempt:
    async def attempt() -> str:
        answer = await client.send(event, data)
        if not answer["ok"] and answer["error"]["code"] == "unavailable":
            assert answer["error"]["retryable"] is True
            assert "Internal" not in answer["error"]["message"]
        return answer_code(answer)

    return attempt


# --- DynamoDB --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("way", ["cut", "held"])
async def test_without_dynamodb_every_door_says_so_and_goes_on_when_it_is_back(scene: Scene, way: str) -> None:
    group, message, once = scene.group_id, scene.message_id, uuid4().hex
    reacts, marks = {"emoji": "👍", "action": "add"}, {"groupId": group, "seq": 1}
    events: dict[str, dict[str, Any]] = {
        "message": {"groupId": group, "content": "once", "clientId": once},
        "edit_message": {"messageId": message, "content": way},
        "reaction": {"messageId": message, **reacts},
        "thread_sync": {"groupId": group},
        "thread_read": marks,
        "thread_typing": {"groupId": group, "typing": True},
    }
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(http_client(scene.server.url, scene.alice))
        sockets = {e: await stack.enter_async_context(connected(scene.server.url, scene.alice)) for e in events}
        attempts = {
            "list": asking(http, "GET", f"/api/messages?groupId={group}"),
            "send": asking(http, "POST", "/api/messages", json={**events["message"], "clientId": f"{once} by http"}),
            "react": asking(http, "POST", f"/api/messages/{message}/reactions", json=reacts),
            "mark read": asking(http, "POST", "/api/messages/read", json=marks),
            "groups": asking(http, "GET", "/api/groups"),
            "members": asking(http, "GET", f"/api/groups/{group}/members"),
            "download": asking(http, "GET", f"/api/files/{scene.file_id}"),
            **{event: emitting(sockets[event], event, **data) for event, data in events.items()},
        }
        lose(scene.lines["DYNAMODB_URL"], way)
        assert set((await _codes(attempts)).values()) == {"unavailable"}
        scene.lines["DYNAMODB_URL"].restore()
        await _goes_on(attempts)
        assert [event for socket in sockets.values() for event, _ in socket.events if event == "disconnect"] == []
        # Refused as unavailable and sent again, however often: there once, on each door.
        entries = await reading.entries_after(group, 0)
        assert sorted(e.client_id for e in entries if (e.client_id or "").startswith(once)) == [once, f"{once} by http"]


@pytest.mark.parametrize("way", ["cut", "held"])
async def test_without_dynamodb_a_page_says_so(scene: Scene, way: str) -> None:
    async with page_door(scene.server.url, scene.alice, scene.group_id) as door:
        lose(scene.lines["DYNAMODB_URL"], way)
        given = {"groupId": scene.group_id, "content": "from a page", "clientId": uuid4().hex}
        async with asyncio.timeout(2 * AT_MOST):
            assert await door.attempt("list", {"groupId": scene.group_id}) == "503"
            form = {**given, "csrfmiddlewaretoken": door.client.cookies["csrftoken"]}
            response = await door.client.post(f"/groups/{scene.group_id}/messages", data=form)
            assert response.status_code == 503
        # What was typed is still there, to be sent as what it was: once.
        again = composer_in(response.text)

        async def sent_again() -> str:
            return str((await door.client.post(again.action, data=again.fields)).status_code)

        scene.lines["DYNAMODB_URL"].restore()
        await _soon(sent_again, "302")
        entries = await reading.entries_after(scene.group_id, 0)
        assert [e.content for e in entries if e.client_id == given["clientId"]] == ["from a page"]


async def test_without_dynamodb_whoever_connects_gets_in_as_soon_as_it_is_back(scene: Scene) -> None:
    newcomer = await person("Newcomer")
    async with connected(scene.server.url, scene.bob):
        scene.lines["DYNAMODB_URL"].cut()
    # The token says who they are; the store, what they are in, although this process knows bob.
    async with (
        outside(scene.server.url, newcomer) as stranger,
        outside(scene.server.url, scene.bob, {scene.group_id: 1}) as known,
    ):
        for client in (stranger, known):
            error = await client.wait_for("error")
            assert (error["event"], error["code"], error["retryable"]) == ("connect", "unavailable", True)
        scene.lines["DYNAMODB_URL"].restore()
        assert (await stranger.wait_for("ready"))["groups"] == []
        assert (await known.wait_for("ready"))["resumed"] == {scene.group_id: "changes"}
        assert not any(client.all("disconnect") for client in (stranger, known))


@asynccontextmanager
async def outside(url: str, who: Person, since: dict[str, int] | None = None) -> AsyncIterator[SocketClient]:
    """A client that has connected, and waits to be let in."""
    client = SocketClient()
    await client.connect(url, {"token": who.token, "since": since or {}})
    try:
        yield client
    finally:
        await client.client.shutdown()


# --- MongoDB ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("way", ["cut", "held"])
async def test_without_mongodb_only_files_are_away(scene: Scene, way: str) -> None:
    group, file = scene.group_id, scene.file_id
    async with (
        http_client(scene.server.url, scene.alice) as http,
        connected(scene.server.url, scene.alice) as socket,
    ):
        form = {"data": {"groupId": group}, "files": {"file": ("b.txt", b"hello")}}
        attempts = {
            "upload": asking(http, "POST", "/api/upload", **form),
            "list": asking(http, "GET", f"/api/files?groupId={group}"),
            "download": asking(http, "GET", f"/api/files/{file}"),
            "metadata": asking(http, "GET", f"/api/files/metadata/{file}"),
            "message": emitting(socket, "message", groupId=group, content="see", attachments=[file]),
        }
        lose(scene.lines["MONGODB_URI"], way)
        assert set((await _codes(attempts)).values()) == {"unavailable"}
        assert await emitting(socket, "message", groupId=group, content="without a file")() == OK
        scene.lines["MONGODB_URI"].restore()
        await _goes_on(attempts)


# --- Redis -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("way", ["cut", "held"])
async def test_without_redis_messages_arrive_from_the_log(scene: Scene, way: str) -> None:
    async with AsyncExitStack() as stack:
        alice = await stack.enter_async_context(connected(scene.server.url, scene.alice))
        near = await stack.enter_async_context(connected(scene.server.url, scene.bob))
        far = await stack.enter_async_context(connected(scene.beside.url, scene.bob))
        lose(scene.lines["REDIS_URL"], way)
        await _delivers(scene, alice, [near, far])
        await _delivers(scene, far, [alice, near])
        late = await stack.enter_async_context(connected(scene.server.url, scene.bob))
        await _delivers(scene, far, [alice, near, late])
        scene.lines["REDIS_URL"].restore()
        # Typing is nowhere but in Redis: once it is told, the processes hear each other again.
        for who, other, client in ((alice, far, scene.alice), (far, alice, scene.bob)):
            async with asyncio.timeout(PATIENCE):
                while not any(typing["userId"] == client.id for typing in other.all("thread_typing_update")):
                    assert await emitting(who, "thread_typing", groupId=scene.group_id, typing=True)() == OK
                    await asyncio.sleep(0.1)
        for client_ in (alice, near, far):
            seqs = [data["seq"] for data in client_.all("message")]
            assert seqs == sorted(set(seqs))


async def _delivers(scene: Scene, sender: SocketClient, receivers: list[SocketClient]) -> None:
    content = f"without redis {uuid4().hex}"
    start = time.monotonic()
    sent = await sender.send("message", {"groupId": scene.group_id, "content": content})
    assert sent["ok"]
    assert time.monotonic() - start < AT_MOST / 4
    for receiver in receivers:
        await receiver.wait_for("message", lambda data: data["content"] == content)
    assert time.monotonic() - start < AT_MOST
