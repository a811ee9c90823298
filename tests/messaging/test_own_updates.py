"""What one device of a user reads is told to the user's others, in every process, and to nobody else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from functools import partial
from typing import Any

import orjson
import pytest

from groups import memberships
from groups import selectors as groups
from groups import services as group_services
from groups.direct import PEERS_SHOWN
from groups.peers import Peer
from groups.read_mark import MarkKey
from groups.read_marks import ReadMarks, read_marks
from groups.selectors import GroupSummary
from messaging import services
from messaging.consumers import ChatConsumer
from messaging.events import ClientReady
from realtime.application import Handshake
from realtime.hub.connection import Connection
from realtime.jsonsocket.connection import ENCODER
from tests.cast import Person
from tests.entry_points import http_client
from tests.recording_channel import RecordingChannel
from tests.serving import Server, serving
from tests.socket_client import SocketClient, connected
from users import models as user_models
from users.actor import Actor
from users.events import UserUpdated
from users.updates import UserUpdates, user_updates


@pytest.fixture(scope="module")
async def servers() -> AsyncIterator[list[Server]]:
    async with AsyncExitStack() as stack:
        yield list(await asyncio.gather(*(stack.enter_async_context(serving({})) for _ in range(2))))


async def send(sender: Person, group_id: str, *contents: str) -> list[int]:
    sent = [await services.send_message(actor=sender.actor, group_id=group_id, content=text) for text in contents]
    return [result["message"]["seq"] for result in sent]


def _is_read(seq: int, update: dict[str, Any]) -> bool:
    return bool(update["read"] >= seq)


def revisions(client: SocketClient) -> list[int]:
    return [update["revision"] for update in client.all("user_update")]


async def test_a_mark_is_told_to_the_users_other_devices_and_to_nobody_else(
    servers: list[Server], alice: Person, bob: Person, group_id: str
) -> None:
    seqs = await send(alice, group_id, "one", "two", "three")
    async with (
        connected(servers[0].url, bob) as here,
        connected(servers[1].url, bob) as there,
        connected(servers[1].url, alice) as other,
    ):
        (ready,) = there.all("ready")
        await here.send("thread_read", {"groupId": group_id, "seq": seqs[0]})
        await here.send("thread_read", {"groupId": group_id, "seq": seqs[1]})
        await there.wait_for("user_update", lambda data: data["read"] == seqs[1])
        told = there.all("user_update")
        assert told[-1] == {
            "revision": told[-1]["revision"],
            "kind": "read_mark",
            "groupId": group_id,
            "read": seqs[1],
            "unread": 1,
            "all": 0,
            "mentions": [],
            "head": seqs[2],
            "version": 2,
        }
        first = ready["revision"] + 1
        assert revisions(there) == list(range(first, first + len(told)))
        await here.wait_until(lambda: revisions(here) == revisions(there))
        # Whatever was told to alice would arrive before what comes after it.
        await other.send("message", {"groupId": group_id, "content": "last"})
        await other.wait_for("message", lambda data: data["content"] == "last")
        assert other.all("user_update") == []
    async with connected(servers[1].url, bob) as returned:
        assert returned.all("ready")[0]["revision"] == told[-1]["revision"]


async def test_a_mark_that_does_not_move_is_not_told(
    servers: list[Server], alice: Person, bob: Person, group_id: str
) -> None:
    seqs = await send(alice, group_id, "one", "two")
    before = await user_models.get_revision(bob.id)
    await services.mark_read(actor=bob.actor, group_id=group_id, seq=seqs[1])
    await services.mark_read(actor=bob.actor, group_id=group_id, seq=seqs[0])
    await user_updates().wait()
    assert await user_models.get_revision(bob.id) == before + 1


async def test_the_list_has_what_its_revision_says(alice: Person, bob: Person, group_id: str) -> None:
    (seq,) = await send(alice, group_id, "one")
    await services.mark_read(actor=bob.actor, group_id=group_id, seq=seq)
    await user_updates().wait()
    page = await groups.list_groups(actor=bob.actor)
    assert (page.revision, page.groups[0].read) == (await user_models.get_revision(bob.id), seq)


async def test_a_mark_that_is_stored_between_two_reads_of_a_list_is_in_it(
    alice: Person, bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rows were read before it was stored, and when they are summed up it waits no longer."""
    await send(alice, group_id, "a question")
    (seq,) = await send(bob, group_id, "an answer")
    find_rows = memberships.list_own_rows

    async def slow(*arguments: Any, **more: Any) -> Any:
        rows = await find_rows(*arguments, **more)
        await read_marks().write_all()
        return rows

    monkeypatch.setattr(memberships, "list_own_rows", slow)
    (found,) = (await groups.list_groups(actor=bob.actor)).groups
    assert (found.read, found.unread) == (seq, 0)


