"""A worker wakes when something is due, and does not look for it all the time."""

import asyncio
import time
from typing import Any

import pytest

from tests.dynamodb.endpoint import until
from users.due import coming, rows
from users.due.entry import Due
from users.due.worker import Worker

from .conftest import LEASE, Recorder, waiting


@pytest.fixture
async def looks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The partitions that workers look at, who do so by themselves once a day."""
    monkeypatch.setattr("users.due.worker.LOOK_EVERY", 24 * 3600.0)
    find, looked = rows.find_due, list[int]()

    async def find_due(shard: int, until: int, **more: Any) -> list[rows.Placed]:
        looked.append(shard)
        return await find(shard, until, **more)

    monkeypatch.setattr(rows, "find_due", find_due)
    return looked


@pytest.fixture
async def is_done(recorder: Recorder) -> asyncio.Event:
    """Is set when something was done."""
    event = asyncio.Event()
    recorder.does = lambda entry: event.set()
    return event


def _in_ms(seconds: float) -> int:
    return round((time.time() + seconds) * 1000)


async def test_it_wakes_for_what_this_process_writes(
    recorder: Recorder, looks: list[int], is_done: asyncio.Event
) -> None:
    worker = Worker(lease=LEASE)
    running = asyncio.create_task(worker.run())
    await until(lambda: len(looks) == rows.SHARDS)
    await rows.put(Due(recorder.kind, "far", _in_ms(3600)))
    await rows.put(Due(recorder.kind, "near", _in_ms(1)))
    async with asyncio.timeout(20):
        await is_done.wait()
    await worker.stop()
    await running
    assert recorder.handled == ["near"]
    # At the start, and when it was due.
    assert len(looks) <= 3 * rows.SHARDS


async def test_it_wakes_for_what_others_have_written_before_it_looked(
    recorder: Recorder, looks: list[int], is_done: asyncio.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(coming, "note", lambda place: None)
    at = _in_ms(3)
    await rows.put(Due(recorder.kind, "x", at))
    worker = Worker(lease=LEASE)
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(20):
        await is_done.wait()
    assert time.time() * 1000 >= at
    await worker.stop()
    await running
    assert recorder.handled == ["x"]
    assert len(looks) <= 3 * rows.SHARDS


async def test_it_wakes_when_the_lease_of_one_that_died_is_over(
    recorder: Recorder, looks: list[int], is_done: asyncio.Event
) -> None:
    await rows.put(Due(recorder.kind, "x", _in_ms(-10)))
    (placed,) = await waiting()
    assert await rows.take(placed, now=0, until=_in_ms(2))
    worker = Worker(lease=LEASE)
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(20):
        await is_done.wait()
    await worker.stop()
    await running
    assert recorder.handled == ["x"]
