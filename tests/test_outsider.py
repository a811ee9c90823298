"""Charlie, an outsider, gets nothing of a group at any entry point, and cannot even tell that it exists."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from files.resumable import begin_upload
from files.services import store_file
from groups import selectors as group_selectors
from groups import services as groups
from messaging import services as messages

from .cast import Person, person
from .entry_points import ack_code, http_client, page_entry_point
from .outsider_attempts import FORMS, KEPT_EVENTS, KEPT_REQUESTS, PLACE_REQUESTS, Request, Target, json_body
from .outsider_conversations import CONVERSATION_FORMS, CONVERSATION_PAGES, CONVERSATION_REQUESTS
from .outsider_files import FILE_REQUESTS
from .outsider_moderation import MODERATION_REQUESTS
from .outsider_notifications import NOTIFICATION_PAGES, NOTIFICATION_REQUESTS
from .outsider_own import OWN_EVENTS, OWN_FORMS, OWN_PAGES, OWN_REQUESTS
from .outsider_planned import PLANNED_EVENTS, PLANNED_FORMS, PLANNED_REQUESTS
from .serving import Server, serving
from .socket_client import connected

ABSENT = "group_0000000000000000"


@dataclass(frozen=True)
class Scene:
    alice: Person
    bob: Person
    charlie: Person
    real: Target
    absent: Target


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    async with serving({}) as server:
        yield server


async def _bytes(content: bytes) -> AsyncIterator[bytes]:
    yield content


@pytest.fixture(scope="module")
async def scene() -> Scene:
    alice, bob, charlie = [await person(name) for name in ("Alice", "Bob", "Charlie")]
    group = await groups.create_group(actor=alice.actor, name="Harbour", member_ids=[bob.id])
    sent = await messages.send_message(actor=bob.actor, group_id=group.id, content="between us")
    file = await store_file(
        actor=bob.actor, group_id=group.id, name="a.txt", content_type="text/plain", chunks=_bytes(b"secret")
    )
    begun = await begin_upload(actor=bob.actor, group_id=group.id, length=5, name="b.txt")
    real = Target(group.id, sent["message"]["id"], file.id, bob.id, begun.id)
    absent = Target(ABSENT, f"{ABSENT}.2", "file_00000000000000000000", bob.id, "file_00000000000000000000")
    return Scene(alice, bob, charlie, real, absent)


# --- requests --------------------------------------------------------------------------------------------------------
REQUESTS: dict[str, Request] = {
    **KEPT_REQUESTS,
    **CONVERSATION_REQUESTS,
    **FILE_REQUESTS,
    **OWN_REQUESTS,
    **PLANNED_REQUESTS,
    **PLACE_REQUESTS,
    **MODERATION_REQUESTS,
    **NOTIFICATION_REQUESTS,
    "list messages": lambda t: ("GET", f"/api/messages?groupId={t.group}", {}),
    "list older messages": lambda t: ("GET", f"/api/messages?groupId={t.group}&before=2", {}),
    "read a message": lambda t: ("GET", f"/api/messages/{t.message}", {}),
    "read a thread": lambda t: ("GET", f"/api/messages/{t.message}/thread", {}),
    "read a message as HTML": lambda t: ("GET", f"/api/messages/{t.message}?render=html", {}),
    "list messages as HTML": lambda t: ("GET", f"/api/messages?groupId={t.group}&render=html", {}),
    "read what a message said": lambda t: ("GET", f"/api/messages/{t.message}/history", {}),
    "complete a name": lambda t: ("GET", f"/api/groups/{t.group}/mentionable?search=b", {}),
    "name somebody": lambda t: ("POST", "/api/messages", json_body(groupId=t.group, content=f"<@{t.user}> <!all>")),
    "read the changes": lambda t: ("GET", f"/api/messages/changes?groupId={t.group}&since=0", {}),
    "read changes to come": lambda t: ("GET", f"/api/messages/changes?groupId={t.group}&since=99999", {}),
    "send": lambda t: ("POST", "/api/messages", json_body(groupId=t.group, content="let me in")),
    "reply": lambda t: ("POST", "/api/messages", json_body(groupId=t.group, content="so?", parentId=t.message)),
    "edit": lambda t: ("PATCH", f"/api/messages/{t.message}", json_body(content="mine now")),
    "delete": lambda t: ("DELETE", f"/api/messages/{t.message}", {}),
    "react": lambda t: ("POST", f"/api/messages/{t.message}/reactions", json_body(emoji="👍", action="add")),
    "unreact": lambda t: ("POST", f"/api/messages/{t.message}/reactions", json_body(emoji="👍", action="remove")),
    "mark read": lambda t: ("POST", "/api/messages/read", json_body(groupId=t.group, seq=1)),
    "mark a thread read": lambda t: (
        *("POST", "/api/messages/read"),
        json_body(groupId=t.group, seq=1, parentId=t.message),
    ),
    "mark unread": lambda t: ("POST", f"/api/messages/{t.message}/unread", {}),
    "follow a thread": lambda t: ("PUT", f"/api/messages/{t.message}/follow", {}),
    "stop to follow a thread": lambda t: ("DELETE", f"/api/messages/{t.message}/follow", {}),
    "see the group": lambda t: ("GET", f"/api/groups/{t.group}", {}),
    "rename": lambda t: ("PATCH", f"/api/groups/{t.group}", json_body(name="Mine")),
    "delete the group": lambda t: ("DELETE", f"/api/groups/{t.group}", {}),
    "see more members": lambda t: ("GET", f"/api/groups/{t.group}/members?cursor={t.user}", {}),
    "see the members": lambda t: ("GET", f"/api/groups/{t.group}/members", {}),
    "add a team": lambda t: ("POST", f"/api/groups/{t.group}/members", json_body(teamIds=["team:x"])),
    "add someone": lambda t: ("POST", f"/api/groups/{t.group}/members", json_body(userIds=[t.user])),
    "remove someone": lambda t: ("DELETE", f"/api/groups/{t.group}/members/{t.user}", {}),
    "change a role": lambda t: ("PATCH", f"/api/groups/{t.group}/members/{t.user}", json_body(role="owner")),
    "leave": lambda t: ("POST", f"/api/groups/{t.group}/leave", {}),
    "come back": lambda t: ("POST", f"/api/groups/{t.group}/rejoin", {}),
}


@pytest.mark.parametrize("name", REQUESTS)
async def test_every_request_gets_404(server: Server, scene: Scene, name: str) -> None:
    head = await _head(scene)
    async with http_client(server.url, scene.charlie) as charlie:
        real, absent = [await _send(charlie, REQUESTS[name](target)) for target in (scene.real, scene.absent)]
    assert real.status_code == absent.status_code == 404
    # The responses are equal but for headers that always differ.
    assert real.content == absent.content
    assert _comparable_headers(real) == _comparable_headers(absent)
    if real.request.method != "HEAD":
        assert real.json()["error"]["code"] == "not_found"
    assert await _head(scene) == head


async def _send(client: httpx.AsyncClient, request: tuple[str, str, dict[str, Any]]) -> httpx.Response:
    method, path, more = request
    return await client.request(method, path, **more)


def _comparable_headers(response: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name not in ("date", "set-cookie")}


async def _head(scene: Scene) -> int:
    return (await group_selectors.get_head_position(group_id=scene.real.group)).seq


async def test_the_list_of_groups_does_not_name_the_group(server: Server, scene: Scene) -> None:
    async with http_client(server.url, scene.charlie) as charlie:
        groups_of_charlie = (await charlie.get("/api/groups")).json()["groups"]
    assert scene.real.group not in [group["id"] for group in groups_of_charlie]


async def test_the_directory_does_not_name_the_group(server: Server, scene: Scene) -> None:
    async with (
        http_client(server.url, scene.charlie) as charlie,
        page_entry_point(server.url, scene.charlie, scene.real.group) as browser,
    ):
        for query in ("", "Harbour", "harb", scene.real.group, "group_"):
            found = await charlie.get("/api/groups/directory", params={"q": query, "limit": 50})
            page = await browser.client.get("/directory", params={"q": query})
            assert (found.status_code, page.status_code) == (200, 200)
            assert scene.real.group not in [group["id"] for group in found.json()["groups"]]
            assert f"/groups/{scene.real.group}" not in page.text


# --- pages -----------------------------------------------------------------------------------------------------------
PAGES: dict[str, Callable[[Target], str]] = {
    **CONVERSATION_PAGES,
    **OWN_PAGES,
    **NOTIFICATION_PAGES,
    "the group": lambda t: f"/groups/{t.group}",
    "its members": lambda t: f"/groups/{t.group}/members",
    "its settings": lambda t: f"/groups/{t.group}/settings",
    "a thread": lambda t: f"/groups/{t.group}/threads/{t.message}",
    "what a message said": lambda t: f"/groups/{t.group}/messages/{t.message}/history",
    "a message": lambda t: f"/groups/{t.group}/messages/{t.message.rpartition('.')[2]}",
    "what lies around a message": lambda t: f"/groups/{t.group}?around={t.message}",
    "the pins": lambda t: f"/groups/{t.group}/pins",
    "a message to quote": lambda t: f"/groups/{t.group}/messages/{t.message}/quote",
    "a message to forward": lambda t: f"/groups/{t.group}/messages/{t.message}/forward",
    "a message to report": lambda t: f"/groups/{t.group}/messages/{t.message}/report",
    "a message to edit": lambda t: f"/groups/{t.group}/messages/{t.message}/edit",
    "a message to react to": lambda t: f"/groups/{t.group}/messages/{t.message}/reaction",
}


async def test_every_page_gets_404(server: Server, scene: Scene) -> None:
    async with page_entry_point(server.url, scene.charlie, scene.real.group) as entry_point:
        for name, path in PAGES.items():
            real, absent = [await entry_point.client.get(path(target)) for target in (scene.real, scene.absent)]
            assert (real.status_code, absent.status_code) == (404, 404), name
            assert "between us" not in real.text
            assert "Harbour" not in real.text


async def test_every_form_gets_404_and_stores_nothing(server: Server, scene: Scene) -> None:
    head = await _head(scene)
    async with page_entry_point(server.url, scene.charlie, scene.real.group) as entry_point:
        token = {"csrfmiddlewaretoken": entry_point.client.cookies["csrftoken"]}
        for name, form in {**FORMS, **CONVERSATION_FORMS, **OWN_FORMS, **PLANNED_FORMS}.items():
            for target in (scene.real, scene.absent):
                path, data = form(target)
                response = await entry_point.client.post(path, data={**data, **token})
                assert response.status_code == 404, name
    assert await _head(scene) == head


async def test_health_names_no_group(server: Server, scene: Scene) -> None:
    async with (
        connected(server.url, scene.bob),
        http_client(server.url, scene.charlie) as charlie,
        page_entry_point(server.url, scene.charlie, scene.real.group) as browser,
    ):
        answers = [await charlie.get("/api/health"), await charlie.get("/api/health?scope=process")]
        page = await browser.client.get("/status")
        assert [response.status_code for response in (*answers, page)] == [200, 200, 403]
        for response in (*answers, page):
            assert scene.real.group not in response.text
            assert "connections" not in response.text


# --- sockets ---------------------------------------------------------------------------------------------------------
EVENTS: list[tuple[str, Callable[[Target], dict[str, Any]]]] = [
    *KEPT_EVENTS,
    *OWN_EVENTS,
    *PLANNED_EVENTS,
    ("message", lambda t: {"groupId": t.group, "content": "let me in", "clientId": "c"}),
    ("message", lambda t: {"groupId": t.group, "content": "so?", "parentId": t.message}),
    ("message", lambda t: {"groupId": t.group, "content": f"<@{t.user}> <!all>"}),
    ("edit_message", lambda t: {"messageId": t.message, "content": "mine now"}),
    ("delete_message", lambda t: {"messageId": t.message}),
    ("reaction", lambda t: {"messageId": t.message, "emoji": "👍", "action": "add"}),
]


async def test_every_event_gets_not_found_and_stores_nothing(server: Server, scene: Scene) -> None:
    head = await _head(scene)
    async with connected(server.url, scene.charlie) as charlie:
        for event, data in EVENTS:
            real, absent = [await charlie.send(event, data(target)) for target in (scene.real, scene.absent)]
            assert ack_code(real) == "not_found", event
            assert real == absent, event
    assert await _head(scene) == head


async def test_no_event_of_the_group_is_delivered(server: Server, scene: Scene) -> None:
    group = scene.real.group
    async with (
        connected(server.url, scene.charlie, since={group: 0, ABSENT: 0}) as charlie,
        connected(server.url, scene.bob) as bob,
        connected(server.url, scene.alice) as alice,
    ):
        sent = await bob.send("message", {"groupId": group, "content": "still between us"})
        await bob.send("reaction", {"messageId": sent["message"]["id"], "emoji": "👍", "action": "add"})
        await bob.send("delete_message", {"messageId": sent["message"]["id"]})
        await bob.send("thread_typing", {"groupId": group, "typing": True})
        await alice.wait_for("thread_typing_update")
        # Events arrive in order: once charlie has this message, earlier ones would have arrived.
        direct = await groups.create_direct(actor=scene.alice.actor, user_id=scene.charlie.id)
        await charlie.wait_for("group_update", lambda data: data["groupId"] == direct.id)
        marker = await alice.send("message", {"groupId": direct.id, "content": "a marker"})
        await charlie.wait_for("message", lambda data: data["id"] == marker["message"]["id"])
        (ready,) = charlie.all("ready")
        assert "resumed" not in ready
        assert group not in repr(charlie.events)
