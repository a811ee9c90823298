"""What is computed for a caller is charged to it, and who owes goes on behind the others while the loop is busy."""

import asyncio
from collections.abc import Iterator
from time import perf_counter

import pytest
from pytest_django import Settings

from foundation.limits import bucket, compute
from foundation.limits.rates import Rate

pytestmark = pytest.mark.unit
WHO, ADDRESS = "user_busy", "address:192.0.2.1"


@pytest.fixture(autouse=True)
def limited(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.RATE_LIMITS = {compute.BUDGET: Rate(40, 8)}
    bucket._buckets.clear()
    monkeypatch.setattr(compute, "_active", compute._Active())
    for number in range(compute._FEW):
        compute._active.add(f"user_{number}")
    yield
    bucket._buckets.clear()


class Busy:
    """A lane that lets go whoever is to go when the test says so."""

    def __init__(self, *, busy: bool, late: float = 1.0) -> None:
        self.late = late if busy else 0.0
        self.waiting: list[float] = []
        self.go = asyncio.Event()

    def is_late(self, spare: float) -> bool:
        return self.late > spare

    async def wait(self, spare: float, behind: float = 0.0, gone: object = None) -> None:
        self.waiting.append(behind)
        await self.go.wait()


def compute_for(seconds: float) -> None:
    until = perf_counter() + seconds
    while perf_counter() < until:
        pass


async def test_what_is_waited_for_is_not_measured() -> None:
    meter = compute.Meter()

    async def work() -> str:
        compute_for(0.01)
        await asyncio.sleep(0.2)
        compute_for(0.01)
        return "done"

    assert await meter.run(work()) == "done"
    assert 0.02 <= meter.seconds < 0.2


async def test_errors_and_cancellations_reach_what_is_measured() -> None:
    caught: list[str] = []

    async def work() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            caught.append("cancelled")
            raise

    task = asyncio.create_task(compute.metered(WHO, work()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert caught == ["cancelled"]

    async def fail() -> None:
        await asyncio.sleep(0)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await compute.metered(WHO, fail())


async def test_what_a_meter_within_another_measures_counts_once() -> None:
    outer, inner = compute.Meter(), compute.Meter()

    async def work() -> None:
        compute_for(0.005)
        await inner.run(asyncio.sleep(0))

    async def both() -> None:
        compute_for(0.008)
        await inner.run(work())

    began = perf_counter()
    await outer.run(both())
    assert (inner.seconds >= 0.005, outer.seconds >= 0.008) == (True, True)
    assert inner.seconds + outer.seconds <= perf_counter() - began


async def test_who_has_used_up_the_budget_waits_while_the_loop_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    lane = Busy(busy=True)
    monkeypatch.setattr(compute, "lane", lambda: lane)
    compute.charge(WHO, 0.1)
    waiting = asyncio.create_task(compute.wait_for_turn(WHO))
    await compute.wait_for_turn("user_quiet")
    await asyncio.sleep(0)
    assert not waiting.done()
    lane.go.set()
    await waiting
    # 0.1 s are charged, of which a user has 0.04: what is left is 0.075 of the most that one may owe.
    assert lane.waiting == [pytest.approx(0.375, abs=0.02)]


async def test_what_waits_for_one_that_owes_lies_one_behind_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    lane = Busy(busy=True)
    monkeypatch.setattr(compute, "lane", lambda: lane)
    compute.charge(WHO, 0.1)
    waiting = [asyncio.create_task(compute.wait_for_turn(WHO)) for _ in range(100)]
    await asyncio.sleep(0)
    assert lane.waiting[99] - lane.waiting[0] == pytest.approx(99 * 0.05, abs=0.2)
    lane.go.set()
    await asyncio.gather(*waiting)
    assert not compute._queued


async def test_what_the_machine_did_meanwhile_is_not_charged() -> None:
    """A step of a second has not computed for a second: steps are short."""
    meter = compute.Meter()

    async def interrupted() -> None:
        compute_for(0.05)

    await meter.run(interrupted())
    assert meter.seconds <= compute._LONGEST_STEP
    compute.charge_step(WHO, 1.0)
    assert bucket.owed(compute.BUDGET, WHO) <= 1000 * compute._LONGEST_STEP


async def test_an_address_that_was_seen_before_has_the_whole_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compute, "lane", lambda: Busy(busy=True))
    compute.charge(ADDRESS, 0.001)
    assert not compute.must_wait(ADDRESS)
    compute.charge(ADDRESS, 0.003)
    assert compute.must_wait(ADDRESS)
    key = (compute.BUDGET, ADDRESS)
    tokens, at = bucket._buckets[key]
    bucket._buckets[key] = (tokens, at - 60)
    compute.charge(ADDRESS, 0.039)
    assert not compute.must_wait(ADDRESS)


async def test_a_user_has_the_whole_budget_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whom it is computed for is known: nobody becomes another user to begin anew."""
    monkeypatch.setattr(compute, "lane", lambda: Busy(busy=True))
    compute.charge(WHO, 0.039)
    assert not compute.must_wait(WHO)
    compute.charge(WHO, 0.003)
    assert compute.must_wait(WHO)


async def test_nobody_waits_while_the_loop_has_time(monkeypatch: pytest.MonkeyPatch) -> None:
    lane = Busy(busy=False)
    monkeypatch.setattr(compute, "lane", lambda: lane)
    compute.charge(WHO, 0.5)
    await compute.wait_for_turn(WHO)
    await compute.wait_for_turn("")
    assert lane.waiting == []


async def test_where_a_few_callers_are_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compute, "lane", lambda: Busy(busy=True))
    monkeypatch.setattr(compute, "_active", compute._Active())
    compute.charge(WHO, 0.5)
    assert not compute.must_wait(WHO)
    for number in range(compute._FEW):
        compute.charge(f"user_{number}", 0.001)
    assert compute.must_wait(WHO)
    monkeypatch.setattr(compute, "_ACTIVE", 0.0)
    assert not compute.must_wait(WHO)


async def test_requests_wait_when_the_loop_is_later(monkeypatch: pytest.MonkeyPatch) -> None:
    compute.charge("user_quiet", 0.001)
    monkeypatch.setattr(compute, "lane", lambda: Busy(busy=True, late=0.0005))
    assert not compute.must_wait("user_quiet", is_request=True)
    monkeypatch.setattr(compute, "lane", lambda: Busy(busy=True, late=0.002))
    assert compute.must_wait("user_quiet", is_request=True)
    assert not compute.must_wait("user_quiet")


async def test_without_the_budget_nobody_waits(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.RATE_LIMITS = {}
    monkeypatch.setattr(compute, "lane", lambda: Busy(busy=True))
    await compute.metered(WHO, asyncio.sleep(0))
    compute.charge(WHO, 60)
    assert not compute.must_wait(WHO, is_request=True)
