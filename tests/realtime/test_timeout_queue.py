"""Time-outs of one length share a timer; no item is due early, twice, or after it was discarded."""

import asyncio

import pytest

from realtime.transport.timeout_queue import TimeoutQueue

pytestmark = pytest.mark.unit

SECONDS = 0.05


class Recorder:
    """Records the items that fell due, and when."""

    def __init__(self) -> None:
        self.items: list[str] = []
        self.times: list[float] = []
        self._called = asyncio.Event()

    def __call__(self, item: str, at: float) -> None:
        self.items.append(item)
        self.times.append(at)
        self._called.set()

    async def until(self, count: int) -> list[str]:
        async with asyncio.timeout(10):
            while len(self.items) < count:
                self._called.clear()
                await self._called.wait()
        return self.items


async def test_items_fall_due_in_order_and_not_early() -> None:
    recorder = Recorder()
    queue = TimeoutQueue(SECONDS, recorder)
    began = asyncio.get_running_loop().time()
    for item in "abc":
        queue.add(item)
    assert await recorder.until(3) == ["a", "b", "c"]
    assert all(at >= began + SECONDS for at in recorder.times)
    assert "a" not in queue


async def test_a_discarded_item_never_falls_due_and_one_that_was_added_again_does_so_later() -> None:
    recorder = Recorder()
    queue = TimeoutQueue(SECONDS, recorder)
    for item in "abc":
        queue.add(item)
    queue.discard("b")
    queue.add("a")
    assert await recorder.until(2) == ["c", "a"]


async def test_a_due_item_may_be_added_again_since_it_fell_due() -> None:
    recorder = Recorder()

    def again(item: str, at: float) -> None:
        recorder(item, at)
        if len(recorder.items) < 3:
            queue.add(item, since=at)

    queue = TimeoutQueue(SECONDS, again)
    queue.add("a")
    await recorder.until(3)
    gaps = [later - earlier for earlier, later in zip(recorder.times, recorder.times[1:], strict=False)]
    assert all(abs(gap - SECONDS) < 1e-6 for gap in gaps)


async def test_nothing_falls_due_in_a_closed_queue() -> None:
    recorder = Recorder()
    queue = TimeoutQueue(SECONDS, recorder)
    queue.add("a")
    queue.close()
    other = TimeoutQueue(SECONDS * 2, recorder)
    other.add("b")
    assert await recorder.until(1) == ["b"]


async def test_an_error_with_one_item_does_not_stop_the_others() -> None:
    recorder = Recorder()

    def on_due(item: str, at: float) -> None:
        if item == "bad":
            queue.add("later")
            raise RuntimeError("a bug")
        recorder(item, at)

    queue = TimeoutQueue(SECONDS, on_due)
    for item in ("bad", "good"):
        queue.add(item)
    assert await recorder.until(2) == ["good", "later"]
