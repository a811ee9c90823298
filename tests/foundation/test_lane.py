"""Who waits for the event loop, and in which order: a lane that is told how late the loop is."""

import asyncio
import time

import pytest

from foundation.limits.lane import OWING, REQUEST, Lag, Lane

pytestmark = pytest.mark.unit


class Told(Lane):
    """A lane that is as late as the test says."""

    def __init__(self, *, late: float) -> None:
        super().__init__()
        self.late, self.looks = late, 0

    def _look(self, due: float, after: float) -> None:
        self.looks += 1
        self._used_at, self._used = self._loop.time(), -self.late
        super()._look(self._loop.time() - self.late, after)


@pytest.fixture
def order() -> list[str]:
    return []


async def go(lane: Lane, order: list[str], name: str, behind: float) -> None:
    await lane.wait(OWING, behind)
    order.append(name)


async def test_whoever_is_behind_the_least_goes_first(order: list[str]) -> None:
    lane = Told(late=0.0)
    waiting = [asyncio.create_task(go(lane, order, name, behind)) for name, behind in (("c", 5), ("a", 0), ("b", 0.5))]
    await asyncio.gather(*waiting)
    assert order == ["a", "b", "c"]


async def test_while_the_loop_is_late_one_goes_now_and_then(order: list[str]) -> None:
    lane = Told(late=1.0)
    began = asyncio.get_running_loop().time()
    await asyncio.gather(*(go(lane, order, str(number), 0) for number in range(3)))
    # The first at once: nobody has gone before.
    assert asyncio.get_running_loop().time() - began > 2 * 0.05
    assert lane.is_late(OWING)
    assert lane.is_late(REQUEST)


async def test_requests_go_before_those_that_owe(order: list[str]) -> None:
    lane = Told(late=1.0)
    owing = asyncio.create_task(go(lane, order, "owing", 0))
    await asyncio.sleep(0)
    await lane.wait(REQUEST)
    assert order == []
    await owing


async def test_those_that_owe_have_their_turns_while_requests_keep_coming(order: list[str]) -> None:
    lane = Told(late=1.0)
    asking = [asyncio.create_task(go(lane, order, "asked", 0)) for _ in range(3)]
    owing = asyncio.create_task(go(lane, order, "owing", 0))
    while not owing.done():
        await lane.wait(REQUEST)
    for task in asking:
        task.cancel()


async def test_nobody_overtakes_for_ever(order: list[str]) -> None:
    """Who is behind by a little goes before who comes later than that."""
    lane = Told(late=1.0)
    first = asyncio.create_task(go(lane, order, "first", 0.01))
    await asyncio.sleep(0.02)
    later = [asyncio.create_task(go(lane, order, "later", 0)) for _ in range(3)]
    await asyncio.gather(first, *later)
    assert order[:2] in (["first", "later"], ["later", "first"])


async def test_whoever_is_gone_takes_no_turn(order: list[str]) -> None:
    lane = Told(late=1.0)
    gone = asyncio.create_task(go(lane, order, "gone", 0))
    await asyncio.sleep(0)
    gone.cancel()
    await go(lane, order, "here", 0)
    assert order == ["here"]


async def test_a_thousand_whose_clients_have_gone_take_no_turns(order: list[str]) -> None:
    lane = Told(late=0.0)
    gone = [asyncio.create_task(lane.wait(OWING, gone=lambda: True)) for _ in range(1_000)]
    await asyncio.sleep(0)
    await go(lane, order, "here", 0)
    # Fifty at a look.
    assert lane.looks <= 25
    await asyncio.gather(*gone)


async def test_a_machine_that_is_busy_with_something_else_makes_nobody_wait() -> None:
    lane = Lane()
    lane._used, lane._used_at = time.process_time(), asyncio.get_running_loop().time() - 1.0
    lane._look(asyncio.get_running_loop().time() - 1.0, 0.02)
    assert not lane.is_late(OWING)


def test_the_lag_is_what_a_random_arrival_waits_for() -> None:
    lag = Lag()
    for _ in range(200):
        lag.add(0.01, 0.0)
    # The loop is always busy for 10 ms: on average 5 of them are still to come.
    assert lag.average == pytest.approx(0.005)
    for _ in range(200):
        lag.add(0.0, 0.02)
    assert lag.average == pytest.approx(0.0, abs=1e-6)
