"""Resuming: an old snapshot plus the missed changes equals a new snapshot, for every kind of change."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from pytest_django import Settings

from groups import services as groups
from groups.models import ADMIN
from messaging import selectors, services
from messaging.pins.services import pin_message
from tests.cast import Person
from tests.serving import Server, serving
from tests.snapshot import Snapshot
from tests.socket_client import connected

CHANGES = (
    *("message", "message_update", "message_delete", "reaction_update", "pin_update"),
    *("group_update", "member_update"),
)


class Story:
    """The actions that change a group, with their actors and a message to change."""

    def __init__(self, alice: Person, bob: Person, charlie: Person, group_id: str) -> None:
        self.alice, self.bob, self.charlie, self.group_id = alice, bob, charlie, group_id
        self.first = self.pinned = ""

    async def send(self, person: Person, content: str, **more: Any) -> str:
        sent = await services.send_message(actor=person.actor, group_id=self.group_id, content=content, **more)
        return str(sent["message"]["id"])

    async def begin(self) -> None:
        self.first = await self.send(self.alice, "first")
        await services.react(actor=self.bob.actor, message_id=self.first, emoji="👍", action="add")
        self.pinned = await self.send(self.alice, "pinned")
        await pin_message(actor=self.bob.actor, message_id=self.pinned, action="add")

    async def a_message(self) -> None:
        await self.send(self.bob, "second")

    async def a_reply(self) -> None:
        await self.send(self.bob, "reply", parent_id=self.first)
        await self.send(self.alice, "and back", parent_id=self.first)

    async def an_edit(self) -> None:
        await services.edit_message(actor=self.alice.actor, message_id=self.first, content="edited")

    async def a_delete(self) -> None:
        await services.delete_message(actor=self.alice.actor, message_id=self.first)

    async def a_message_that_is_deleted_again(self) -> None:
        await services.delete_message(actor=self.bob.actor, message_id=await self.send(self.bob, "oops"))

    async def a_reaction(self) -> None:
        await services.react(actor=self.alice.actor, message_id=self.first, emoji="🎉", action="add")

    async def a_reaction_taken_back(self) -> None:
        await services.react(actor=self.bob.actor, message_id=self.first, emoji="👍", action="remove")

    async def a_pin(self) -> None:
        await pin_message(actor=self.bob.actor, message_id=self.first, action="add")

    async def a_pin_taken_away(self) -> None:
        await pin_message(actor=self.alice.actor, message_id=self.pinned, action="remove")

    async def a_pin_of_what_is_edited_and_deleted_after_it(self) -> None:
        message_id = await self.send(self.bob, "for a moment")
        await pin_message(actor=self.alice.actor, message_id=message_id, action="add")
        await services.edit_message(actor=self.bob.actor, message_id=message_id, content="for another")
        await pin_message(actor=self.alice.actor, message_id=message_id, action="remove")
        await pin_message(actor=self.alice.actor, message_id=message_id, action="add")
        await services.delete_message(actor=self.bob.actor, message_id=message_id)

    async def a_delete_of_what_is_pinned(self) -> None:
        await services.delete_message(actor=self.alice.actor, message_id=self.pinned)

    async def a_rename(self) -> None:
        await groups.rename_group(actor=self.alice.actor, group_id=self.group_id, name="Renamed")

    async def new_settings(self) -> None:
        changes: dict[str, Any] = {"topic": "Tides", "visibility": "public", "policy": {"pin": "managers"}}
        await groups.change_group(actor=self.alice.actor, group_id=self.group_id, **changes)

    async def an_archive_and_its_end(self) -> None:
        for archived in (True, False):
            await groups.change_group(actor=self.alice.actor, group_id=self.group_id, archived=archived)

    async def a_new_member(self) -> None:
        await groups.add_members(actor=self.alice.actor, group_id=self.group_id, user_ids=[self.charlie.id])

    async def a_new_role(self) -> None:
        await groups.change_role(actor=self.alice.actor, group_id=self.group_id, user_id=self.bob.id, role=ADMIN)

    async def a_removal(self) -> None:
        await groups.add_members(actor=self.alice.actor, group_id=self.group_id, user_ids=[self.charlie.id])
        await groups.remove_member(actor=self.alice.actor, group_id=self.group_id, user_id=self.charlie.id)

    async def everything(self) -> None:
        for action in ACTIONS:
            if action not in (Story.everything, Story.a_delete):
                await action(self)
        await self.a_delete()


ACTIONS: list[Callable[[Story], Awaitable[None]]] = [
    value for name, value in vars(Story).items() if not name.startswith("_") and name not in ("begin", "send")
]
for_each_action = pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.__name__)


@pytest.fixture
async def story(alice: Person, bob: Person, charlie: Person, group_id: str) -> Story:
    story = Story(alice, bob, charlie, group_id)
    await story.begin()
    return story


@pytest.fixture(scope="session")
async def server() -> AsyncIterator[Server]:
    async with serving({}) as server:
        yield server


@for_each_action
async def test_an_old_snapshot_plus_the_changes_read_over_http_is_a_new_snapshot(
    story: Story, action: Callable[[Story], Awaitable[None]]
) -> None:
    stale = await Snapshot.take(story.alice, story.group_id)
    await action(story)
    page = await selectors.list_changes(actor=story.alice.actor, group_id=story.group_id, since=stale.seq)
    for change in page["changes"]:
        stale.apply(change["event"], change["data"])
    assert stale == await Snapshot.take(story.alice, story.group_id)


@for_each_action
async def test_a_client_that_reconnects_gets_exactly_what_it_missed(
    server: Server, story: Story, action: Callable[[Story], Awaitable[None]]
) -> None:
    """The same changes are compared as delivered live, and as sent again on resume."""
    stale = await Snapshot.take(story.alice, story.group_id)
    live, remembered = stale.copy(), stale.copy()
    async with connected(server.url, story.alice) as watcher:
        await action(story)
        head = await Snapshot.take(story.alice, story.group_id)
        async with connected(server.url, story.alice, since={story.group_id: stale.seq}) as returned:
            ready = returned.all("ready")[0]
            assert ready["resumed"] == {story.group_id: "changes"}
            await returned.wait_until(lambda: _last(returned.events) == head.seq)
            _apply(remembered, returned.events)
        await watcher.wait_until(lambda: _last(watcher.events) == head.seq)
        _apply(live, watcher.events)
    assert live == head
    assert remembered == head


def _last(events: list[tuple[str, Any]]) -> int:
    return max((data["seq"] for name, data in events if name in CHANGES), default=0)


def _apply(snapshot: Snapshot, events: list[tuple[str, Any]]) -> None:
    for name, data in events:
        if name in CHANGES:
            snapshot.apply(name, data)


async def test_a_deleted_text_is_not_sent_on_resume(server: Server, story: Story) -> None:
    since = (await Snapshot.take(story.alice, story.group_id)).seq
    async with connected(server.url, story.bob) as watcher:
        message_id = await story.send(story.alice, "a secret slip")
        await watcher.wait_for("message", lambda m: m["id"] == message_id)
        await services.delete_message(actor=story.alice.actor, message_id=message_id)
        await watcher.wait_for("message_delete", lambda d: d["messageId"] == message_id)
        async with connected(server.url, story.alice, since={story.group_id: since}) as returned:
            await returned.wait_for("message_delete", lambda d: d["messageId"] == message_id)
            assert "a secret slip" not in str(returned.events)


async def test_a_client_with_an_impossible_position_is_reset(server: Server, story: Story) -> None:
    async with connected(server.url, story.alice, since={story.group_id: 10**9}) as returned:
        assert returned.all("ready")[0]["resumed"] == {story.group_id: "reset"}


async def test_a_position_in_a_group_that_the_user_left_is_ignored(server: Server, story: Story) -> None:
    await groups.remove_member(actor=story.alice.actor, group_id=story.group_id, user_id=story.bob.id)
    async with connected(server.url, story.bob, since={story.group_id: 1}) as returned:
        assert returned.all("ready")[0]["groups"] == []
        assert "resumed" not in returned.all("ready")[0]
        assert [name for name, _ in returned.events] == ["ready"]


async def test_changes_that_exceed_one_packet_are_a_reset(story: Story, settings: Settings) -> None:
    await story.everything()
    state = await selectors.thread_state(actor=story.alice.actor, group_id=story.group_id, since=1)
    assert "reset" not in state
    settings.MAX_PACKET_BYTES = len(str(state["changes"])) // 2
    state = await selectors.thread_state(actor=story.alice.actor, group_id=story.group_id, since=1)
    assert state["reset"] is True
    assert "changes" not in state
    assert state["messages"]
