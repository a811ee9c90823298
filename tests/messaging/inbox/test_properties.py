"""Whatever happens in a group, in whatever order, twice, or with a crash in between: everybody's threads and inbox are
what follows from the log and from their own acts."""

import asyncio
from typing import Any

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dynamodb import store
from foundation.errors import Unavailable
from groups import services as groups
from groups.log import queries
from messaging.inbox.follower import ThreadsAndInbox
from tests.cast import person
from tests.workspace.teams.conftest import new_handle
from workspace.teams import services as teams

from .history import History

_ACTS = (
    *(
        "send",
        "send",
        "reply",
        "reply",
        "reply",
        "edit",
        "delete",
        "react",
        "unreact",
        "leave",
        "leave",
        "come back",
        "come back",
    ),
    *("block", "block", "change team", "change team"),
    *("follow thread", "unfollow thread", "mark read", "mark unread", "read items", "read all"),
    *("handle", "handle", "handle", "snapshot", "replay", "crash", "two at once"),
)
_EMOJI = ("👍", "🎉")


class Handlers:
    """Handles the log's entries as processes do that fail, are late, or are two."""

    def __init__(self, group_id: str) -> None:
        self.group_id, self.place = group_id, 0
        self.snapshots: list[list[Any]] = []
        self.follower = ThreadsAndInbox()

    async def due(self, limit: int) -> list[Any]:
        return await queries.entries_after(self.group_id, self.place, limit=limit)

    async def handle(self, limit: int = 1000) -> None:
        entries = await self.due(limit)
        if entries:
            await self.follower.handle(self.group_id, entries, notify=False)
            self.place = int(entries[-1].seq)

    async def crash(self, limit: int, calls: int) -> None:
        """Fail at one of the calls to the store, as a process that dies there, before the place is moved."""
        entries, call, left = await self.due(limit), store.call, calls

        async def failing(*args: Any, **kwargs: Any) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                raise Unavailable
            return await call(*args, **kwargs)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(store, "call", failing)
            try:
                await self.follower.handle(self.group_id, entries, notify=False)
            except Unavailable:
                return

    async def replay(self, number: int) -> None:
        """Handle what was read long ago, by somebody whose lease is over; only what was handled since."""
        if self.snapshots:
            entries = self.snapshots[number % len(self.snapshots)]
            late = [entry for entry in entries if entry.seq <= self.place]
            await self.follower.handle(self.group_id, late, notify=False)

    async def two_at_once(self, limit: int) -> None:
        entries = await self.due(limit)
        if entries:
            handling = (self.follower.handle(self.group_id, entries, notify=False) for _ in range(2))
            await asyncio.gather(*handling)
            self.place = int(entries[-1].seq)


async def _act(  # noqa: PLR0912 - a table of acts
    history: History, handlers: Handlers, act: str, number: int, data: st.DataObject
) -> None:
    # Long: a table of acts.
    def choose(values: Any) -> Any:
        return data.draw(st.sampled_from(list(values)))

    here = [one for one in history.people if one.id in history.members]
    who = choose(here)
    named = data.draw(st.lists(st.sampled_from(history.people), max_size=2, unique=True))
    live = [said for said in history.said.values() if not said.deleted]
    roots = [said.seq for said in live if not said.is_reply]
    size = data.draw(st.integers(1, 6))
    team = data.draw(st.sampled_from([False, False, True]))
    match act:
        case "block":
            who, other = data.draw(st.permutations(history.people))[:2]
            await history.block(who, other)
        case "change team":
            await history.change_team(choose(history.people))
        case "send":
            await history.send(who, named, team=team)
        case "reply" if roots:
            await history.send(who, named, choose(roots), team=team)
        case "edit" if editable := [said.seq for said in live if said.author in history.members]:
            await history.edit(choose(editable), named, number, team=team)
        case "delete" if live:
            await history.delete(choose(live).seq)
        case "react" | "unreact" if live:
            await history.react(who, choose(live).seq, choose(_EMOJI), "add" if act == "react" else "remove")
        case "leave" if who is not history.owner:
            await history.leave(who)
        case "come back" if away := [one for one in history.people if one.id not in history.members]:
            await history.come_back(choose(away))
        case "follow thread" | "unfollow thread" if roots:
            await history.set_following(who, choose(roots), following=act == "follow thread")
        case "mark read" if history.said:
            said = choose(history.said.values())
            await history.mark_read(who, said.seq, said.root if said.is_reply else None)
        case "mark unread" if live:
            await history.mark_unread(who, choose(live).seq)
        case "read items":
            await history.read_inbox(who, [history.id_of(said.seq) for said in live[::2]])
        case "read all":
            await history.read_inbox(who, None)
        case "handle":
            await handlers.handle(size)
        case "snapshot":
            handlers.snapshots.append(await queries.entries_after(history.group_id, 0))
        case "replay":
            await handlers.replay(number)
        case "crash":
            await handlers.crash(size, data.draw(st.integers(0, 12)))
        case "two at once":
            await handlers.two_at_once(size)


@pytest.mark.timeout(600)
@settings(max_examples=20, suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_threads_and_inboxes_are_what_the_log_and_the_acts_say(data: st.DataObject) -> None:
    people = [await person(name) for name in ("Alice", "Bob", "Dora")]
    group = await groups.create_group(actor=people[0].actor, name="Harbour", member_ids=[one.id for one in people[1:]])
    history, handlers = History(group.id, people[0], people), Handlers(group.id)
    with override_settings(ADMINISTRATORS=frozenset([people[0].id])):
        history.team_id = (await teams.create_team(actor=people[0].actor, name="Design", handle=new_handle())).id
        await _run(data, history, handlers)


async def _run(data: st.DataObject, history: History, handlers: Handlers) -> None:
    people = history.people
    acts = data.draw(st.lists(st.sampled_from(_ACTS), min_size=20, max_size=50))
    # Most acts need a thread that some follow.
    root = await history.send(people[0])
    for one in people[1:]:
        await history.send(one, root=root)
    for number, act in enumerate(acts):
        await _act(history, handlers, act, number, data)
    await handlers.handle()
    await history.check()
    # Whoever is late changes nothing, nor does a rebuild.
    for number in range(len(handlers.snapshots)):
        await handlers.replay(number)
    await history.check()
    handlers.place = 0
    await handlers.handle()
    await history.check()
