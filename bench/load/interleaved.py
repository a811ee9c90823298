"""Several servers under the same workload in alternating slices of half a second, so that noise affects them alike."""

import asyncio
from collections.abc import Sequence
from typing import Any

from .fixture import Fixture
from .run import Driver, Sample, Target, Timing, Workload, figures, gc_disabled, run

SLICE_SECONDS = 0.5
Side = tuple[Fixture, Target]


async def run_side_by_side(workload: Workload, sides: Sequence[Side], timing: Timing) -> list[dict[str, Any]]:
    """Return the figures and the verdict of each side; a single one needs no slices."""
    if len(sides) == 1:
        return [await run(workload, *sides[0], timing)]
    return await run_interleaved(workload, sides, timing)


async def run_interleaved(workload: Workload, sides: Sequence[Side], timing: Timing) -> list[dict[str, Any]]:
    """Each side sends for `timing.seconds` in total; its figures are those of all its slices.

    A slice is measured until its last message is delivered, so that nothing is in flight during the other side's slice.
    """
    drivers = [await Driver.connected(workload, fixture, target) for fixture, target in sides]
    slices: list[list[tuple[Sample, Sample]]] = [[] for _ in drivers]
    places = range(len(drivers))
    with gc_disabled():
        for driver in drivers:
            await _run_slice(driver, timing.warm_up, timing.drain_timeout)
        for number in range(max(2, round(timing.seconds / SLICE_SECONDS))):
            # A B B A, so that neither side always runs second.
            for place in places if number % 2 == 0 else reversed(places):
                slices[place].append(await _run_slice(drivers[place], SLICE_SECONDS, timing.drain_timeout))
    return [{**figures(own_slices), **driver.finish()} for driver, own_slices in zip(drivers, slices, strict=True)]


async def _run_slice(driver: Driver, seconds: float, drain_timeout: float) -> tuple[Sample, Sample]:
    stop = asyncio.Event()
    start = driver.sample()
    sending = asyncio.create_task(driver.send_until(stop))
    await asyncio.sleep(seconds)
    stop.set()
    await sending
    await driver.drain(drain_timeout)
    return start, driver.sample()
