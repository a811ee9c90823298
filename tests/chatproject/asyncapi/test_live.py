"""A running server says nothing that the document does not say, and all that it says, through either door."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from files.services import store_file
from groups import services as groups
from messaging.consumers import CLIENT_EVENTS
from tests.cast import Person, person
from tests.serving import Server, serving
from users.services import sign_in_locally

from .listeners import JsonListener, Listener, SocketIOListener, listening
from .reading import Reading

DOORS: list[type[Listener]] = [SocketIOListener, JsonListener]
TOO_FAR = 10**6


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with serving({"PRESENCE_INTERVAL": "0.1"}) as server:
        yield server


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.channel)
async def test_all_that_is_said_is_in_the_document_and_the_other_way_round(
    reading: Reading, door: type[Listener], alice: Person, bob: Person, group_id: str
) -> None:
    async with serving({"PRESENCE_INTERVAL": "0.1"}) as server:
        said = await refused_at_the_door(door, server)
        async with (
            listening(door, server.url, token=alice.token) as one,
            listening(door, server.url, token=bob.token) as other,
        ):
            await talk(one, other, group_id, await attached(alice, group_id))
            await tell_of_groups(one, other, group_id, alice, bob)
            await be_refused(one, alice)
            if isinstance(one, JsonListener):
                await one.ping()
                await one.until("server.pong")
            said += one.heard + other.heard
        since = {group_id: 1, (await second_group(alice)): TOO_FAR}
        async with listening(door, server.url, token=alice.token, since=since) as back:
            assert set((await back.until("server.ready"))["resumed"].values()) == {"changes", "reset"}
            await back.until("server.message")
            server.process.terminate()
            await back.until("server.drain")
            if isinstance(back, JsonListener):
                assert await back.closed_with() in close_codes(reading)
            said += back.heard
    faults = [fault for key, payload in said for fault in reading.faults_of_message(door.channel, key, payload)]
    for event, data in caught_up(door, said):
        faults += reading.faults_of_message("socketio", f"server.{event}", data)
    assert faults == []
    assert {key for key, _ in said} == reading.messages(door.channel).keys()


def caught_up(door: type[Listener], said: list[tuple[str, Any]]) -> list[tuple[str, Any]]:
    """Return (event, data) of the changes that answers carry: they are as they would have been told."""
    answers = [door.data(payload) for key, payload in said if key == "answer.thread_sync"]
    changes = [change for answer in answers for change in answer.get("changes", ())]
    assert changes
    return [(change["event"], change["data"]) for change in changes]


async def refused_at_the_door(door: type[Listener], server: Server) -> list[tuple[str, Any]]:
    async with listening(door, server.url, token="nonsense") as stranger:
        key = "server.connect_error" if isinstance(stranger, SocketIOListener) else "server.error"
        await stranger.until(key)
        return stranger.heard


async def attached(alice: Person, group_id: str) -> str:
    async def chunks() -> AsyncIterator[bytes]:
        yield b"hello"

    stored = await store_file(
        actor=alice.actor, group_id=group_id, name="a.txt", content_type="text/plain", chunks=chunks()
    )
    return stored.id


async def talk(one: Listener, other: Listener, group_id: str, file_id: str) -> None:
    """Say all that can be said about messages, and look at it from either side."""
    here = {"groupId": group_id}
    await other.until("server.ready")
    ahoy = {**here, "content": "ahoy", "clientId": "1", "after": 1, "attachments": [file_id]}
    message = (await one.ask("message", ahoy))["message"]
    assert (await one.ask("message", ahoy))["duplicate"]
    thread = {**here, "parentId": message["id"]}
    await one.ask("message", {**thread, "content": "aye"})
    assert (await other.until("server.message", lambda data: "parent" in data))["parent"]["replyCount"] == 1
    await one.ask("edit_message", {"messageId": message["id"], "content": "ahoy!", "ifVersion": 1})
    await other.until("server.message_update")
    for action in ("add", "remove"):
        await other.ask("reaction", {"messageId": message["id"], "emoji": "👍", "action": action})
    await one.until("server.reaction_update", lambda data: data["action"] == "remove")
    assert (await one.ask("thread_sync", {**here, "since": 1}))["changes"]
    assert (await one.ask("thread_sync", {**thread, "since": TOO_FAR}))["reset"]
    await one.ask("thread_typing", {**thread, "typing": True})
    await one.ask("thread_typing", {**thread, "typing": False})
    await other.until("server.thread_typing_update", lambda data: not data["typing"])
    assert (await one.ask("thread_read", {**here, "seq": message["seq"]}))["read"] == message["seq"]
    await one.ask("delete_message", {"messageId": message["id"]})
    await other.until("server.message_delete")


async def tell_of_groups(one: Listener, other: Listener, group_id: str, alice: Person, bob: Person) -> None:
    await groups.rename_group(actor=alice.actor, group_id=group_id, name="Port")
    await other.until("server.group_update", lambda data: "userId" in data)
    await groups.create_group(actor=alice.actor, name="Quay", member_ids=[bob.id])
    await other.until("server.group_update", lambda data: "userId" not in data)
    await groups.change_role(actor=alice.actor, group_id=group_id, user_id=bob.id, role="admin")
    await one.until("server.member_update")
    await one.ask("presence", {"status": "away"})
    await other.until("server.presence_update", lambda data: {"userId": alice.id, "status": "away"} in data["users"])
    await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
    await other.until("server.member_update", lambda data: data["members"][0]["role"] is None)


async def be_refused(one: Listener, alice: Person) -> None:
    token = await sign_in_locally(name=alice.actor.name)
    assert (await one.ask("authenticate", {"token": token}))["expiresAt"]
    for event in CLIENT_EVENTS:
        refusal = await one.ask(event, {})
        assert (refusal["ok"], refusal["error"]["code"]) == (False, "invalid")
    await one.tell("message", {})
    await one.until("server.error", lambda data: data["event"] == "message")


async def second_group(alice: Person) -> str:
    return (await groups.create_group(actor=alice.actor, name="Elsewhere")).id


def close_codes(reading: Reading) -> dict[str, str]:
    found: dict[str, str] = reading.document["channels"]["json"]["x-close-codes"]
    return found


async def test_a_close_code_of_the_json_door_is_in_the_document(
    server: Server, reading: Reading, alice: Person
) -> None:
    brief = await person("Brief", lifetime=-4)  # the leeway is five seconds
    for token, sent in (("nonsense", ""), (brief.token, ""), (alice.token, "x" * 1_000_001)):
        async with listening(JsonListener, server.url, token=token) as listener:
            assert isinstance(listener, JsonListener)
            if sent:
                await listener.tell("message", {"content": sent})
            assert await listener.closed_with() in close_codes(reading)
