"""A client that counts for itself, however late it is told and in whatever order, shows what the server counts."""

from collections.abc import Mapping
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from groups import selectors
from groups import services as groups
from groups.log.heads import find_heads
from messaging import selectors as messages
from messaging import services
from messaging.unread import mark_unread
from realtime.hub.change import Position
from tests.cast import Person, person
from users.events import UserUpdated
from users.updates import UserUpdates

from .expected import Counts
from .histories import HISTORIES, NAMES, World
from .picture import Picture

Told = tuple[str, Mapping[str, Any]]
TOLD: dict[str, list[Told]] = {}


@pytest.fixture(scope="module")
async def people() -> dict[str, Person]:
    return {name: await person(name.title()) for name in NAMES}


@pytest.fixture(autouse=True)
def _hear(monkeypatch: pytest.MonkeyPatch) -> None:
    def tell(updates: UserUpdates, user_id: str, kind: str, change: Mapping[str, Any]) -> None:
        TOLD.setdefault(user_id, []).append((kind, change))

    monkeypatch.setattr(UserUpdates, "tell", tell)


class Client:
    """Somebody's client: what it is told comes when the test says, each change of the log once and in order."""

    def __init__(self, who: Person, group_id: str, summary: Mapping[str, Any]) -> None:
        self.who, self.group_id, self.seq = who, group_id, int(summary["head"])
        self.picture = Picture(who.id, summary)

    async def read_anew(self) -> None:
        self.take(await summary_of(self.who, self.group_id))

    async def get_changes(self) -> None:
        page = await messages.list_changes(actor=self.who.actor, group_id=self.group_id, since=self.seq)
        for change in page["changes"]:
            self.picture.add(change["event"], change["data"])
            self.seq = change["seq"]

    def take(self, state: Mapping[str, Any]) -> bool:
        return self.picture.learn(state)

    async def hear(self, chance: Random, *, everything: bool = False) -> None:
        """Get some of what was told, in any order: two processes may tell at once."""
        waiting = TOLD.get(self.who.id, [])
        while waiting and (everything or chance.random() < 0.5):
            kind, state = waiting.pop(chance.randrange(min(3, len(waiting))))
            if state.get("groupId") != self.group_id or "parentId" in state:
                continue
            if kind == UserUpdated.MENTIONS:
                self.picture.learn_mentions(state)
            elif not self.take(state):
                await self.read_anew()


async def summary_at(who: Person, group_id: str, heads: Mapping[str, Position]) -> Mapping[str, Any]:
    """Return what `ready` says, which reads the log's end first: the mark may lie after it by then."""
    (found,) = await selectors.list_summaries_at(actor=who.actor, heads=heads)
    return found.as_wire()


async def summary_of(who: Person, group_id: str) -> Mapping[str, Any]:
    (found,) = await selectors.list_summaries(actor=who.actor, group_ids=[group_id])
    return found.as_wire()


def here(steps: Any) -> Any:
    """Let a step, or two at once, happen in this process; nobody is removed, for then nothing is told.

    There is no team: a client is told of whom it names as of anybody.
    """
    if isinstance(steps, tuple):
        return tuple(map(here, steps))
    return {"kind": "flush"} if steps["kind"] in ("membership", "team") else {**steps, "here": True}


async def test_what_lies_up_to_a_mark_beyond_the_head_that_was_read_before_it_is_not_counted(
    people: dict[str, Person],
) -> None:
    alice, bob = people["alice"], people["bob"]
    group = await groups.create_group(actor=alice.actor, name="Harbour", member_ids=[bob.id])
    heads = await find_heads([group.id])
    for text in ("one <!all>", "two"):
        sent = await services.send_message(actor=alice.actor, group_id=group.id, content=text)
    await services.mark_read(actor=bob.actor, group_id=group.id, seq=sent["message"]["seq"])
    client = Client(bob, group.id, await summary_at(bob, group.id, heads))
    await services.send_message(actor=alice.actor, group_id=group.id, content="three")
    await client.get_changes()
    assert client.picture.counts == Counts(sent["message"]["seq"], 1)


async def test_own_messages_beyond_the_head_are_not_taken_from_what_is_unread(people: dict[str, Person]) -> None:
    alice, bob = people["alice"], people["bob"]
    group = await groups.create_group(actor=alice.actor, name="Harbour", member_ids=[bob.id])
    first = await services.send_message(actor=alice.actor, group_id=group.id, content="one <!all>")
    heads = await find_heads([group.id])
    await services.send_message(actor=bob.actor, group_id=group.id, content="mine <!all>")
    await mark_unread(actor=bob.actor, message_id=first["message"]["id"])
    client = Client(bob, group.id, await summary_at(bob, group.id, heads))
    seq = first["message"]["seq"] - 1
    assert client.picture.counts == Counts(seq, 1, [], 1)


@pytest.mark.timeout(600)
@settings(max_examples=40, suppress_health_check=list(HealthCheck))
@given(history=HISTORIES, chance=st.integers(0, 2**32).map(Random))
async def test_a_client_counts_as_the_server_does(
    people: dict[str, Person], history: list[Any], chance: Random
) -> None:
    TOLD.clear()
    others = [people[name].id for name in NAMES[1:]]
    group = await groups.create_group(actor=people["alice"].actor, name="Harbour", member_ids=others)
    world = World(group.id, people, {})
    clients = [Client(who, group.id, await summary_of(who, group.id)) for who in people.values()]
    for steps in history:
        heads = await find_heads([group.id])
        await world.run([here(steps)])
        for client in clients:
            # Changes, what was told, or a page that was read: any of them, or none for long.
            match chance.choice(["nothing", "changes", "told", "page", "reconnect", "reconnect meanwhile"]):
                case "changes":
                    await client.get_changes()
                case "told":
                    await client.hear(chance)
                case "page":
                    await client.read_anew()
                case "reconnect" | "reconnect meanwhile" as how:
                    # Meanwhile: the log's end was read before all of that, and the mark after it.
                    earlier = heads if how == "reconnect meanwhile" else await find_heads([group.id])
                    summary = await summary_at(client.who, group.id, earlier)
                    # What was told before is not told again.
                    TOLD.pop(client.who.id, None)
                    client.picture, client.seq = Picture(client.who.id, summary), summary["head"]
    await world.settle()
    for client in clients:
        await client.get_changes()
        await client.hear(chance, everything=True)
        (found,) = await selectors.list_summaries(actor=client.who.actor, group_ids=[group.id])
        shown = Counts(found.read, found.unread, list(found.mentions), found.unread_alls)
        assert client.picture.counts == shown, client.who.actor.name
