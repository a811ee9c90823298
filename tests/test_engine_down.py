"""When an engine is down or hangs, callers soon get a retryable error, and all recovers by itself."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid4

import httpx
import pytest

from bench.chaos.proxy import TcpProxy, proxy_to
from files.services import store_file
from groups import services as groups
from groups.log import queries
from messaging import services as messages

from .cast import Person, person
from .entry_points import OK, ack_code, http_client, page_entry_point, read_page
from .files.conftest import pieces, store
from .page_form import composer_in
from .serving import Server, serving
from .socket_client import TIMEOUT, SocketClient, connected
from .times import in_a_day

# In seconds. The store's time-out is short so that tests need not wait for it.
STORE_TIMEOUT = 1.5
# Several times that, for a busy machine.
RESPONSE_TIMEOUT = 12.0
ENGINES = ("DYNAMODB_URL", "REDIS_URL", "MONGODB_URI")


@dataclass(frozen=True)
class Scene:
    """`server` reaches its engines through `lines`; `other` is a process whose engines are never disturbed."""

    server: Server
    other: Server
    lines: dict[str, TcpProxy]
    alice: Person
    bob: Person
    group_id: str
    message_id: str
    file_id: str


@pytest.fixture(scope="module")
async def scene() -> AsyncIterator[Scene]:
    alice, bob = await person("Alice"), await person("Bob")
    group = await groups.create_group(actor=alice.actor, name="Harbour", member_ids=[bob.id])
    sent = await messages.send_message(actor=alice.actor, group_id=group.id, content="before")
    file = await store_file(
        actor=alice.actor, group_id=group.id, name="a.txt", content_type="text/plain", chunks=pieces(b"hello")
    )
    async with AsyncExitStack() as stack:
        lines = {name: await stack.enter_async_context(proxy_to(os.environ[name])) for name in ENGINES}
        quick = {"STORE_TIMEOUT": str(STORE_TIMEOUT), "TYPING_INTERVAL": "0"}
        behind_lines = {name: line.url for name, line in lines.items()}
        server = await stack.enter_async_context(serving(quick | behind_lines))
        other = await stack.enter_async_context(serving(quick))
        yield Scene(server, other, lines, alice, bob, group.id, sent["message"]["id"], file.id)


@pytest.fixture(autouse=True)
async def _restored(scene: Scene) -> AsyncIterator[None]:
    yield
    for line in scene.lines.values():
        line.restore()
    await _until(partial(read_page, scene.server.url, scene.alice, scene.group_id), "200")


def disturb(line: TcpProxy, kind: str) -> None:
    """Break the connections ("cut"), or keep them open without passing anything on ("held")."""
    line.cut() if kind == "cut" else line.stall()


Attempt = Callable[[], Awaitable[str]]


async def _in_time(attempt: Attempt) -> str:
    start = time.monotonic()
    code = await attempt()
    took = time.monotonic() - start
    assert took < RESPONSE_TIMEOUT, f"a response took {took:.1f} s"
    return code


async def _codes(attempts: dict[str, Attempt]) -> dict[str, str]:
    """Make all attempts at once, and return their codes; each must get its response in time."""
    codes = await asyncio.gather(*(_in_time(attempt) for attempt in attempts.values()))
    return dict(zip(attempts, codes, strict=True))


async def _until(attempt: Attempt, expected: str = OK) -> None:
    """Repeat an attempt until it returns the expected code."""
    async with asyncio.timeout(TIMEOUT):
        while True:
            code = await attempt()
            if code == expected:
                return
            assert code in ("unavailable", "503")
            await asyncio.sleep(0.1)


async def _recover(attempts: dict[str, Attempt]) -> None:
    await asyncio.gather(*(_until(attempt) for attempt in attempts.values()))


def requesting(client: httpx.AsyncClient, method: str, path: str, **more: Any) -> Attempt:
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
        ack = await client.send(event, data)
        if not ack["ok"] and ack["error"]["code"] == "unavailable":
            assert ack["error"]["retryable"] is True
            assert "Internal" not in ack["error"]["message"]
        return ack_code(ack)

    return attempt


# --- DynamoDB --------------------------------------------------------------------------------------------------------
_LISTS = ("saved", "drafts", "groups", "scheduled", "reminders")


def _planning(group_id: str, message_id: str) -> dict[str, dict[str, Any]]:
    """Return the events that plan something."""
    message = {"groupId": group_id, "content": "later", "at": in_a_day()}
    return {"schedule_message": message, "remind": {"messageId": message_id, "when": "1_hour"}}


@pytest.mark.parametrize("kind", ["cut", "held"])
async def test_without_dynamodb_every_entry_point_is_unavailable_until_it_is_up_again(scene: Scene, kind: str) -> None:
    group, message, once = scene.group_id, scene.message_id, uuid4().hex
    reacts, marks = {"emoji": "👍", "action": "add"}, {"groupId": group, "seq": 1}
    events: dict[str, dict[str, Any]] = {
        "message": {"groupId": group, "content": "once", "clientId": once},
        "edit_message": {"messageId": message, "content": kind},
        "reaction": {"messageId": message, **reacts},
        "pin": {"messageId": message, "action": "add"},
        "save_message": {"messageId": message, "action": "add"},
        "draft": {"groupId": group, "content": kind},
        **_planning(group, message),
        "quote": {"messageId": message},
        "thread_sync": {"groupId": group},
        "thread_read": marks,
        "thread_typing": {"groupId": group, "typing": True},
    }
    async with AsyncExitStack() as stack:
        http = await stack.enter_async_context(http_client(scene.server.url, scene.alice))
        sockets = {e: await stack.enter_async_context(connected(scene.server.url, scene.alice)) for e in events}
        attempts = {
            "list": requesting(http, "GET", f"/api/messages?groupId={group}"),
            "send": requesting(http, "POST", "/api/messages", json={**events["message"], "clientId": f"{once} http"}),
            "react": requesting(http, "POST", f"/api/messages/{message}/reactions", json=reacts),
            "mark read": requesting(http, "POST", "/api/messages/read", json=marks),
            "around": requesting(http, "GET", f"/api/messages?groupId={group}&around=unread"),
            "pins": requesting(http, "GET", f"/api/groups/{group}/pins"),
            **{name: requesting(http, "GET", f"/api/{name}") for name in _LISTS},
            "members": requesting(http, "GET", f"/api/groups/{group}/members"),
            "download": requesting(http, "GET", f"/api/files/{scene.file_id}"),
            **{event: emitting(sockets[event], event, **data) for event, data in events.items()},
        }
        disturb(scene.lines["DYNAMODB_URL"], kind)
        assert set((await _codes(attempts)).values()) == {"unavailable"}
        scene.lines["DYNAMODB_URL"].restore()
        await _recover(attempts)
        assert [event for socket in sockets.values() for event, _ in socket.events if event == "disconnect"] == []
        # Sent again and again after `unavailable`: stored once for each entry point.
        entries = await queries.entries_after(group, 0)
        assert sorted(e.client_id for e in entries if (e.client_id or "").startswith(once)) == [once, f"{once} http"]


@pytest.mark.parametrize("kind", ["cut", "held"])
async def test_without_dynamodb_a_page_keeps_what_was_typed(scene: Scene, kind: str) -> None:
    async with page_entry_point(scene.server.url, scene.alice, scene.group_id) as entry_point:
        disturb(scene.lines["DYNAMODB_URL"], kind)
        message = {"groupId": scene.group_id, "content": "from a page", "clientId": uuid4().hex}
        async with asyncio.timeout(2 * RESPONSE_TIMEOUT):
            assert await entry_point.attempt("list", {"groupId": scene.group_id}) == "503"
            form = {**message, "csrfmiddlewaretoken": entry_point.client.cookies["csrftoken"]}
            response = await entry_point.client.post(f"/groups/{scene.group_id}/messages", data=form)
            assert response.status_code == 503
        # The page has the form again, with the same clientId, so that it is stored once.
        form_again = composer_in(response.text)

        async def send_again() -> str:
            return str((await entry_point.client.post(form_again.action, data=form_again.fields)).status_code)

        scene.lines["DYNAMODB_URL"].restore()
        await _until(send_again, "302")
        entries = await queries.entries_after(scene.group_id, 0)
        assert [e.content for e in entries if e.client_id == message["clientId"]] == ["from a page"]


async def test_without_dynamodb_clients_that_connect_get_ready_when_it_is_up_again(scene: Scene) -> None:
    newcomer = await person("Newcomer")
    async with connected(scene.server.url, scene.bob):
        scene.lines["DYNAMODB_URL"].cut()
    # The token names the user, but the store has the groups, even of bob, whom this process has in memory.
    async with (
        connecting(scene.server.url, newcomer) as new_client,
        connecting(scene.server.url, scene.bob, {scene.group_id: 1}) as known_client,
    ):
        for client in (new_client, known_client):
            error = await client.wait_for("error")
            assert (error["event"], error["code"], error["retryable"]) == ("connect", "unavailable", True)
        scene.lines["DYNAMODB_URL"].restore()
        assert (await new_client.wait_for("ready"))["groups"] == []
        assert (await known_client.wait_for("ready"))["resumed"] == {scene.group_id: "changes"}
        assert not any(client.all("disconnect") for client in (new_client, known_client))


@asynccontextmanager
async def connecting(url: str, person: Person, since: dict[str, int] | None = None) -> AsyncIterator[SocketClient]:
    """A client that has connected, and has not had its `ready` yet."""
    client = SocketClient()
    await client.connect(url, {"token": person.token, "since": since or {}})
    try:
        yield client
    finally:
        await client.client.shutdown()


# --- MongoDB ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["cut", "held"])
async def test_without_mongodb_only_files_and_search_are_unavailable(scene: Scene, kind: str) -> None:
    group, file, unattached = scene.group_id, scene.file_id, await store(scene.alice, scene.group_id)
    async with (
        http_client(scene.server.url, scene.alice) as http,
        connected(scene.server.url, scene.alice) as socket,
    ):
        form = {"data": {"groupId": group}, "files": {"file": ("b.txt", b"hello")}}
        attempts = {
            "search": requesting(http, "GET", "/api/search?q=before"),
            "best first": requesting(http, "GET", "/api/search?q=before&order=best"),
            "search by a socket": emitting(socket, "search", q="before"),
            "upload": requesting(http, "POST", "/api/upload", **form),
            "list": requesting(http, "GET", f"/api/files?groupId={group}"),
            "download": requesting(http, "GET", f"/api/files/{file}"),
            "metadata": requesting(http, "GET", f"/api/files/metadata/{file}"),
            "message": emitting(socket, "message", groupId=group, content="see", attachments=[unattached.id]),
        }
        disturb(scene.lines["MONGODB_URI"], kind)
        assert set((await _codes(attempts)).values()) == {"unavailable"}
        assert await emitting(socket, "message", groupId=group, content="without a file")() == OK
        scene.lines["MONGODB_URI"].restore()
        await _recover(attempts)


# --- Redis -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["cut", "held"])
async def test_without_redis_messages_are_delivered_from_the_log(scene: Scene, kind: str) -> None:
    async with AsyncExitStack() as stack:
        alice = await stack.enter_async_context(connected(scene.server.url, scene.alice))
        near = await stack.enter_async_context(connected(scene.server.url, scene.bob))
        far = await stack.enter_async_context(connected(scene.other.url, scene.bob))
        disturb(scene.lines["REDIS_URL"], kind)
        await _delivers(scene, alice, [near, far])
        await _delivers(scene, far, [alice, near])
        newcomer = await stack.enter_async_context(connected(scene.server.url, scene.bob))
        await _delivers(scene, far, [alice, near, newcomer])
        scene.lines["REDIS_URL"].restore()
        # Typing is sent over Redis alone: once it arrives, the processes are connected again.
        for sender, receiver, user in ((alice, far, scene.alice), (far, alice, scene.bob)):
            async with asyncio.timeout(TIMEOUT):
                while not any(typing["userId"] == user.id for typing in receiver.all("thread_typing_update")):
                    assert await emitting(sender, "thread_typing", groupId=scene.group_id, typing=True)() == OK
                    await asyncio.sleep(0.1)
        for client_ in (alice, near, far):
            seqs = [data["seq"] for data in client_.all("message")]
            assert seqs == sorted(set(seqs))


async def _delivers(scene: Scene, sender: SocketClient, receivers: list[SocketClient]) -> None:
    content = f"without redis {uuid4().hex}"
    start = time.monotonic()
    sent = await sender.send("message", {"groupId": scene.group_id, "content": content})
    assert sent["ok"]
    assert time.monotonic() - start < RESPONSE_TIMEOUT / 4
    for receiver in receivers:
        await receiver.wait_for("message", lambda data: data["content"] == content)
    assert time.monotonic() - start < RESPONSE_TIMEOUT
