"""The load generator on a real server: what it counts is what happened."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bench.load.client import Client, Refused, Sender
from bench.load.fixture import Fixture, Group, plain_fixture
from bench.load.notes import Notes
from bench.load.run import Load, Target, Timing, run
from bench.load.turns import run_side_by_side
from groups import services as groups
from tests.cast import Person, person
from tests.serving import Server, serving

BRIEFLY = Timing(seconds=0.5, warm=0.2)
MEMBERS = 4


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    async with serving({}) as server:
        yield server


@pytest.fixture
async def crew() -> Fixture:
    people = [await person(f"Sailor {number}") for number in range(MEMBERS)]
    group = await groups.create_group(actor=people[0].actor, name="Crew", member_ids=[who.id for who in people])
    return Fixture({who.id: who.token for who in people}, [Group(group.id, [who.id for who in people])])


def target(server: Server) -> Target:
    return Target([server.url], [server.process.pid], sends_ready=True)


@pytest.mark.parametrize("rate", [0.0, 40.0], ids=["as much as goes", "a steady rate"])
async def test_every_message_is_acknowledged_and_delivered_to_each_member_once(
    server: Server, crew: Fixture, rate: float
) -> None:
    load = Load(groups=1, members=MEMBERS, senders=2, window=2, rate=rate)
    figures = await run(load, crew, target(server), BRIEFLY)
    assert figures["acked"] > 0
    assert figures["deliveries"] == MEMBERS * figures["acked"]
    assert (figures["lost"], figures["twice"], figures["disordered"]) == (0, 0, 0)
    assert (figures["refused"], figures["unanswered"], figures["disconnects"]) == (0, 0, 0)
    assert figures["messages_per_second"] > 0 < figures["cpu_us_per_delivery"]
    assert 0 < figures["ack_p50_ms"] <= figures["ack_p99_ms"]


async def test_a_refused_message_is_counted_and_said(server: Server, crew: Fixture, charlie: Person) -> None:
    notes = Notes()
    client = Client(notes, charlie.token)
    await client.connect(server.url)
    await client.ready
    sender = Sender(client, notes, group=0, group_id=crew.groups[0].id, size=10)
    answered = asyncio.Event()
    sender.then(lambda _: answered.set())
    sender.send()
    async with asyncio.timeout(10):
        await answered.wait()
    client.leave()
    assert (notes.refused, notes.unanswered, notes.last_refusal["error"]["code"]) == (1, 0, "not_found")


async def test_a_client_without_a_good_token_is_refused(server: Server) -> None:
    with pytest.raises(Refused):
        await Client(Notes(), "nonsense").connect(server.url)


def test_a_plain_fixture_has_each_user_in_one_group() -> None:
    fixture = Fixture.of(plain_fixture(groups=3, members=2))
    members = [user_id for group in fixture.groups for user_id in group.members]
    assert sorted(members) == sorted(fixture.tokens)
    assert [len(group.members) for group in fixture.groups] == [2, 2, 2]


async def test_two_servers_take_turns_and_nothing_is_left_on_the_way(server: Server, crew: Fixture) -> None:
    """Here the same server stands on both sides: what one is measured for is not seen by the other."""
    load = Load(groups=1, members=MEMBERS, senders=2, window=2)
    both = await run_side_by_side(load, [(crew, target(server))] * 2, Timing(seconds=1.0, warm=0.2))
    for figures in both:
        assert figures["acked"] > 0
        assert figures["deliveries"] == MEMBERS * figures["acked"]
        assert figures["deliveries_per_second"] == pytest.approx(MEMBERS * figures["messages_per_second"])
        assert (figures["lost"], figures["unanswered"], figures["disconnects"]) == (0, 0, 0)
        assert 1.0 <= figures["seconds"] < 10
