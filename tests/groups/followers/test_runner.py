"""Groups are found and followed, whoever woke them, dies, forgets or is away meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from django.test import override_settings
from redis.exceptions import ConnectionError as RedisAway

from foundation.errors import Unavailable
from groups import services
from groups.followers import places
from groups.followers.lag import find_exact_lags, find_lags
from groups.followers.runner import Runner
from groups.followers.services import rebuild_follower
from groups.followers.wake_queue import PARTITIONS, REST, wake_queue
from groups.followers.wakes import wakes
from groups.log import queries
from messaging import services as messages
from messaging.group_deletion import erase_deleted_groups
from tests.cast import Person

from .recording import Recorder

pytestmark = pytest.mark.usefixtures("_empty_queue")


@pytest.fixture
async def runner(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Runner]:
    """One that does not sweep unless a test lets it: other tests have made groups too."""
    runner = Runner(alone=True)
    runner._sweep_again_at = float("inf")
    yield runner
    await runner.stop()


async def send(person: Person, group_id: str, *texts: str) -> None:
    for text in texts:
        await messages.send_message(actor=person.actor, group_id=group_id, content=text)


async def until(done: Callable[[], bool], work: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(30):
        while not done():
            await work()


async def sweep_all(runner: Runner) -> None:
    """Let the runner sweep every partition."""
    for _ in range(PARTITIONS):
        runner._sweep_again_at = 0.0
        await runner._sweep()
    runner._sweep_again_at = float("inf")


async def test_a_group_that_was_appended_to_is_followed(
    alice: Person, group_id: str, recorder: Recorder, runner: Runner
) -> None:
    await send(alice, group_id, "one")
    await wakes().write()
    await runner.run_round()
    await runner.settle()
    assert recorder.seqs(group_id) == [1, 2, 3]


async def test_an_append_only_marks_its_group_in_memory(alice: Person, group_id: str, recorder: Recorder) -> None:
    await wakes().write()
    for text in "abc":
        await send(alice, group_id, text)
    assert list(wakes()._marked) in ([group_id], [])  # written already, on a busy machine


async def test_many_groups_are_taken_a_few_at_a_time(alice: Person, recorder: Recorder, runner: Runner) -> None:
    made = await asyncio.gather(*(services.create_group(actor=alice.actor, name=f"G{n}") for n in range(40)))
    await wakes().write()
    assert await runner.run_round()
    await until(lambda: {group.id for group in made} <= set(recorder.seen), runner.run_round)


async def test_a_group_that_is_woken_while_it_is_followed_is_looked_at_again(
    alice: Person, group_id: str, recorder: Recorder
) -> None:
    queue = wake_queue()
    await wakes().write()
    taken = await queue.take(1000)
    assert group_id in taken.group_ids
    assert group_id not in (await queue.take(1000)).group_ids
    await queue.wake([group_id])
    assert group_id not in (await queue.take(1000)).group_ids
    await queue.finish(group_id, taken.until, None, {})
    await asyncio.sleep(REST)
    assert group_id in (await queue.take(1000)).group_ids


async def test_a_group_that_waits_after_a_failure_is_followed_soon_when_it_is_woken(group_id: str) -> None:
    """For the sake of the other followers."""
    queue = wake_queue()
    await wakes().write()
    taken = await queue.take(1000)
    await queue.finish(group_id, taken.until, 3600.0, {})
    await queue.wake([group_id])
    await asyncio.sleep(REST)
    assert group_id in (await queue.take(1000)).group_ids


async def test_a_group_whose_process_died_is_taken_by_another_when_the_lease_is_over(
    group_id: str, recorder: Recorder, runner: Runner
) -> None:
    with override_settings(FOLLOW_LEASE=0.2):
        await wakes().write()
        dead = await wake_queue().take(1000)
        assert group_id in dead.group_ids
    await until(lambda: bool(recorder.seqs(group_id)), runner.run_round)


async def test_a_group_that_was_taken_while_the_store_was_away_is_followed_before_its_lease_is_over(
    group_id: str, recorder: Recorder, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(group_ids: object) -> None:
        raise Unavailable

    monkeypatch.setattr("groups.followers.runner.AWAY_PAUSE", 0.1)
    await wakes().write()
    with override_settings(FOLLOW_LEASE=3600.0):
        with monkeypatch.context() as patch:
            patch.setattr(places, "find", away)
            with pytest.raises(Unavailable):
                await runner.run_round()
        await until(lambda: bool(recorder.seqs(group_id)), runner.run_round)


async def test_whoever_has_outlived_their_lease_returns_nothing(group_id: str, recorder: Recorder) -> None:
    queue = wake_queue()
    with override_settings(FOLLOW_LEASE=0.0):
        await wakes().write()
        frozen = await queue.take(1000)
    other = await queue.take(1000)
    assert group_id in frozen.group_ids
    assert group_id in other.group_ids
    await queue.finish(group_id, frozen.until, 0.0, {})
    assert group_id not in (await queue.take(1000)).group_ids


# --- the sweep -------------------------------------------------------------------------------------------------------
async def test_the_sweep_finds_what_a_killed_process_had_not_written(
    alice: Person, group_id: str, recorder: Recorder, runner: Runner
) -> None:
    await send(alice, group_id, "one")
    wakes()._marked.clear()
    await wake_queue().clear()  # a busy machine may have written it
    await runner.run_round()
    await runner.settle()
    assert recorder.seqs(group_id) == []
    await sweep_all(runner)
    await until(lambda: bool(recorder.seqs(group_id)), runner.run_round)
    assert recorder.seqs(group_id) == [1, 2, 3]


async def test_a_round_begins_at_once_when_redis_has_forgotten(recorder: Recorder) -> None:
    queue = wake_queue()
    first = [await queue.next_partition(3600.0) for _ in range(PARTITIONS)]
    assert [partition for partition, _ in first] == list(range(PARTITIONS))
    assert [more for _, more in first] == [*[True] * (PARTITIONS - 1), False]
    assert (await queue.next_partition(3600.0))[0] == 0
    assert await queue.next_partition(3600.0) == (None, False)
    await queue.clear()
    assert await queue.next_partition(3600.0) == (0, True)


async def test_a_partition_is_swept_once_the_store_answers(
    group_id: str, recorder: Recorder, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(number: int, *, after: str | None = None) -> None:
        raise Unavailable

    await runner._know_followers()
    with monkeypatch.context() as patch:
        patch.setattr(places, "find_in_partition", away)
        runner._sweep_again_at = 0.0
        with pytest.raises(Unavailable):
            await runner._sweep()
        assert runner._owed == [0]
    await runner._sweep()
    assert runner._owed == []


async def test_a_rebuilt_follower_handles_everything_again_and_notifies_nobody(
    alice: Person, group_id: str, recorder: Recorder, runner: Runner
) -> None:
    await send(alice, group_id, "one")
    await wakes().write()
    await runner.run_round()
    await runner.settle()
    await asyncio.sleep(0.002)  # times have milliseconds
    await rebuild_follower(recorder.name)
    assert await wake_queue().next_partition(3600.0) == (0, True)
    runner._known_at = float("-inf")
    await runner._know_followers()
    await sweep_all(runner)
    await until(lambda: len(recorder.seqs(group_id)) == 6, runner.run_round)
    assert recorder.seen[group_id][3:] == [(1, False), (2, False), (3, False)]


# --- Redis is away ---------------------------------------------------------------------------------------------------
@pytest.fixture
async def _no_redis(_empty_queue: None, monkeypatch: pytest.MonkeyPatch) -> None:
    async def away(*arguments: object, **more: object) -> None:
        raise RedisAway

    for name in ("wake", "take", "finish", "next_partition", "forget", "state", "note_set_aside"):
        monkeypatch.setattr(wake_queue(), name, away)


@pytest.mark.usefixtures("_no_redis")
async def test_while_redis_is_away_each_process_follows_what_it_appends(
    alice: Person, group_id: str, recorder: Recorder, runner: Runner
) -> None:
    await send(alice, group_id, "one")
    await wakes().write()
    await runner.run_round()
    await runner.settle()
    assert recorder.seqs(group_id) == [1, 2, 3]
    assert (await find_lags())[0].groups is None


@pytest.mark.usefixtures("_no_redis")
async def test_while_redis_is_away_each_process_sweeps_by_itself(
    alice: Person, group_id: str, recorder: Recorder, runner: Runner
) -> None:
    wakes()._marked.clear()
    with override_settings(FOLLOW_SWEEP=0.0):
        await runner._know_followers()
        await sweep_all(runner)
    await until(lambda: bool(recorder.seqs(group_id)), runner.run_round)


# --- groups that are deleted -----------------------------------------------------------------------------------------
async def test_nothing_is_left_of_a_deleted_group_and_followers_are_told(
    alice: Person, group_id: str, recorder: Recorder, runner: Runner
) -> None:
    await wakes().write()
    await runner.run_round()
    await runner.settle()
    stale = (await places.find([group_id]))[group_id]
    await services_delete(alice, group_id)
    # Groups of other tests may be erased with it.
    assert group_id in recorder.forgotten
    assert await places.find([group_id]) == {}
    # A process that had read the place before.
    await places.write(stale, {recorder.name: places.Place(9)})
    await wake_queue().wake([group_id])
    await runner.run_round()
    await runner.settle()
    assert await places.find([group_id]) == {}
    assert await queries.last_entry(group_id) is None


async def services_delete(owner: Person, group_id: str) -> None:
    from groups.dissolving import dissolve_group

    await dissolve_group(actor=owner.actor, group_id=group_id)
    await erase_deleted_groups()


# --- lag -------------------------------------------------------------------------------------------------------------
async def test_the_lag_is_that_of_the_group_that_waits_longest(
    alice: Person, group_id: str, recorder: Recorder, runner: Runner
) -> None:
    recorder.fails = lambda entry: (_ for _ in ()).throw(Unavailable)
    await send(alice, group_id, "one")
    await wakes().write()
    (due,) = await find_lags()
    assert (due.name, due.set_aside) == (recorder.name, 0)
    assert due.groups
    await runner.run_round()
    await runner.settle()
    (behind,) = await find_lags()
    assert behind.groups
    assert behind.seconds
    exact = next(lag for lag in await find_exact_lags() if lag.follower is recorder)
    assert exact.entries >= 3
    recorder.fails = lambda entry: None
    await until(lambda: bool(recorder.seqs(group_id)), runner.run_round)
    async with asyncio.timeout(30):
        while (await find_lags())[0].groups:
            await runner.run_round()
