"""At either endpoint, a server sends every message of the document, and none that is not in it."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from chatproject.consumers import ClientConsumer
from files.services import store_file
from groups import services as groups
from tests.cast import Person, person
from tests.entry_points import http_client
from tests.serving import Server, serving
from tests.times import in_a_day
from users.services import sign_in_locally

from .listeners import JsonListener, Listener, SocketIOListener, connected
from .validator import DocumentValidator

ENDPOINTS: list[type[Listener]] = [SocketIOListener, JsonListener]
AHEAD = 10**6


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving({"PRESENCE_INTERVAL": "0.1"}) as server:
        yield server


@pytest.mark.parametrize("endpoint", ENDPOINTS, ids=lambda endpoint: endpoint.channel)
async def test_a_server_sends_exactly_the_messages_of_the_document(
    validator: DocumentValidator, endpoint: type[Listener], alice: Person, bob: Person, group_id: str
) -> None:
    async with serving({"PRESENCE_INTERVAL": "0.1"}) as server:
        recorded = await refused_handshake(endpoint, server)
        async with (
            connected(endpoint, server.url, token=alice.token) as one,
            connected(endpoint, server.url, token=bob.token) as other,
        ):
            await change_messages(one, other, group_id, await attached(alice, group_id))
            await change_groups(one, other, group_id, alice, bob, url=server.url)
            await send_invalid_events(one, alice)
            if isinstance(one, JsonListener):
                await one.ping()
                await one.wait_for("server.pong")
            recorded += one.recorded + other.recorded
        since = {group_id: 1, (await second_group(alice)): AHEAD}
        async with connected(endpoint, server.url, token=alice.token, since=since) as returned:
            assert set((await returned.wait_for("server.ready"))["resumed"].values()) == {"changes", "reset"}
            await returned.wait_for("server.message")
            server.process.terminate()
            await returned.wait_for("server.drain")
            if isinstance(returned, JsonListener):
                assert await returned.close_code() in close_codes(validator)
            recorded += returned.recorded
    errors = [error for key, payload in recorded for error in validator.message_errors(endpoint.channel, key, payload)]
    for event, data in sync_changes(endpoint, recorded):
        errors += validator.message_errors("socketio", f"server.{event}", data)
    assert errors == []
    assert {key for key, _ in recorded} == validator.messages(endpoint.channel).keys()


def sync_changes(endpoint: type[Listener], recorded: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Return (event, data) of the changes in replies to `thread_sync`: they have the form of live events."""
    replies = [endpoint.data(payload) for key, payload in recorded if key == "reply.thread_sync"]
    changes = [change for reply in replies for change in reply.get("changes", ())]
    assert changes
    return [(change["event"], change["data"]) for change in changes]


async def refused_handshake(endpoint: type[Listener], server: Server) -> list[tuple[str, Any]]:
    async with connected(endpoint, server.url, token="nonsense") as client:
        key = "server.connect_error" if isinstance(client, SocketIOListener) else "server.error"
        await client.wait_for(key)
        return client.recorded


async def attached(alice: Person, group_id: str) -> str:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"hello"

    stored = await store_file(
        actor=alice.actor, group_id=group_id, name="a.txt", content_type="text/plain", chunks=chunks()
    )
    return stored.id


async def change_messages(one: Listener, other: Listener, group_id: str, file_id: str) -> None:
    """Send every event about messages."""
    here = {"groupId": group_id}
    await other.wait_for("server.ready")
    ahoy = {**here, "content": "ahoy", "clientId": "1", "after": 1, "attachments": [file_id]}
    message = (await one.call("message", ahoy))["message"]
    assert (await one.call("message", ahoy))["duplicate"]
    thread = {**here, "parentId": message["id"]}
    await one.call("message", {**thread, "content": "aye"})
    assert (await other.wait_for("server.message", lambda data: "parent" in data))["parent"]["replyCount"] == 1
    await one.call("edit_message", {"messageId": message["id"], "content": "ahoy!", "ifVersion": 1})
    await other.wait_for("server.message_update")
    await one.call("message_history", {"messageId": message["id"]})
    for action in ("add", "remove"):
        await other.call("reaction", {"messageId": message["id"], "emoji": "👍", "action": action})
    await one.wait_for("server.reaction_update", lambda data: data["action"] == "remove")
    await change_what_is_kept(one, other, group_id, message["id"])
    assert (await one.call("thread_sync", {**here, "since": 1}))["changes"]
    assert (await other.call("thread_sync", {**here, "around": "unread", "limit": 1}))["unreadFrom"]
    assert "around" not in await other.call("thread_sync", {**here, "after": 1})
    assert (await one.call("thread_sync", {**thread, "since": AHEAD}))["reset"]
    await one.emit("thread_sync", thread)
    await one.wait_for("server.thread_state")
    await one.call("thread_typing", {**thread, "typing": True})
    await one.call("thread_typing", {**thread, "typing": False})
    await other.wait_for("server.thread_typing_update", lambda data: not data["typing"])
    assert (await one.call("thread_read", {**here, "seq": message["seq"]}))["read"] == message["seq"]
    await other.call("thread_read", {**here, "seq": message["seq"]})
    assert (await other.call("thread_follow", {"messageId": message["id"], "following": True}))["following"]
    assert (await other.call("inbox_read", {"itemIds": None}))["unread"] == 0
    await other.wait_for("server.user_update")
    assert (await other.call("mark_unread", {"messageId": message["id"]}))["unread"] == 1
    await other.wait_for("server.user_update", lambda data: data.get("unread") == 1)
    forwarded = {"messageId": message["id"], "groupId": group_id, "content": "look", "clientId": "forwarded"}
    assert (await one.call("forward_message", forwarded))["message"]["content"].endswith("\n\nlook")
    assert (await one.call("forward_message", forwarded))["duplicate"]
    await one.call("delete_message", {"messageId": message["id"]})
    await other.wait_for("server.message_delete")


