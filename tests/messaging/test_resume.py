"""Coming back: a stale picture plus the changes that it lacks equals a fresh one, for every kind of change."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from pytest_django import Settings

from groups import services as groups
from groups.models import ADMIN
from messaging import selectors, services
from tests.cast import Person
from tests.serving import Server, serving
from tests.snapshot import Snapshot
from tests.socket_client import connected

CHANGES = ("message", "message_update", "message_delete", "reaction_update", "group_update", "member_update")


class Story:
    """What may happen in a group, with someone to do it and something to do it to."""

    def __init__(self, alice: Person, bob: Person, charlie: Person, group_id: str) -> None:
        self.alice, self.bob, self.charlie, self.group_id = alice, bob, charlie, group_id
        self.first = ""

    async def _say(self, person: Person, content: str, **more: Any) -> str:
        sent = await services.send_message(actor=person.actor, group_id=self.group_id, content=content, **more)
        return str(sent["message"]["id"])

    async def begin(self) -> None:
        self.first = await self._say(self.alice, "first")
        await services.react(actor=self.bob.actor, message_id=self.first, emoji="👍", action="add")

    async def a_message(self) -> None:
        await self._say(self.bob, "second")

    async def a_reply(self) -> None:
        await self._say(self.bob, "reply", parent_id=self.first)
        await self._say(self.alice, "and back", parent_id=self.first)

    async def an_edit(self) -> None:
        await services.edit_message(actor=self.alice.actor, message_id=self.first, content="edited")

    async def a_delete(self) -> None:
        await services.delete_message(actor=self.alice.actor, message_id=self.first)

    async def a_message_that_is_deleted_again(self) -> None:
        await services.delete_message(actor=self.bob.actor, message_id=await self._say(self.bob, "oops"))

    async def a_reaction(self) -> None:
        await services.react(actor=self.alice.actor, message_id=self.first, emoji="🎉", action="add")

    async def a_reaction_taken_back(self) -> None:
        await services.react(actor=self.bob.actor, message_id=self.first, emoji="👍", action="remove")

    async def a_rename(self) -> None:
        await groups.rename_group(actor=self.alice.actor, group_id=self.group_id, name="Renamed")

    async def a_new_member(self) -> None:
        await groups.add_members(actor=self.alice.actor, group_id=self.group_id, user_ids=[self.charlie.id])

    async def a_new_role(self) -> None:
        await groups.change_role(actor=self.alice.actor, group_id=self.group_id, user_id=self.bob.id, role=ADMIN)

    async def a_removal(self) -> None:
        await groups.add_members(actor=self.alice.actor, group_id=self.group_id, user_ids=[self.charlie.id])
        await groups.remove_member(actor=self.alice.actor, group_id=self.group_id, user_id=self.charlie.id)

    async def everything(self) -> None:
        for happening in HAPPENINGS:
            if happening not in (Story.everything, Story.a_delete):
                await happening(self)
        await self.a_delete()


HAPPENINGS: list[Callable[[Story], Awaitable[None]]] = [
    value for name, value in vars(Story).items() if not name.startswith("_") and name != "begin"
]
of_each_kind = pytest.mark.parametrize("happening", HAPPENINGS, ids=lambda happening: happening.__name__)


@pytest.fixture
async def story(alice: Person, bob: Person, charlie: Person, group_id: str) -> Story:
    story = Story(alice, bob, charlie, group_id)
    await story.begin()
    return story


@pytest.fixture(scope="session")
async def server() -> AsyncIterator[Server]:
    async with serving({}) as server:
        yield server


@of_each_kind
async def test_a_stale_picture_plus_the_changes_read_by_http_is_a_fresh_one(
    story: Story, happening: Callable[[Story], Awaitable[None]]
) -> None:
    stale = await Snapshot.take(story.alice, story.group_id)
    await happening(story)
    answer = await selectors.list_changes(actor=story.alice.actor, group_id=story.group_id, since=stale.seq)
    for change in answer["changes"]:
        stale.apply(change["event"], change["data"])
    assert stale == await Snapshot.take(story.alice, story.group_id)


@of_each_kind
async def test_a_client_that_was_away_gets_exactly_what_it_missed(
    server: Server, story: Story, happening: Callable[[Story], Awaitable[None]]
) -> None:
    """Once read back from the log, once live on a socket, and once from the memory of the room."""
    stale = await Snapshot.take(story.alice, story.group_id)
    live, remembered = stale.copy(), stale.copy()
    async with connected(server.url, story.alice) as watcher:
        await happening(story)
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


async def test_a_deleted_text_does_not_come_back_on_resume(server: Server, story: Story) -> None:
    since = (await Snapshot.take(story.alice, story.group_id)).seq
    async with connected(server.url, story.bob) as watcher:
        message_id = await story._say(story.alice, "a secret slip")
        await watcher.wait_for("message", lambda m: m["id"] == message_id)
        await services.delete_message(actor=story.alice.actor, message_id=message_id)
        await watcher.wait_for("message_delete", lambda d: d["messageId"] == message_id)
        async with connected(server.url, story.alice, since={story.group_id: since}) as returned:
            await returned.wait_for("message_delete", lambda d: d["messageId"] == message_id)
            assert "a secret slip" not in str(returned.events)


async def test_who_was_away_too_long_is_told_to_read_anew(server: Server, story: Story) -> None:
    async with connected(server.url, story.alice, since={story.group_id: 10**9}) as returned:
        assert returned.all("ready")[0]["resumed"] == {story.group_id: "reset"}


async def test_a_position_in_a_group_that_one_left_gives_nothing(server: Server, story: Story) -> None:
    await groups.remove_member(actor=story.alice.actor, group_id=story.group_id, user_id=story.bob.id)
    async with connected(server.url, story.bob, since={story.group_id: 1}) as returned:
        assert returned.all("ready")[0]["groups"] == []
        assert "resumed" not in returned.all("ready")[0]
        assert [name for name, _ in returned.events] == ["ready"]


async def test_changes_that_are_more_than_one_answer_may_hold_are_a_reason_to_read_anew(
    story: Story, settings: Settings
) -> None:
    await story.everything()
    state = await selectors.thread_state(actor=story.alice.actor, group_id=story.group_id, since=1)
    assert "reset" not in state
    settings.MAX_PACKET_BYTES = len(str(state["changes"])) // 2
    state = await selectors.thread_state(actor=story.alice.actor, group_id=story.group_id, since=1)
    assert state["reset"] is True
    assert "changes" not in state
    assert state["messages"]
