"""What clients are sent of presence, step by step: each change once, after the grace, and nothing to anybody else."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
import redis.asyncio as redis
from pytest_django import Settings

from presence.broadcaster import MAX_CHANGES_AT_ONCE
from presence.group_sizes import GroupSizes
from realtime.hub.connection import TRY_AGAIN_LATER
from realtime.transport.encoded import Encoded

from .stage import Client, Stage

GRACE = 5.0
# Longer than any test takes: keys must not expire by Redis's own clock.
EXPIRY = 60.0
ALICE, BOB, CHARLIE = "user_alice", "user_bob", "user_charlie"
ROOM = "group_harbour"


@pytest.fixture
async def stage(settings: Settings) -> AsyncIterator[Stage]:
    settings.PRESENCE_GRACE, settings.PRESENCE_EXPIRY, settings.PRESENCE_MAX_MEMBERS = GRACE, EXPIRY, 1000
    settings.NAMESPACE = f"{settings.NAMESPACE}-{uuid4().hex[:8]}"
    stage = Stage()
    yield stage
    await stage.close()


async def test_five_shared_rooms_are_one_update(stage: Stage) -> None:
    rooms, node = [f"group_{number}" for number in range(5)], stage.node()
    sharer = await node.connect(ALICE, *rooms)
    await stage.step()
    bob = await node.connect(BOB, *rooms)
    await stage.step()
    await bob.say("away")
    await stage.step()
    await stage.step(GRACE)
    assert sharer.statuses_of(BOB) == ["online", "away"]


async def test_two_connections_on_two_processes_are_one_presence(stage: Stage) -> None:
    here, there = stage.node(), stage.node()
    near, far = await here.connect(ALICE, ROOM), await there.connect(ALICE, ROOM)
    last = await there.connect(BOB, ROOM)
    more = [await here.connect(BOB, ROOM) for _ in range(2)]
    await stage.step()
    here.disconnect(*more)
    await stage.step()
    await stage.step(2 * GRACE)
    assert near.statuses_of(BOB) == far.statuses_of(BOB) == ["online"]
    there.disconnect(last)
    await stage.step()
    await stage.step(GRACE)
    assert near.statuses_of(BOB) == far.statuses_of(BOB) == ["online", "offline"]


async def test_connections_in_different_rooms_are_seen_in_all_of_them(stage: Stage) -> None:
    node = stage.node()
    sharers = [await node.connect(ALICE, "group_1"), await node.connect(CHARLIE, "group_2")]
    bobs = [await node.connect(BOB, "group_1"), await node.connect(BOB, "group_2")]
    await stage.step()
    node.disconnect(*bobs)
    await stage.step()
    await stage.step(GRACE)
    assert [sharer.statuses_of(BOB) for sharer in sharers] == [["online", "offline"]] * 2


async def test_away_is_when_all_connections_are(stage: Stage) -> None:
    here, there = stage.node(), stage.node()
    sharer = await here.connect(ALICE, ROOM)
    laptop, phone = await here.connect(BOB, ROOM), await there.connect(BOB, ROOM)
    await stage.step()
    await laptop.say("away")
    await stage.step()
    await stage.step(2 * GRACE)
    assert sharer.statuses_of(BOB) == ["online"]
    await phone.say("away")
    await stage.step()
    await stage.step(GRACE)
    assert sharer.statuses_of(BOB) == ["online", "away"]
    await laptop.say("online")
    await stage.step()
    assert sharer.statuses_of(BOB) == ["online", "away", "online"]


async def test_a_quick_return_to_another_process_is_not_published(stage: Stage) -> None:
    here, there = stage.node(), stage.node()
    sharer = await here.connect(ALICE, ROOM)
    first = await here.connect(BOB, ROOM)
    await stage.step()
    here.disconnect(first)
    await stage.step()
    await stage.step(GRACE - 0.1)
    second = await there.connect(BOB, ROOM)
    await stage.step()
    await stage.step(2 * GRACE)
    assert sharer.statuses_of(BOB) == ["online"]
    # Staying away for the whole grace is published: the grace did begin anew.
    there.disconnect(second)
    await stage.step()
    await stage.step(GRACE - 0.1)
    assert sharer.statuses_of(BOB) == ["online"]
    await stage.step(0.1)
    assert sharer.statuses_of(BOB) == ["online", "offline"]


async def test_fifty_users_that_connect_at_once_are_one_update(stage: Stage) -> None:
    node = stage.node()
    watcher = await node.connect(ALICE, ROOM)
    await stage.step()
    crowd = {(await node.connect(f"user_{number}", ROOM)).connection.user_id for number in range(50)}
    await stage.step()
    _, update = watcher.updates
    assert len(update["users"]) == 50
    assert {user["userId"] for user in update["users"]} == crowd


async def test_very_many_come_in_several_updates(stage: Stage) -> None:
    node = stage.node()
    watcher = await node.connect(ALICE, ROOM)
    await stage.step()
    for number in range(MAX_CHANGES_AT_ONCE + 10):
        await node.connect(f"user_{number}", ROOM)
    await stage.step()
    assert [len(update["users"]) for update in watcher.updates] == [1, MAX_CHANGES_AT_ONCE, 10]


async def test_a_large_room_has_no_presence(stage: Stage) -> None:
    stage.logs.sizes["group_large"] = 1001
    node = stage.node()
    sharer = await node.connect(ALICE, "group_large", ROOM)
    await node.connect(BOB, "group_large")
    await stage.step()
    await node.connect(CHARLIE, ROOM)
    await stage.step()
    assert sharer.statuses_of(CHARLIE) == ["online"]
    assert sharer.statuses_of(BOB) == []
    assert node.state.snapshot(["group_large"]) == {}


async def test_a_slow_client_gets_all_at_once_when_it_reads_again(stage: Stage) -> None:
    node = stage.node()
    slow, bob = await node.connect(ALICE, ROOM), await node.connect(BOB, ROOM)
    await stage.step()
    before = list(slow.updates)
    slow.backlog = 101
    node.disconnect(bob)
    await node.connect(CHARLIE, ROOM)
    await stage.step()
    await stage.step(GRACE)
    assert slow.updates == before
    slow.backlog = 0
    await stage.step()
    (update,) = slow.updates[len(before) :]
    assert update["all"] is True
    assert {user["userId"]: user["status"] for user in update["users"]} == {ALICE: "online", CHARLIE: "online"}


async def test_a_process_that_missed_a_removal_receives_it_later(stage: Stage) -> None:
    here, there = stage.node(), stage.node()
    bob = await here.connect(BOB, ROOM)
    await stage.step()
    assert there.state.status_of(BOB) == "online"
    here.disconnect(bob)
    await here.broadcaster.run_once()
    # By now the process that bob left has forgotten him.
    stage.clock.advance(EXPIRY + 1)
    await here.broadcaster.run_once()
    await stage.step()
    await stage.step(GRACE)
    assert there.state.status_of(BOB) == "offline"


async def test_a_user_that_returned_is_not_removed_with_one_that_left(stage: Stage) -> None:
    here = stage.node()
    bob = await here.connect(BOB, ROOM)
    await stage.step()
    here.disconnect(bob)
    await stage.step()
    await here.connect(BOB, ROOM)
    await stage.step()
    await stage.step(EXPIRY + 1)
    newcomer = stage.node()
    await stage.step()
    assert newcomer.state.status_of(BOB) == "online"


async def test_what_redis_has_lost_is_written_again(stage: Stage, settings: Settings) -> None:
    here, there = stage.node(), stage.node()
    sharer = await here.connect(ALICE, ROOM)
    await there.connect(BOB, ROOM)
    await stage.step()
    async with redis.Redis.from_url(settings.REDIS_URL) as engine:
        keys = [key async for key in engine.scan_iter(f"{settings.NAMESPACE}:presence*")]
        assert len(keys) >= 5
        await engine.delete(*keys)
    newcomer = stage.node()
    await stage.step()
    await stage.step(2 * GRACE)
    assert newcomer.state.snapshot([ROOM]) == {ALICE: "online", BOB: "online"}
    assert sharer.statuses_of(BOB) == ["online"]


async def test_a_process_that_ends_takes_its_users_with_it(stage: Stage) -> None:
    here, leaving = stage.node(), stage.node()
    sharer = await here.connect(ALICE, ROOM)
    await leaving.connect(BOB, ROOM)
    await stage.step()
    stage.nodes.remove(leaving)
    await leaving.close()
    await stage.step()
    await stage.step(GRACE)
    assert sharer.statuses_of(BOB) == ["online", "offline"]


async def test_statuses_are_known_while_the_last_sync_is_recent(stage: Stage) -> None:
    node = stage.node()
    fresh = [node.state.fresh]
    await stage.step()
    for seconds in (EXPIRY - 1, 1):
        stage.clock.advance(seconds)
        fresh.append(node.state.fresh)
    await stage.step()
    fresh.append(node.state.fresh)
    assert fresh == [False, True, False, True]


@pytest.mark.parametrize(("limit", "is_small"), [(1, False), (2, True)])
async def test_the_members_of_a_group_are_counted(
    settings: Settings, group_id: str, limit: int, is_small: bool
) -> None:
    settings.PRESENCE_MAX_MEMBERS = limit
    sizes = GroupSizes()
    assert sizes.small_groups({group_id}) is None
    await sizes.wait_for_lookups()
    assert sizes.small_groups({group_id}) == frozenset({group_id} if is_small else ())


async def test_a_slow_client_whose_connection_fails_is_closed_and_delays_no_other(stage: Stage) -> None:
    class FailingClient(Client):
        def send(self, encoded: Encoded) -> None:
            raise RuntimeError("a bug of the channel")

    node, failing = stage.node(), FailingClient(CHARLIE)
    await node.enter(failing, ROOM)
    alice = await node.connect(ALICE, ROOM)
    failing.backlog = 101
    await stage.step()
    bob = await node.connect(BOB, ROOM)
    await stage.step()
    failing.backlog = 0
    await bob.say("away")
    await stage.step()
    await stage.step(GRACE)
    assert alice.statuses_of(BOB) == ["online", "away"]
    assert failing.closed == TRY_AGAIN_LATER


async def test_the_rooms_of_users_who_do_nothing_are_looked_at_rarely(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    node, looked_at = stage.node(), 0
    for number in range(240):
        await node.connect(f"user_{number}", ROOM)
    await stage.step()
    small_groups = GroupSizes.small_groups

    def counting(sizes: GroupSizes, group_ids: set[str]) -> frozenset[str] | None:
        nonlocal looked_at
        looked_at += 1
        return small_groups(sizes, group_ids)

    monkeypatch.setattr(GroupSizes, "small_groups", counting)
    await stage.step()
    assert 0 < looked_at < 20


async def test_a_group_that_has_grown_over_the_limit_is_noticed(stage: Stage, settings: Settings) -> None:
    settings.PRESENCE_MAX_MEMBERS, node = 10, stage.node()
    alice, bob = await node.connect(ALICE, ROOM), await node.connect(BOB, ROOM)
    await stage.step()
    stage.logs.sizes[ROOM] = 11
    await stage.step(3600)
    await stage.step(3600)
    alice.updates.clear()
    await bob.say("away")
    await stage.step()
    await stage.step(GRACE)
    assert alice.statuses_of(BOB) == []
