"""Concurrent reads are merged into few requests, and one caller's failure or cancellation is not another's."""

import asyncio
from typing import Any

import pytest
from pynamodb.exceptions import PynamoDBException

from dynamodb import store
from dynamodb.batch_loader import BatchLoader
from foundation.errors import Unavailable
from groups.rows import GroupRow


class StoreCalls:
    """Counts the store's calls; the next ones raise `failure`, or wait for `hold`."""

    def __init__(self) -> None:
        self.count = 0
        self.failure: Exception | None = None
        self.hold: asyncio.Event | None = None
        self.started = asyncio.Event()


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> StoreCalls:
    counter, original = StoreCalls(), store.call

    async def call(function: Any) -> Any:
        counter.count += 1
        counter.started.set()
        if counter.failure:
            raise counter.failure
        if counter.hold:
            await counter.hold.wait()
        return await original(function)

    monkeypatch.setattr(store, "call", call)
    return counter


@pytest.fixture
def loader() -> BatchLoader[GroupRow]:
    return BatchLoader(GroupRow, lambda row: (row.group_id, row.item))


async def save_rows(group_id: str, count: int) -> list[tuple[str, str]]:
    keys = [(group_id, f"member#{number:03}") for number in range(count)]
    for key in keys:
        await store.call(GroupRow(*key, role="member").save)
    return keys


async def start_held_read(
    loader: BatchLoader[GroupRow], key: tuple[str, str], calls: StoreCalls
) -> "asyncio.Task[list[GroupRow]]":
    """Return a read whose call has been made and is held; the count of calls starts with it."""
    calls.count, calls.hold = 0, asyncio.Event()
    calls.started.clear()
    read = asyncio.create_task(loader.load([key]))
    await calls.started.wait()
    return read


async def test_each_caller_gets_its_rows_in_its_own_order(loader: BatchLoader[GroupRow], calls: StoreCalls) -> None:
    keys = await save_rows("gathered-1", 120)
    calls.count = 0
    reads = [loader.load([keys[n], ("gathered-1", "missing"), keys[119 - n]]) for n in range(60)]
    results = await asyncio.gather(*reads)
    assert calls.count == 2
    for n, result in enumerate(results):
        assert [(row.group_id, row.item) for row in result] == [keys[n], keys[119 - n]]


async def test_a_later_read_sees_what_was_written_before_it(loader: BatchLoader[GroupRow]) -> None:
    key = ("gathered-2", "group")
    assert await loader.load([key]) == []
    await store.call(GroupRow(*key, name="new").save)
    assert [row.name for row in await loader.load([key])] == ["new"]


async def test_a_cancelled_caller_does_not_cancel_the_read_of_the_others(loader: BatchLoader[GroupRow]) -> None:
    keys = await save_rows("gathered-3", 2)
    cancelled, other = (asyncio.create_task(loader.load([key])) for key in keys)
    await asyncio.sleep(0)
    cancelled.cancel()
    assert [row.item for row in await other] == [keys[1][1]]


async def test_requests_during_a_read_form_one_batch(loader: BatchLoader[GroupRow], calls: StoreCalls) -> None:
    keys = await save_rows("gathered-5", 20)
    first = await start_held_read(loader, keys[0], calls)
    others = [asyncio.create_task(loader.load([key])) for key in keys[1:]]
    await asyncio.sleep(0)
    assert calls.hold
    calls.hold.set()
    await asyncio.gather(first, *others)
    assert calls.count == 2


async def test_a_read_that_hangs_does_not_block_later_ones(loader: BatchLoader[GroupRow], calls: StoreCalls) -> None:
    keys = await save_rows("gathered-6", 2)
    hanging = await start_held_read(loader, keys[0], calls)
    held, calls.hold = calls.hold, None
    async with asyncio.timeout(15):
        assert [row.item for row in await loader.load(keys[1:])] == [keys[1][1]]
    assert held
    assert not hanging.done()
    held.set()
    assert [row.item for row in await hanging] == [keys[0][1]]


async def test_a_failure_reaches_all_callers_and_the_next_read_works(
    loader: BatchLoader[GroupRow], calls: StoreCalls
) -> None:
    keys = await save_rows("gathered-4", 2)
    calls.failure = Unavailable()
    outcomes = await asyncio.gather(*(loader.load([key]) for key in keys), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Unavailable, Unavailable]
    calls.failure = None
    assert len(await loader.load(keys)) == 2


async def test_a_read_of_no_keys_makes_no_request(loader: BatchLoader[GroupRow], calls: StoreCalls) -> None:
    assert await loader.load([]) == []
    assert calls.count == 0


async def test_a_key_that_is_too_long_has_no_row(loader: BatchLoader[GroupRow]) -> None:
    keys = await save_rows("gathered-long", 1)
    long = [("x" * 3000, "group"), ("é" * 1500, "group"), ("x", "member#" + "x" * 1500)]
    assert [row.item for row in await loader.load([*long, *keys])] == ["member#000"]
    assert await loader.load(long) == []


async def test_a_key_that_the_store_refuses_fails_only_the_read_that_has_it(loader: BatchLoader[GroupRow]) -> None:
    keys = await save_rows("gathered-refused", 3)
    reads = [loader.load(wanted) for wanted in (keys[:1], [("", "group")], keys[1:])]
    first, refused, last = await asyncio.gather(*reads, return_exceptions=True)
    assert isinstance(refused, PynamoDBException)
    assert [[row.item for row in rows] for rows in (first, last) if isinstance(rows, list)] == [
        ["member#000"],
        ["member#001", "member#002"],
    ]
