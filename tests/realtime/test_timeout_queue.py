"""Time-outs of one length share a timer, and nobody is called early, twice, or after they were let off."""

import asyncio

import pytest

from realtime.transport.timeout_queue import TimeoutQueue

pytestmark = pytest.mark.unit

SECONDS = 0.05


class Called:
    """Who was called, and when each fell due."""

    def __init__(self) -> None:
        self.items: list[str] = []
        self.times: list[float] = []
        self.changed = asyncio.Condition()

    def __call__(self, item: str, at: float) -> None:
        self.items.append(item)
        self.times.append(at)

    async def until(self, count: int) -> list[str]:
        async with asyncio.timeout(10):
            while len(self.items) < count:  # noqa: ASYNC110 - the callback is no coroutine
                await asyncio.sleep(0.005)
        return self.items


async def test_items_are_called_in_their_order_and_not_before_their_time() -> None:
    called = Called()
    lineup = TimeoutQueue(SECONDS, called)
    began = asyncio.get_running_loop().time()
    for item in "abc":
        lineup.add(item)
    assert await called.until(3) == ["a", "b", "c"]
    assert all(at >= began + SECONDS for at in called.times)
    assert "a" not in lineup


async def test_who_was_let_off_is_not_called_and_who_began_anew_is_called_later() -> None:
    called = Called()
    lineup = TimeoutQueue(SECONDS, called)
    for item in "abc":
        lineup.add(item)
    lineup.discard("b")
    lineup.add("a")
    assert await called.until(2) == ["c", "a"]


async def test_who_is_called_may_begin_anew_from_when_it_fell_due() -> None:
    called = Called()

    def again(item: str, at: float) -> None:
        called(item, at)
        if len(called.items) < 3:
            lineup.add(item, since=at)

    lineup = TimeoutQueue(SECONDS, again)
    lineup.add("a")
    await called.until(3)
    gaps = [later - earlier for earlier, later in zip(called.times, called.times[1:], strict=False)]
    assert all(abs(gap - SECONDS) < 1e-6 for gap in gaps)


async def test_a_closed_one_calls_nobody() -> None:
    called = Called()
    lineup = TimeoutQueue(SECONDS, called)
    lineup.add("a")
    lineup.close()
    other = TimeoutQueue(SECONDS * 2, called)
    other.add("b")
    assert await called.until(1) == ["b"]
