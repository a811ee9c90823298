"""Two servers, or more, under the same load in turns of half a second: what else the machine does meets them alike."""

import asyncio
from collections.abc import Sequence
from typing import Any

from .fixture import Fixture
from .run import Driver, Load, Snapshot, Target, Timing, figures, no_collector, run

TURN_SECONDS = 0.5
Side = tuple[Fixture, Target]


async def run_side_by_side(load: Load, sides: Sequence[Side], timing: Timing) -> list[dict[str, Any]]:
    """Return the figures of each side, and a verdict; one that is alone needs no turns."""
    if len(sides) == 1:
        return [await run(load, *sides[0], timing)]
    return await run_in_turns(load, sides, timing)


async def run_in_turns(load: Load, sides: Sequence[Side], timing: Timing) -> list[dict[str, Any]]:
    """Each side sends for `timing.seconds` in all. Its figures are those of its turns together.

    A turn is measured from its first message until the last one is delivered: nothing is on its way when the other's
    turn comes.
    """
    drivers = [await Driver.connected(load, fixture, target) for fixture, target in sides]
    spans: list[list[tuple[Snapshot, Snapshot]]] = [[] for _ in drivers]
    places = range(len(drivers))
    with no_collector():
        for driver in drivers:
            await _turn(driver, timing.warm, timing.drain)
        for number in range(max(2, round(timing.seconds / TURN_SECONDS))):
            # A B B A: neither always comes after the other.
            for place in places if number % 2 == 0 else reversed(places):
                spans[place].append(await _turn(drivers[place], TURN_SECONDS, timing.drain))
    return [{**figures(turns), **driver.finish()} for driver, turns in zip(drivers, spans, strict=True)]


async def _turn(driver: Driver, seconds: float, patience: float) -> tuple[Snapshot, Snapshot]:
    stop = asyncio.Event()
    start = driver.snapshot()
    sending = asyncio.create_task(driver.send_until(stop))
    await asyncio.sleep(seconds)
    stop.set()
    await sending
    await driver.drain(patience)
    return start, driver.snapshot()
