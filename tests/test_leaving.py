"""A user who leaves a group, or is removed, gets that change and nothing after it, on whatever process they are."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest

from groups import services as groups

from .cast import Person
from .entry_points import OK, ack_code, http_client
from .serving import Server, serving
from .socket_client import SocketClient, connected
from .times import in_a_day

# Otherwise typing events are limited by suppressing them, and acknowledged all the same.
ALL_TYPING_IS_SENT = {"TYPING_INTERVAL": "0"}


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    async with serving(ALL_TYPING_IS_SENT) as server:
        yield server


def of_group(client: SocketClient, group_id: str) -> list[tuple[str, Any]]:
    """Return the events of a group, without `ready`."""
    return [(e, d) for e, d in client.events if e != "ready" and d.get("groupId") == group_id]


@pytest.fixture(params=["the same process", "another process"])
async def bobs_server(request: pytest.FixtureRequest, server: Server) -> AsyncIterator[Server]:
    if request.param == "the same process":
        yield server
        return
    async with serving(ALL_TYPING_IS_SENT) as another:
        yield another


async def test_a_removed_user_gets_the_removal_last_and_may_be_added_again(
    server: Server, bobs_server: Server, alice: Person, bob: Person, group_id: str
) -> None:
    marker = await groups.create_direct(actor=alice.actor, user_id=bob.id)
    async with AsyncExitStack() as stack:
        by_http = await stack.enter_async_context(http_client(server.url, alice))
        at_bobs = await stack.enter_async_context(http_client(bobs_server.url, bob))
        his = await stack.enter_async_context(connected(bobs_server.url, bob))
        hers = await stack.enter_async_context(connected(bobs_server.url, alice))
        await _send(by_http, group_id, "before")
        await his.wait_for("message", lambda data: data["content"] == "before")
        # His process has cached his membership now, and must not rely on that.
        attempts = await _do_everything(his, group_id)

        assert (await by_http.delete(f"/api/groups/{group_id}/members/{quote(bob.id)}")).status_code == 204
        assert (await at_bobs.get("/api/messages", params={"groupId": group_id})).status_code == 404
        for event, data in attempts:
            assert ack_code(await his.send(event, data)) == "not_found", event
        after = await _send(by_http, group_id, "after")
        # Alice is connected to the same process: what she has received, bob would have received too.
        await hers.wait_for("message", lambda data: data["content"] == "after")
        await _flush(his, marker.id)
        last, leave_data = of_group(his, group_id)[-1]
        assert last == "member_update"
        assert leave_data["members"] == [{"userId": bob.id, "name": bob.actor.name, "role": None}]
        assert after not in [data["id"] for data in his.all("message")]

        added = await by_http.post(f"/api/groups/{group_id}/members", json={"userIds": [bob.id]})
        assert added.json() == {"added": {bob.id: "member"}}
        update = await his.wait_for("group_update", lambda data: data["groupId"] == group_id)
        assert update["group"]["id"] == group_id
        again = await _send(by_http, group_id, "again")
        await his.wait_for("message", lambda data: data["id"] == again)
        assert ack_code(await his.send("message", {"groupId": group_id, "content": "here"})) == "ok"


async def test_a_user_who_leaves_gets_the_removal_last(
    server: Server, alice: Person, bob: Person, group_id: str
) -> None:
    marker = await groups.create_direct(actor=alice.actor, user_id=bob.id)
    async with (
        http_client(server.url, bob) as by_http,
        connected(server.url, bob) as his,
        connected(server.url, alice) as hers,
    ):
        assert (await by_http.post(f"/api/groups/{group_id}/leave")).status_code == 204
        await hers.send("message", {"groupId": group_id, "content": "he is gone"})
        await _flush(his, marker.id)
        assert [event for event, _ in of_group(his, group_id)] == ["member_update"]
        update = await hers.wait_for("member_update")
        assert update["members"] == [{"userId": bob.id, "name": bob.actor.name, "role": None}]


async def _do_everything(his: SocketClient, group_id: str) -> list[tuple[str, dict[str, Any]]]:
    """Send every event that a member may, and return them to be tried again, those first that would store nothing."""
    sent = {"groupId": group_id, "content": "mine", "clientId": uuid4().hex}
    message_id = (await his.send("message", sent))["message"]["id"]
    attempts: list[tuple[str, dict[str, Any]]] = [
        ("message", sent),
        ("edit_message", {"messageId": message_id, "content": "mine"}),
        ("reaction", {"messageId": message_id, "emoji": "👍", "action": "remove"}),
        ("reaction", {"messageId": message_id, "emoji": "👍", "action": "add"}),
        ("edit_message", {"messageId": message_id, "content": "still mine"}),
        ("message", {"groupId": group_id, "content": "and this"}),
        ("pin", {"messageId": message_id, "action": "add"}),
        ("save_message", {"messageId": message_id, "action": "add"}),
        ("draft", {"groupId": group_id, "content": "more"}),
        ("schedule_message", {"groupId": group_id, "content": "later", "at": in_a_day()}),
        ("remind", {"messageId": message_id, "when": "1_hour"}),
        ("quote", {"messageId": message_id}),
        ("forward_message", {"messageId": message_id, "groupId": group_id}),
        ("thread_sync", {"groupId": group_id}),
        ("thread_sync", {"groupId": group_id, "around": message_id}),
        ("thread_read", {"groupId": group_id, "seq": 1}),
        ("mark_unread", {"messageId": message_id}),
        ("thread_typing", {"groupId": group_id, "typing": True}),
        ("thread_typing", {"groupId": group_id, "typing": False}),
        ("delete_message", {"messageId": message_id}),
    ]
    for event, data in attempts[:-1]:
        assert ack_code(await his.send(event, data)) == OK
    return attempts


async def _send(client: httpx.AsyncClient, group_id: str, content: str) -> str:
    sent = await client.post("/api/messages", json={"groupId": group_id, "content": content})
    message_id: str = sent.json()["message"]["id"]
    return message_id


async def _flush(client: SocketClient, group_id: str) -> None:
    """Return once this client has received all that was queued for it: the acknowledgement is queued after it."""
    await client.send("thread_sync", {"groupId": group_id})
