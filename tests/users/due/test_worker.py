"""What is due is done when its time has come, once, oldest first; what fails is tried again, and then set aside."""

import asyncio
from io import StringIO
from itertools import pairwise
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from foundation.counters import due as counts
from foundation.errors import RateLimited, Unavailable
from users.due import rows, services
from users.due.entry import Due
from users.due.worker import CONCURRENCY, MAX_TRIES, Worker

from .conftest import LEASE, Clock, Recorder, waiting, work


async def test_nothing_is_done_before_its_time_and_then_it_is_done_once(
    clock: Clock, recorder: Recorder, worker: Worker
) -> None:
    await rows.put(Due(recorder.kind, "a#b", clock.in_ms(5)))
    await work(worker)
    assert recorder.handled == []
    clock.now += 5
    await work(worker, worker, Worker(clock=clock, lease=LEASE))
    assert recorder.handled == ["a#b"]
    assert await waiting() == []


async def test_after_a_stop_what_was_due_meanwhile_is_done_oldest_first_some_at_a_time(
    clock: Clock, recorder: Recorder, worker: Worker
) -> None:
    keys = [f"{number:03}" for number in range(3 * CONCURRENCY)]
    for number, key in enumerate(keys):
        await rows.put(Due(recorder.kind, key, clock.in_ms(60 * number)))
    # A week in which no process was there.
    clock.now += 7 * 24 * 3600
    assert await worker.run_round()
    assert sorted(recorder.handled) == keys[:CONCURRENCY]
    assert counts.late >= 7 * 24 * 3600 - 60
    await work(worker)
    assert sorted(recorder.handled) == keys


async def test_an_entry_whose_process_died_is_done_by_another_when_the_lease_is_over(
    clock: Clock, recorder: Recorder, worker: Worker
) -> None:
    await rows.put(Due(recorder.kind, "x", clock.in_ms(0)))

    def die(entry: Due) -> None:
        raise asyncio.CancelledError

    recorder.does = die
    await work(worker)
    recorder.does = lambda entry: None
    other = Worker(clock=clock, lease=LEASE)
    clock.now += LEASE - 1
    await work(other)
    assert recorder.handled == []
    clock.now += 2
    await work(other)
    assert recorder.handled == ["x"]
    assert await waiting() == []


async def test_a_lease_of_a_clock_that_went_wrong_does_not_hold_back(clock: Clock, recorder: Recorder) -> None:
    await rows.put(Due(recorder.kind, "x", clock.in_ms(0)))
    (placed,) = await waiting()
    assert await rows.take(placed, now=0, until=clock.in_ms(24 * 3600))
    await work(Worker(clock=clock, lease=LEASE))
    assert recorder.handled == ["x"]


async def test_a_clock_that_goes_back_does_nothing_twice_and_loses_nothing(
    clock: Clock, recorder: Recorder, worker: Worker
) -> None:
    for key, seconds in {"a": 0, "b": 100}.items():
        await rows.put(Due(recorder.kind, key, clock.in_ms(seconds)))
    await work(worker)
    clock.now -= 3600
    await work(worker)
    assert recorder.handled == ["a"]
    await rows.put(Due(recorder.kind, "c", clock.in_ms(1)))
    clock.now += 2
    await work(worker)
    assert recorder.handled == ["a", "c"]
    clock.now += 2 * 3600
    await work(worker)
    assert recorder.handled == ["a", "c", "b"]


async def test_what_fails_is_tried_again_later_each_time_and_set_aside(
    clock: Clock, recorder: Recorder, worker: Worker
) -> None:
    at = clock.in_ms(0)
    await rows.put(Due(recorder.kind, "bad", at))

    def fail(entry: Due) -> None:
        assert entry.at == at
        recorder.handled.append(entry.key)
        raise ValueError("no")

    recorder.does = fail
    delays = []
    for number in range(1, MAX_TRIES + 1):
        await work(worker)
        assert len(recorder.handled) == number
        if number < MAX_TRIES:
            (placed,) = await waiting()
            delays.append(placed.place / 1000 - clock.now)
            clock.now += delays[-1] + 0.01
    assert all(later > 1.1 * earlier for earlier, later in pairwise(delays))
    assert await waiting() == []
    (aside,) = await services.list_aside()
    assert (aside.entry, aside.tries, aside.error) == (Due(recorder.kind, "bad", at), MAX_TRIES, "ValueError('no')")


