"""Long computing gives the event loop back."""

import asyncio
import time

import pytest

from foundation.slices import in_slices

pytestmark = pytest.mark.unit


async def test_others_have_their_turns_between_the_items_of_a_long_computation() -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count())
    async for _ in in_slices(range(5)):
        until = time.perf_counter() + 0.003
        while time.perf_counter() < until:
            pass
    counting.cancel()
    assert turns == 5


async def test_short_computing_is_not_interrupted() -> None:
    turns: list[int] = []
    loop = asyncio.get_running_loop()
    loop.call_soon(turns.append, 1)
    assert [item async for item in in_slices(range(3))] == [0, 1, 2]
    assert not turns
