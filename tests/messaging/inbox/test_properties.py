"""Whatever happens in a group, through two processes, in whatever order, twice, or with a crash in between: everybody's
counts, threads, inbox and drafts are what follows from the log and from their own acts."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from functools import partial
from typing import Any

import pytest
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dynamodb import store
from foundation.errors import Unavailable
from groups import services as groups
from groups.log import queries
from groups.mentions import MentionFollower, ThreadMentionFollower
from groups.read_mark_repair import ReadMarkRepair
from messaging.inbox.follower import ThreadsAndInbox
from tests.cast import Person, person
from tests.entry_points import http_client
from tests.messaging.unread.histories import LAZY
from tests.serving import serving
from tests.workspace.teams.conftest import new_handle
from workspace.teams import services as teams

from .doors import Doors
from .expected import check
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
    *("follow thread", "unfollow thread", "mark read", "mark unread", "read items", "read all", "draft"),
    *("handle", "handle", "handle", "snapshot", "replay", "crash", "two at once"),
)
Doing = Callable[[], Coroutine[Any, Any, Any]]
_EMOJI = ("👍", "🎉")


class Handlers:
    """Handles the log's entries as processes do that fail, are late, or are two."""

    def __init__(self, group_id: str) -> None:
        self.group_id, self.place = group_id, 0
        self.snapshots: list[list[Any]] = []
        self.followers = (ThreadsAndInbox(), MentionFollower(), ThreadMentionFollower(), ReadMarkRepair())

    async def _follow(self, entries: list[Any]) -> None:
        for follower in self.followers:
            await follower.handle(self.group_id, entries, notify=False)

    async def due(self, limit: int) -> list[Any]:
        return await queries.entries_after(self.group_id, self.place, limit=limit)

    async def handle(self, limit: int = 1000) -> None:
        entries = await self.due(limit)
        if entries:
            await self._follow(entries)
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
                await self._follow(entries)
            except Unavailable:
                return

    async def hold(self) -> None:
        """A process reads the log, and freezes."""
        self.snapshots.append(await queries.entries_after(self.group_id, 0))

    async def replay(self, number: int) -> None:
        """Handle what was read long ago, by somebody whose lease is over; only what was handled since."""
        if self.snapshots:
            entries = self.snapshots[number % len(self.snapshots)]
            late = [entry for entry in entries if entry.seq <= self.place]
            await self._follow(late)

    async def two_at_once(self, limit: int) -> None:
        entries = await self.due(limit)
        if entries:
            handling = (self._follow(entries) for _ in range(2))
            await asyncio.gather(*handling)
            self.place = int(entries[-1].seq)


# What people may do at the same moment, each through either process; whoever comes or goes does so alone.
_TOGETHER = ("send", "reply", "react", "mark read", "mark unread", "draft")


