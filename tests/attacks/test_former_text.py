"""What was edited away or deleted is gone: no returning client gets it from a room's memory."""

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from messaging import services
from messaging.change_events import changes_after
from messaging.group_logs import GroupLogs
from realtime.hub.change import Change
from realtime.hub.hub import get_hub
from realtime.hub.room_memory import RoomMemory
from tests.cast import Person
from tests.serving import Server, serving
from tests.snapshot import Snapshot
from tests.socket_client import connected


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    async with serving({}) as server:
        yield server


async def say(person: Person, group_id: str, content: str, **more: Any) -> str:
    sent = await services.send_message(actor=person.actor, group_id=group_id, content=content, **more)
    message_id: str = sent["message"]["id"]
    return message_id


async def edit(person: Person, message_id: str, content: str) -> None:
    await services.edit_message(actor=person.actor, message_id=message_id, content=content)


@pytest.mark.parametrize("delete", [False, True])
async def test_a_returning_client_does_not_get_former_text(
    server: Server, alice: Person, bob: Person, group_id: str, *, delete: bool
) -> None:
    since = (await Snapshot.take(alice, group_id)).seq
    async with connected(server.url, bob) as watcher:
        message_id = await say(alice, group_id, "a secret slip")
        await edit(alice, message_id, "another secret slip")
        await edit(alice, message_id, "harmless")
        if delete:
            await services.delete_message(actor=alice.actor, message_id=message_id)
        last = await say(alice, group_id, "later")
        await watcher.wait_for("message", lambda m: m["id"] == last)
        async with connected(server.url, alice, since={group_id: since}) as returned:
            await returned.wait_for("message", lambda m: m["id"] == last)
            seqs = [data["seq"] for name, data in returned.events if name.startswith("message")]
            assert seqs == list(range(since + 1, since + len(seqs) + 1))
            assert "secret" not in str(returned.events)
            assert ("harmless" in str(returned.events)) is not delete


async def test_memory_says_what_the_log_says(
    alice: Person, bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    published: list[Change] = []
    monkeypatch.setattr(get_hub(), "publish", lambda name, changes: published.extend(changes))
    start = (await Snapshot.take(alice, group_id)).seq
    root = await say(alice, group_id, "first")
    reply = await say(bob, group_id, "a reply", parent_id=root)
    for emoji, action in (("🎉", "add"), ("👍", "add"), ("🎉", "remove")):
        await services.react(actor=bob.actor, message_id=root, emoji=emoji, action=action)
    other = await say(bob, group_id, "untouched")
    await edit(alice, root, "second")
    await edit(bob, reply, "an edited reply")
    await edit(alice, root, "third")
    await services.delete_message(actor=bob.actor, message_id=reply)
    await services.react(actor=alice.actor, message_id=other, emoji="🎉", action="add")
    memory = RoomMemory(GroupLogs())
    memory.add(published)
    remembered = memory.last(len(published)) or []
    stored = await changes_after(group_id, start)
    assert [_without_later_reactions(change, other) for change in remembered] == [
        _without_later_reactions(change, other) for change in stored
    ]
    assert len(stored) == 11


def _without_later_reactions(change: Change, message_id: str) -> Any:
    """Return a change as clients see it; only what takes something away is replaced in memory, no later reaction."""
    data = orjson.loads(change.data)
    if data.get("id") == message_id:
        data.pop("reactions", None)
    return change.seq, change.event, data, change.target, change.rewrites


async def test_a_client_that_returns_between_two_edits_gets_the_last_one(
    server: Server, alice: Person, bob: Person, group_id: str
) -> None:
    since = (await Snapshot.take(alice, group_id)).seq
    async with connected(server.url, bob) as watcher:
        message_id = await say(alice, group_id, "draft")
        for number in range(5):
            await edit(alice, message_id, f"draft {number}")
            await watcher.wait_until(lambda: len(watcher.all("message_update")) == number + 1)  # noqa: B023
            async with connected(server.url, alice, since={group_id: since}) as returned:
                await returned.wait_until(lambda: len(returned.all("message_update")) == number + 1)  # noqa: B023
                assert returned.all("message")[0]["content"] == f"draft {number}"
