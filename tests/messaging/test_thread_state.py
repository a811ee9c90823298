"""`thread_state`: the answer to a `thread_sync` without acknowledgement, and each later state of an open thread."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from groups import services as groups
from groups.read_marks import read_marks
from messaging import open_threads, services
from tests.cast import Person, person
from tests.serving import Server, serving
from tests.socket_client import SocketClient, connected

Data = dict[str, Any]


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    async with serving({}) as server:
        yield server


@pytest.fixture
async def thread(alice: Person, group_id: str) -> str:
    """The message of alice that opens a thread in the group of alice and bob."""
    sent = await services.send_message(actor=alice.actor, group_id=group_id, content="shall we?")
    message_id: str = sent["message"]["id"]
    # Otherwise the mark of alice moves at some time in the next second, when the server's followers write it.
    await read_marks().write_all()
    return message_id


async def opened(client: SocketClient, group_id: str, parent_id: str) -> Data:
    state: Data = await client.send("thread_sync", {"groupId": group_id, "parentId": parent_id})
    assert state["ok"]
    return state


def has(**fields: Any) -> Callable[[Data], bool]:
    return lambda data: {name: data.get(name) for name in fields} == fields


async def test_it_answers_what_asked_for_no_acknowledgement(
    server: Server, alice: Person, group_id: str, thread: str
) -> None:
    async with connected(server.url, alice) as client:
        for query in ({"groupId": group_id}, {"groupId": group_id, "parentId": thread}):
            acknowledged = await client.send("thread_sync", query)
            await client.client.emit("thread_sync", query)
            state = await client.wait_for("thread_state", has(**{**query, "head": acknowledged["head"]}))
            assert {"ok": True, **state} == acknowledged


async def test_it_is_sent_whenever_the_thread_changes(
    server: Server, alice: Person, bob: Person, group_id: str, thread: str
) -> None:
    async with connected(server.url, alice) as one, connected(server.url, bob) as other:
        await opened(other, group_id, thread)
        reply = (await one.send("message", {"groupId": group_id, "content": "aye", "parentId": thread}))["message"]
        state = await other.wait_for("thread_state", lambda data: data["root"].get("replyCount") == 1)
        assert [message["id"] for message in state["messages"]] == [reply["id"]]
        assert (state["parentId"], state["unread"], state["read"]) == (thread, 1, 0)
        await other.send("thread_read", {"groupId": group_id, "parentId": thread, "seq": reply["seq"]})
        await other.wait_for("thread_state", has(read=reply["seq"], unread=0))
        await one.send("edit_message", {"messageId": reply["id"], "content": "no"})
        await other.wait_for("thread_state", lambda data: data["messages"][0]["content"] == "no")
        await one.send("reaction", {"messageId": reply["id"], "emoji": "👍", "action": "add"})
        await other.wait_for("thread_state", lambda data: "reactions" in data["messages"][0])
        await one.send("reaction", {"messageId": thread, "emoji": "👍", "action": "add"})
        await other.wait_for("thread_state", lambda data: "reactions" in data["root"])
        await one.send("delete_message", {"messageId": reply["id"]})
        await other.wait_for("thread_state", lambda data: data["messages"][0].get("deleted", False))
        # Alice has not asked for it.
        assert one.all("thread_state") == []


async def test_whoever_is_removed_gets_no_more(server: Server, alice: Person, bob: Person, charlie: Person) -> None:
    group = await groups.create_group(actor=alice.actor, name="Quay", member_ids=[bob.id, charlie.id])
    root = (await services.send_message(actor=alice.actor, group_id=group.id, content="root"))["message"]["id"]
    async with (
        connected(server.url, alice) as one,
        connected(server.url, bob) as other,
        connected(server.url, charlie) as third,
    ):
        for client in (other, third):
            await opened(client, group.id, root)
        await groups.remove_member(actor=alice.actor, group_id=group.id, user_id=bob.id)
        await other.wait_for("member_update")
        await one.send("message", {"groupId": group.id, "content": "among us", "parentId": root})
        await third.wait_for("thread_state", lambda data: data["unread"] == 1)
        assert other.all("thread_state") == []


async def test_a_connection_has_its_last_threads_open(server: Server) -> None:
    alice = await person("Alice")
    group = await groups.create_group(actor=alice.actor, name="Quay")
    roots = [
        (await services.send_message(actor=alice.actor, group_id=group.id, content=f"{n}"))["message"]["id"]
        for n in range(open_threads.MAX_OPEN + 1)
    ]
    async with connected(server.url, alice) as client:
        for root in roots:
            await opened(client, group.id, root)
        for root in (roots[0], roots[-1]):
            await client.send("message", {"groupId": group.id, "content": "aye", "parentId": root})
        await client.wait_for("thread_state", has(parentId=roots[-1]))
        assert {state["parentId"] for state in client.all("thread_state")} == {roots[-1]}