async def test_what_sending_moves_is_told_to_the_authors_other_devices(
    servers: list[Server], alice: Person, bob: Person, group_id: str
) -> None:
    await send(alice, group_id, "a question")
    async with connected(servers[0].url, bob) as here, connected(servers[0].url, bob) as beside:
        sent = [await here.send("message", {"groupId": group_id, "content": f"{number}"}) for number in range(5)]
        last = sent[-1]["message"]["seq"]
        state = await beside.wait_for("user_update", lambda data: data.get("read") == last)
        assert (state["kind"], state["unread"], state["all"], state["mentions"]) == ("read_mark", 0, 0, [])
        assert (state["groupId"], state["head"]) == (group_id, last)
        async with connected(servers[1].url, bob) as there:
            # That bob is there too is known to the other process a moment later.
            while not there.all("user_update"):
                ack = await here.send("message", {"groupId": group_id, "content": "again"})
                await beside.wait_for("user_update", partial(_is_read, ack["message"]["seq"]))
            assert there.all("user_update")[0]["kind"] == "read_mark"


async def test_who_has_one_device_is_told_nothing_of_what_they_send(
    servers: list[Server], alice: Person, group_id: str
) -> None:
    async with connected(servers[0].url, alice) as only:
        (ready,) = only.all("ready")
        ack = await only.send("message", {"groupId": group_id, "content": "alone"})
        async with http_client(servers[1].url, alice) as other:
            # Once it is stored, it would have been told.
            while (await other.get(f"/api/groups/{group_id}")).json()["read"] < ack["message"]["seq"]:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        assert await user_models.get_revision(alice.id) == ready["revision"]


async def test_what_sending_moves_is_told_once_in_an_interval(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("groups.read_marks.has_others", lambda user_id: True)
    told: list[Any] = []
    monkeypatch.setattr(UserUpdates, "tell", lambda _, *arguments: told.append(arguments))
    marks = ReadMarks()
    monkeypatch.setattr("groups.log.appender.read_marks", lambda: marks)
    for _ in range(3):
        (seq,) = await send(alice, group_id, "hm")
        # As an answer does that shows the mark.
        await marks.write([MarkKey(alice.id, group_id)])
    assert told == []
    await marks._write_some()
    state = {"read": seq, "unread": 0, "mentions": [], "all": 0, "version": 3, "head": seq}
    assert told == [(alice.id, UserUpdated.READ_MARK, {"groupId": group_id, **state})]
    await marks.close()


async def test_a_message_moves_its_authors_mark_in_every_process(
    servers: list[Server], alice: Person, bob: Person, group_id: str
) -> None:
    """Another process shows no earlier mark after one has shown it."""
    await send(alice, group_id, "a question")
    async with connected(servers[0].url, bob) as here:
        ack = await here.send("message", {"groupId": group_id, "content": "an answer"})
        async with connected(servers[0].url, bob) as again:
            (group,) = again.all("ready")[0]["groups"]
            assert (group["read"], group["unread"]) == (ack["message"]["seq"], 0)
        async with connected(servers[1].url, bob) as there:
            (group,) = there.all("ready")[0]["groups"]
            assert (group["read"], group["unread"]) == (ack["message"]["seq"], 0)


# --- ready -----------------------------------------------------------------------------------------------------------
async def ready_of(user: Person, since: dict[str, int]) -> tuple[set[str], dict[str, Any]]:
    channel, consumer = RecordingChannel(), ChatConsumer()
    connection = Connection(encoder=ENCODER, channel=channel)
    consumer.open(connection, lambda: None)
    await consumer.connect(Handshake({"token": user.token, "since": since}))
    rooms = set(connection.rooms)
    await consumer.disconnect()
    ready: dict[str, Any] = orjson.loads(channel.packets[0])["data"]
    return rooms, ready


async def test_ready_lists_the_groups_written_to_last_and_those_in_since(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(groups, "MAX_RECENT", 2)
    made = [await group_services.create_group(actor=alice.actor, name=f"G{number}") for number in range(5)]
    ids = [group.id for group in made]
    rooms, ready = await ready_of(alice, {ids[0]: 1, "group_none": 3})
    assert rooms == set(ids)
    listed = {group["id"] for group in ready["groups"]}
    assert ready["more"] is True
    assert ids[0] in listed
    assert len(listed) in (2, 3)
    assert ready["resumed"] == {ids[0]: "changes"}


def test_ready_is_small_even_with_the_longest_names() -> None:
    actor = Actor("user_" + "x" * 20, "A" * 80, "session", 0)
    summaries = [
        GroupSummary(f"group_{number:016d}", "🚢" * 80, "group", "member", 10**7, 10**7, 10**6)
        for number in range(groups.MAX_RECENT)
    ]
    presence = {f"user_{number:020d}": "online" for number in range(1000)}
    event = ClientReady(actor, summaries, presence, {}, revision=10**6, more=True)
    assert len(orjson.dumps(event.data())) <= 64 * 1024
    peers = [Peer(f"user_{number:020d}", "🚢" * 80) for number in range(PEERS_SHOWN)]
    conversations = [replace(summary, kind="direct", peers=peers, peer_count=19) for summary in summaries]
    event = ClientReady(actor, conversations, presence, {}, revision=10**6, more=True)
    assert len(orjson.dumps(event.data())) <= 192 * 1024
