"""What is set aside is given up first, by its handler, so that whoever waits for it learns of it."""

import asyncio

from foundation.errors import Unavailable
from users.due import rows, services
from users.due.entry import Due
from users.due.worker import MAX_TRIES, Worker

from .conftest import LEASE, Clock, Recorder, waiting, work


async def _exhaust(clock: Clock, worker: Worker) -> None:
    """Let what is due fail as often as it may."""
    for _ in range(MAX_TRIES):
        await work(worker)
        clock.now += 2 * 3600


def _fail(entry: Due) -> None:
    raise ValueError("no")


async def test_it_is_given_up_once_when_it_is_set_aside(clock: Clock, recorder: Recorder, worker: Worker) -> None:
    await rows.put(Due(recorder.kind, "bad", clock.in_ms(0)))
    recorder.does = _fail
    await _exhaust(clock, worker)
    assert recorder.given_up == ["bad"]
    assert [placed.error for placed in await services.list_aside()] == ["ValueError('no')"]


async def test_while_the_store_is_away_it_waits_to_be_given_up(
    clock: Clock, recorder: Recorder, worker: Worker
) -> None:
    await rows.put(Due(recorder.kind, "bad", clock.in_ms(0)))

    def be_away(entry: Due) -> None:
        raise Unavailable

    recorder.does, recorder.gives_up = _fail, be_away
    await _exhaust(clock, worker)
    for _ in range(MAX_TRIES):
        await work(worker)
        clock.now += 6
    assert len(await waiting()) == 1
    recorder.gives_up = lambda entry: None
    await work(worker)
    assert recorder.given_up == ["bad"]
    assert len(await services.list_aside()) == 1


async def test_a_failure_to_give_up_does_not_hold_it_back(clock: Clock, recorder: Recorder, worker: Worker) -> None:
    await rows.put(Due(recorder.kind, "bad", clock.in_ms(0)))
    recorder.does = recorder.gives_up = _fail
    await _exhaust(clock, worker)
    assert len(await services.list_aside()) == 1


async def test_giving_up_that_kills_its_process_is_spared_it_in_the_end(
    clock: Clock, recorder: Recorder, worker: Worker
) -> None:
    await rows.put(Due(recorder.kind, "deadly", clock.in_ms(0)))

    def die(entry: Due) -> None:
        raise asyncio.CancelledError

    recorder.does = recorder.gives_up = die
    for _ in range(MAX_TRIES + 4):
        await work(worker)
        clock.now += LEASE + 1
    assert [placed.entry.key for placed in await services.list_aside()] == ["deadly"]
