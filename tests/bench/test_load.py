"""The load generator on a real server: its figures are correct."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bench.load.client import Client, ConnectionRejected, Sender
from bench.load.fixture import Fixture, Group, plain_fixture
from bench.load.interleaved import run_side_by_side
from bench.load.recorder import Recorder
from bench.load.run import Target, Timing, Workload, run
from groups import services as groups
from tests.cast import Person, person
from tests.serving import Server, serving

SHORT = Timing(seconds=0.5, warm_up=0.2)
MEMBERS = 4


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    async with serving({}) as server:
        yield server


@pytest.fixture
async def crew() -> Fixture:
    people = [await person(f"Sailor {number}") for number in range(MEMBERS)]
    group = await groups.create_group(actor=people[0].actor, name="Crew", member_ids=[member.id for member in people])
    return Fixture({member.id: member.token for member in people}, [Group(group.id, [member.id for member in people])])


def target(server: Server) -> Target:
    return Target([server.url], [server.process.pid], sends_ready=True)


@pytest.mark.parametrize("rate", [0.0, 40.0], ids=["closed loop", "open loop"])
async def test_every_message_is_acknowledged_and_delivered_to_each_member_once(
    server: Server, crew: Fixture, rate: float
) -> None:
    workload = Workload(groups=1, members=MEMBERS, senders=2, window=2, rate=rate)
    figures = await run(workload, crew, target(server), SHORT)
    assert figures["acked"] > 0
    assert figures["deliveries"] == MEMBERS * figures["acked"]
    assert (figures["lost"], figures["twice"], figures["disordered"]) == (0, 0, 0)
    assert (figures["refused"], figures["unanswered"], figures["disconnects"]) == (0, 0, 0)
    assert figures["messages_per_second"] > 0 < figures["cpu_us_per_delivery"]
    assert 0 < figures["ack_p50_ms"] <= figures["ack_p99_ms"]


async def test_a_refused_message_is_counted_and_its_error_kept(server: Server, crew: Fixture, charlie: Person) -> None:
    recorder = Recorder()
    client = Client(recorder, charlie.token)
    await client.connect(server.url)
    await client.ready
    sender = Sender(client, recorder, group=0, group_id=crew.groups[0].id, size=10)
    acknowledged = asyncio.Event()
    sender.on_ack(lambda _: acknowledged.set())
    sender.send()
    async with asyncio.timeout(10):
        await acknowledged.wait()
    client.disconnect()
    assert (recorder.refused, recorder.unanswered, recorder.last_refusal["error"]["code"]) == (1, 0, "not_found")


async def test_a_client_without_a_valid_token_is_rejected(server: Server) -> None:
    with pytest.raises(ConnectionRejected):
        await Client(Recorder(), "nonsense").connect(server.url)


def test_a_plain_fixture_has_each_user_in_one_group() -> None:
    fixture = Fixture.of(plain_fixture(groups=3, members=2))
    members = [user_id for group in fixture.groups for user_id in group.members]
    assert sorted(members) == sorted(fixture.tokens)
    assert [len(group.members) for group in fixture.groups] == [2, 2, 2]


async def test_interleaved_slices_leave_no_message_in_flight(server: Server, crew: Fixture) -> None:
    """Both sides are the same server here, and each sees only its own messages."""
    workload = Workload(groups=1, members=MEMBERS, senders=2, window=2)
    both = await run_side_by_side(workload, [(crew, target(server))] * 2, Timing(seconds=1.0, warm_up=0.2))
    for figures in both:
        assert figures["acked"] > 0
        assert figures["deliveries"] == MEMBERS * figures["acked"]
        assert figures["deliveries_per_second"] == pytest.approx(MEMBERS * figures["messages_per_second"])
        assert (figures["lost"], figures["unanswered"], figures["disconnects"]) == (0, 0, 0)
        assert 1.0 <= figures["seconds"] < 10