async def change_what_is_kept(one: Listener, other: Listener, group_id: str, message_id: str) -> None:
    """Send every event about drafts, pins, saved messages and quotes."""
    for action in ("add", "remove"):
        await one.call("pin", {"messageId": message_id, "action": action})
        await other.wait_for("server.pin_update", lambda data, action=action: data["action"] == action)  # type: ignore[misc] # a default
        assert (await one.call("save_message", {"messageId": message_id, "action": action}))["version"]
    draft = (await one.call("draft", {"groupId": group_id, "content": "ah", "ifVersion": 0}))["draft"]
    await one.call("draft", {"groupId": group_id, "parentId": message_id, "content": ""})
    await one.wait_for("server.user_update", lambda data: data.get("version") == draft["version"])
    await change_what_is_set(one, group_id)
    await plan(one, group_id, message_id)
    assert "items" in await one.call("search", {"q": "ah -oy"})
    assert (await one.call("quote", {"messageId": message_id}))["content"].endswith("\n\n")


async def plan(one: Listener, group_id: str, message_id: str) -> None:
    """Send every event about what is planned."""
    message = {"groupId": group_id, "parentId": message_id, "content": "later", "at": in_a_day()}
    planned = (await one.call("schedule_message", message))["scheduled"]
    change = {"scheduledId": planned["id"], "content": "better", "ifVersion": planned["version"]}
    assert (await one.call("change_scheduled", change))["scheduled"]["content"] == "better"
    await one.call("cancel_scheduled", {"scheduledId": planned["id"]})
    reminder = (await one.call("remind", {"messageId": message_id, "when": "tomorrow", "timeZone": "UTC"}))["reminder"]
    await one.call("cancel_reminder", {"reminderId": reminder["id"]})
    await one.wait_for("server.user_update", lambda data: data["kind"] == "reminder" and data["change"] == "cancelled")


async def change_what_is_set(one: Listener, group_id: str) -> None:
    """Send every event about what somebody sets of groups for themselves."""
    (section,) = (await one.call("sections", {"sections": [{"name": "Projects"}], "ifVersion": 0}))["sections"]
    await one.wait_for("server.user_update", lambda data: data["kind"] == "sections")
    until = "2999-01-01T00:00:00Z"
    settings = {"groupId": group_id, "level": "all", "favourite": True, "mutedUntil": until, "sectionId": section["id"]}
    assert (await one.call("group_settings", settings))["muted"]
    await one.wait_for("server.user_update", lambda data: data["kind"] == "group_settings")


async def change_groups(one: Listener, other: Listener, group_id: str, alice: Person, bob: Person, *, url: str) -> None:
    await groups.rename_group(actor=alice.actor, group_id=group_id, name="Port")
    await other.wait_for("server.group_update", lambda data: "userId" in data)
    await groups.create_group(actor=alice.actor, name="Quay", member_ids=[bob.id])
    await other.wait_for("server.group_update", lambda data: "userId" not in data)
    await groups.change_role(actor=alice.actor, group_id=group_id, user_id=bob.id, role="admin")
    await one.wait_for("server.member_update")
    await one.call("presence", {"status": "away"})
    await other.wait_for("server.presence_update", lambda data: {"userId": alice.id, "status": "away"} in data["users"])
    # By the server, which knows where alice is.
    async with http_client(url, alice) as http:
        (await http.put("/api/users/me/status", json={"text": "Busy"})).raise_for_status()
    await other.wait_for("server.profile_update")
    await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
    await other.wait_for("server.member_update", lambda data: data["members"][0]["role"] is None)


async def send_invalid_events(one: Listener, alice: Person) -> None:
    token = await sign_in_locally(name=alice.actor.name)
    assert (await one.call("authenticate", {"token": token}))["expiresAt"]
    for event in ClientConsumer.events:
        failure = await one.call(event, {})
        assert (failure["ok"], failure["error"]["code"]) == (False, "invalid")
    await one.emit("message", {})
    await one.wait_for("server.error", lambda data: data["event"] == "message")


async def second_group(alice: Person) -> str:
    return (await groups.create_group(actor=alice.actor, name="Elsewhere")).id


def close_codes(validator: DocumentValidator) -> dict[str, str]:
    codes: dict[str, str] = validator.document["channels"]["json"]["x-close-codes"]
    return codes


async def test_a_close_code_of_the_json_endpoint_is_in_the_document(
    server: Server, validator: DocumentValidator, alice: Person
) -> None:
    brief = await person("Brief", lifetime=-4)  # the leeway is five seconds
    for token, sent in (("nonsense", ""), (brief.token, ""), (alice.token, "x" * 1_000_001)):
        async with connected(JsonListener, server.url, token=token) as listener:
            assert isinstance(listener, JsonListener)
            if sent:
                await listener.emit("message", {"content": sent})
            assert await listener.close_code() in close_codes(validator)
