"""An alarm rings when something is expected, and from time to time."""

import asyncio
import time

import pytest

from foundation.alarm import Alarm

pytestmark = pytest.mark.unit

DAY = 24 * 3600.0


async def test_it_rings_when_something_is_expected_first_things_first() -> None:
    alarm = Alarm()
    present = time.time()
    for seconds in (DAY, 0.2, 0.1):
        alarm.expect(present + seconds)
    for seconds in (0.1, 0.2):
        await alarm.wait(0.0, DAY)
        assert time.time() >= present + seconds


async def test_who_waits_learns_of_what_comes_sooner() -> None:
    alarm = Alarm()
    alarm.expect(time.time() + DAY)
    waiting = asyncio.create_task(alarm.wait(0.0, DAY))
    await asyncio.sleep(0)
    alarm.expect(time.time())
    await waiting


async def test_it_rings_from_time_to_time_and_not_too_often() -> None:
    alarm = Alarm()
    begin = time.monotonic()
    await alarm.wait(0.0, 0.05)
    alarm.expect(0.0)
    await alarm.wait(0.1, DAY)
    assert time.monotonic() - begin >= 0.15


async def test_what_is_forgotten_does_not_ring_and_the_end_lets_all_go() -> None:
    alarm = Alarm()
    alarm.expect(time.time() + 0.01)
    alarm.forget()
    waiting = asyncio.create_task(alarm.wait(0.0, DAY))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    alarm.end()
    await waiting
    await alarm.wait(DAY, DAY)