async def test_what_was_set_aside_is_listed_and_tried_again_by_a_command(recorder: Recorder, clock: Clock) -> None:
    for key in "ab":
        await rows.put(Due(recorder.kind, key, clock.in_ms(0)))
    for placed in await waiting():
        taken = await rows.take(placed, now=0, until=1)
        assert taken
        await rows.set_aside(taken, "broken")
    listed = await asyncio.to_thread(_command)
    assert listed.count("broken") == 2
    item = listed.splitlines()[0].split(": ")[0]
    assert await asyncio.to_thread(_command, "retry", item) == "1 tried again\n"
    assert await asyncio.to_thread(_command, "retry") == "1 tried again\n"
    with pytest.raises(CommandError):
        await asyncio.to_thread(_command, "retry", item)
    await work(Worker(clock=clock, lease=LEASE))
    assert sorted(recorder.handled) == ["a", "b"]


def _command(*arguments: str) -> str:
    out = StringIO()
    call_command("due", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("error", [Unavailable(), RateLimited(retry_after=2)], ids=["unavailable", "rate limited"])
async def test_a_store_that_is_away_and_a_budget_that_is_used_up_count_as_no_try(
    clock: Clock, recorder: Recorder, worker: Worker, error: Exception
) -> None:
    await rows.put(Due(recorder.kind, "x", clock.in_ms(0)))

    def fail(entry: Due) -> None:
        raise error

    recorder.does = fail
    for _ in range(3 * MAX_TRIES):
        await work(worker)
        clock.now += 6
    recorder.does = lambda entry: None
    await work(worker)
    assert recorder.handled == ["x"]


async def test_a_process_that_dies_with_an_entry_each_time_is_spared_it_in_the_end(
    clock: Clock, recorder: Recorder, worker: Worker
) -> None:
    await rows.put(Due(recorder.kind, "deadly", clock.in_ms(0)))

    def die(entry: Due) -> None:
        raise asyncio.CancelledError

    recorder.does = die
    for _ in range(MAX_TRIES + 1):
        await work(worker)
        clock.now += LEASE + 1
    assert [placed.entry.key for placed in await services.list_aside()] == ["deadly"]


async def test_an_entry_that_only_a_later_version_handles_is_left_to_it_for_an_hour(
    clock: Clock, recorder: Recorder, worker: Worker
) -> None:
    await rows.put(Due("of the future", "x", clock.in_ms(0)))
    clock.now += 3500
    await work(worker)
    assert len(await waiting()) == 1
    clock.now += 200
    await work(worker)
    assert [placed.error for placed in await services.list_aside()] == ["nobody handles it"]


async def test_an_entry_that_is_put_anew_while_it_is_handled_is_handled_again(
    clock: Clock, recorder: Recorder, worker: Worker
) -> None:
    entry = Due(recorder.kind, "x", clock.in_ms(0))
    await rows.put(entry)
    (placed,) = await waiting()
    taken = await rows.take(placed, now=0, until=clock.in_ms(LEASE))
    assert taken
    await rows.put(entry)
    await rows.remove(taken)
    await work(worker)
    assert recorder.handled == ["x"]


async def test_entries_that_others_have_do_not_hide_those_behind_them(
    clock: Clock, recorder: Recorder, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("users.due.worker._LOOK", 2)
    for number in range(24):
        await rows.put(Due("of the future", str(number), clock.in_ms(-1)))
    await rows.put(Due(recorder.kind, "behind", clock.in_ms(0)))
    await work(worker)
    assert recorder.handled == ["behind"]


async def test_what_is_found_while_the_worker_stops_is_left_to_others(
    clock: Clock, recorder: Recorder, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    await rows.put(Due(recorder.kind, "x", clock.in_ms(0)))
    find, looks, goes_on = rows.find_due, asyncio.Event(), asyncio.Event()

    async def find_slowly(shard: int, until: int, **more: Any) -> list[rows.Placed]:
        looks.set()
        await goes_on.wait()
        return await find(shard, until, **more)

    monkeypatch.setattr(rows, "find_due", find_slowly)
    running = asyncio.create_task(worker.run())
    await looks.wait()
    await worker.stop()
    goes_on.set()
    await running
    monkeypatch.undo()
    assert recorder.handled == []
    assert [placed.tries for placed in await waiting()] == [0]
