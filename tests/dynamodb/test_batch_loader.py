"""Rows that many want at once cost few calls, and nobody's fate is another's."""

import asyncio
from typing import Any

import pytest

from dynamodb import store
from dynamodb.batch_loader import BatchLoader
from foundation.errors import Unavailable
from groups.models import GroupRow


class Calls:
    """Counts the store's calls; `failure` is what the next one raises, `hold` what it waits for."""

    def __init__(self) -> None:
        self.made = 0
        self.failure: Exception | None = None
        self.hold: asyncio.Event | None = None
        self.begun = asyncio.Event()


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    counted, original = Calls(), store.call

    async def call(function: Any) -> Any:
        counted.made += 1
        counted.begun.set()
        if counted.failure:
            raise counted.failure
        if counted.hold:
            await counted.hold.wait()
        return await original(function)

    monkeypatch.setattr(store, "call", call)
    return counted


@pytest.fixture
def rows() -> BatchLoader[GroupRow]:
    return BatchLoader(GroupRow, lambda row: (row.group_id, row.item))


async def stored(group_id: str, count: int) -> list[tuple[str, str]]:
    keys = [(group_id, f"member#{number:03}") for number in range(count)]
    for key in keys:
        await store.call(GroupRow(*key, role="member").save)
    return keys


async def under_way(rows: BatchLoader[GroupRow], key: tuple[str, str], calls: Calls) -> "asyncio.Task[list[GroupRow]]":
    """Return a read whose call has been made, the first that counts, and is held."""
    calls.made, calls.hold = 0, asyncio.Event()
    calls.begun.clear()
    reading = asyncio.create_task(rows.read([key]))
    await calls.begun.wait()
    return reading


async def test_each_gets_the_rows_that_it_asked_for_in_its_own_order(rows: BatchLoader[GroupRow], calls: Calls) -> None:
    keys = await stored("gathered-1", 120)
    calls.made = 0
    askers = [rows.read([keys[n], ("gathered-1", "missing"), keys[119 - n]]) for n in range(60)]
    answers = await asyncio.gather(*askers)
    assert calls.made == 2
    for n, answer in enumerate(answers):
        assert [(row.group_id, row.item) for row in answer] == [keys[n], keys[119 - n]]


async def test_what_is_asked_for_later_sees_what_was_written_meanwhile(rows: BatchLoader[GroupRow]) -> None:
    key = ("gathered-2", "group")
    assert await rows.read([key]) == []
    await store.call(GroupRow(*key, name="new").save)
    assert [row.name for row in await rows.read([key])] == ["new"]


async def test_who_goes_away_does_not_take_the_read_from_the_others(rows: BatchLoader[GroupRow]) -> None:
    keys = await stored("gathered-3", 2)
    going, staying = (asyncio.create_task(rows.read([key])) for key in keys)
    await asyncio.sleep(0)
    going.cancel()
    assert [row.item for row in await staying] == [keys[1][1]]


async def test_who_comes_while_a_read_is_under_way_leaves_together(rows: BatchLoader[GroupRow], calls: Calls) -> None:
    keys = await stored("gathered-5", 20)
    first = await under_way(rows, keys[0], calls)
    others = [asyncio.create_task(rows.read([key])) for key in keys[1:]]
    await asyncio.sleep(0)
    assert calls.hold
    calls.hold.set()
    await asyncio.gather(first, *others)
    assert calls.made == 2


async def test_a_read_that_hangs_does_not_hold_up_those_behind_it(rows: BatchLoader[GroupRow], calls: Calls) -> None:
    keys = await stored("gathered-6", 2)
    hanging = await under_way(rows, keys[0], calls)
    held, calls.hold = calls.hold, None
    async with asyncio.timeout(15):
        assert [row.item for row in await rows.read(keys[1:])] == [keys[1][1]]
    assert held
    assert not hanging.done()
    held.set()
    assert [row.item for row in await hanging] == [keys[0][1]]


async def test_a_failure_reaches_everybody_and_the_next_read_starts_afresh(
    rows: BatchLoader[GroupRow], calls: Calls
) -> None:
    keys = await stored("gathered-4", 2)
    calls.failure = Unavailable()
    outcomes = await asyncio.gather(*(rows.read([key]) for key in keys), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Unavailable, Unavailable]
    calls.failure = None
    assert len(await rows.read(keys)) == 2


async def test_nothing_asked_costs_nothing(rows: BatchLoader[GroupRow], calls: Calls) -> None:
    assert await rows.read([]) == []
    assert calls.made == 0
