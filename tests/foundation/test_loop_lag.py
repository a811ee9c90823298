"""The lag of the event loop is what those who wait for it feel."""

import asyncio
import time

import pytest

from foundation.loop_lag import LoopLag

pytestmark = pytest.mark.unit


async def test_a_loop_that_stands_still_weighs_as_long_as_it_does() -> None:
    lag = LoopLag()
    assert lag.percentile_ms(50) == lag.percentile_ms(99) == 0.0
    for _ in range(90):
        lag.add(0.001)
    lag.add(1.0)
    # Ten samples were due meanwhile: a tenth of all, of which the median waited for half a second.
    assert lag.percentile_ms(50) == 1.0
    assert lag.percentile_ms(95) > 400
    assert lag.percentile_ms(100) == 1000.0


async def test_only_the_last_minute_counts() -> None:
    lag = LoopLag()
    lag.add(100.0)
    for _ in range(600):
        lag.add(0.002)
    assert lag.percentile_ms(100) == 2.0


async def test_a_loop_that_is_held_up_is_noticed() -> None:
    lag = LoopLag()
    lag.start()
    lag.start()
    try:
        await asyncio.sleep(0.11)
        time.sleep(0.5)  # noqa: ASYNC251 - holds the loop up
        async with asyncio.timeout(10):
            while lag.percentile_ms(100) < 300:  # noqa: ASYNC110 - a timer of its own
                await asyncio.sleep(0.01)
    finally:
        lag.close()