class Acting:
    """Draws what is done next, and by whom, and does it."""

    def __init__(self, history: History, handlers: Handlers, data: st.DataObject) -> None:
        self.history, self.handlers, self.data = history, handlers, data

    def choose(self, values: Iterable[Any]) -> Any:
        return self.data.draw(st.sampled_from(list(values)))

    async def act(self, act: str, number: int) -> None:
        here = [one for one in self.history.people if one.id in self.history.members]
        who = self.choose(here)
        planned = [self._done(who, act, number) or self._member(who, act) or self._handled(act, number)]
        if act in _TOGETHER and (others := [one for one in here if one is not who]) and self.data.draw(st.booleans()):
            other, beside = self.choose(others), self.choose(_TOGETHER)
            planned.append(self._done(other, beside, number))
        # Drawn before anything is done: what is done together has no order.
        places = [self.data.draw(st.booleans()) for _ in planned]
        through = self.history.doors.through
        await asyncio.gather(*(through(place, one) for place, one in zip(places, planned, strict=True) if one))

    def _done(self, who: Person, act: str, number: int) -> Doing | None:
        return self._said(who, act, number) or self._read(who, act) or self._kept(who, act)

    def _said(self, who: Person, act: str, number: int) -> Doing | None:
        history = self.history
        named = self.data.draw(st.lists(st.sampled_from(history.people), max_size=2, unique=True))
        everybody = self.data.draw(st.booleans())
        team = self.data.draw(st.sampled_from([False, False, True]))
        live = [said for said in history.said.values() if not said.deleted]
        match act:
            case "send":
                return partial(history.send, who, named, names_all=everybody, team=team)
            case "reply" if roots := [said.seq for said in live if not said.is_reply]:
                return partial(history.send, who, named, self.choose(roots), names_all=everybody, team=team)
            case "edit" if editable := [said.seq for said in live if said.author in history.members]:
                return partial(history.edit, self.choose(editable), named, number, team=team)
            case "delete" if live:
                return partial(history.delete, self.choose(live).seq)
            case "react" | "unreact" if live:
                action = "add" if act == "react" else "remove"
                return partial(history.react, who, self.choose(live).seq, self.choose(_EMOJI), action)
        return None

    def _read(self, who: Person, act: str) -> Doing | None:
        history = self.history
        live = [said for said in history.said.values() if not said.deleted]
        roots = [said.seq for said in live if not said.is_reply]
        match act:
            case "follow thread" | "unfollow thread" if roots:
                return partial(history.set_following, who, self.choose(roots), following=act == "follow thread")
            case "mark read" if history.said:
                said = self.choose(history.said.values())
                return partial(history.mark_read, who, said.seq, said.root if said.is_reply else None)
            case "mark unread" if live:
                return partial(history.mark_unread, who, self.choose(live).seq)
        return None

    def _kept(self, who: Person, act: str) -> Doing | None:
        history = self.history
        live = [said for said in history.said.values() if not said.deleted]
        roots = [said.seq for said in live if not said.is_reply]
        match act:
            case "read items":
                return partial(history.read_inbox, who, [history.id_of(said.seq) for said in live[::2]])
            case "read all":
                return partial(history.read_inbox, who, None)
            case "draft":
                return partial(history.draft, who, self.choose(("a", "b", "")), self.choose([None, *roots]))
        return None

    def _member(self, who: Person, act: str) -> Doing | None:
        history = self.history
        match act:
            case "block":
                return partial(history.block, *self.data.draw(st.permutations(history.people))[:2])
            case "change team":
                return partial(history.change_team, self.choose(history.people))
            case "leave" if who is not history.owner:
                return partial(history.leave, who)
            case "come back" if away := [one for one in history.people if one.id not in history.members]:
                return partial(history.come_back, self.choose(away))
        return None

    def _handled(self, act: str, number: int) -> Doing | None:
        size = self.data.draw(st.integers(1, 6))
        match act:
            case "handle":
                return partial(self.handlers.handle, size)
            case "snapshot":
                return self.handlers.hold
            case "replay":
                return partial(self.handlers.replay, number)
            case "crash":
                return partial(self.handlers.crash, size, self.data.draw(st.integers(0, 20)))
            case "two at once":
                return partial(self.handlers.two_at_once, size)
        return None


@pytest.fixture(scope="module")
async def doors() -> AsyncIterator[Doors]:
    """Another process, that follows nothing and writes what sending moves only when it is asked for."""
    async with serving(LAZY) as server, http_client(server.url, None) as client:
        yield Doors(client)


@pytest.mark.timeout(600)
@settings(max_examples=15, suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_all_is_what_the_log_and_the_acts_say(doors: Doors, data: st.DataObject) -> None:
    people = [await person(name) for name in ("Alice", "Bob", "Dora", "Erin")]
    group = await groups.create_group(actor=people[0].actor, name="Harbour", member_ids=[one.id for one in people[1:]])
    history, handlers = History(group.id, people[0], people, doors), Handlers(group.id)
    with override_settings(ADMINISTRATORS=frozenset([people[0].id])):
        history.team_id = (await teams.create_team(actor=people[0].actor, name="Design", handle=new_handle())).id
        await _run(history, handlers, data)


async def _run(history: History, handlers: Handlers, data: st.DataObject) -> None:
    people, acting = history.people, Acting(history, handlers, data)
    acts = data.draw(st.lists(st.sampled_from(_ACTS), min_size=20, max_size=50))
    # Most acts need a thread that some follow.
    root = await history.send(people[0])
    for one in people[1:]:
        await history.send(one, root=root)
    for number, act in enumerate(acts):
        await acting.act(act, number)
    await history.settle()
    await handlers.handle()
    await check(history)
    # Whoever is late changes nothing, nor does a rebuild.
    for number in range(len(handlers.snapshots)):
        await handlers.replay(number)
    await check(history)
    handlers.place = 0
    await handlers.handle()
    await check(history)
