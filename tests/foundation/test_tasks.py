"""Coroutines that are awaited together end together; what outlives its caller is reported only if it is a bug."""

import asyncio
import gc
from contextlib import suppress
from typing import Any

import pytest

from foundation.errors import Unavailable
from foundation.tasks import cancel_and_wait, gather_or_cancel, map_some_at_a_time, run_to_completion

pytestmark = pytest.mark.unit


class Waiting:
    """Coroutines that wait until they are cancelled."""

    def __init__(self) -> None:
        self.started = asyncio.Event()
        self.cancelled = 0

    async def wait(self) -> None:
        self.started.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            # One step more: the caller must wait for that too.
            await asyncio.sleep(0)
            self.cancelled += 1
            raise


async def double(number: int) -> int:
    await asyncio.sleep(0)
    return 2 * number


async def test_results_are_returned_in_order() -> None:
    assert await gather_or_cancel(map(double, [3, 1, 2])) == [6, 2, 4]


async def test_when_one_fails_the_others_are_cancelled_before_its_error_is_raised() -> None:
    waiting = Waiting()

    async def fail() -> None:
        await waiting.started.wait()
        raise ValueError("the first")

    with pytest.raises(ValueError, match="the first"):
        await gather_or_cancel([waiting.wait(), fail(), waiting.wait()])
    assert waiting.cancelled == 2


async def test_when_the_caller_is_cancelled_all_are_cancelled() -> None:
    waiting = Waiting()
    caller = asyncio.create_task(gather_or_cancel([waiting.wait(), waiting.wait()]))
    await waiting.started.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert waiting.cancelled == 2


@pytest.mark.parametrize(("error", "reported"), [(Unavailable(), False), (ValueError("a bug"), True)])
async def test_an_error_that_comes_after_its_caller_has_gone(error: Exception, *, reported: bool) -> None:
    reports: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: reports.append(context))
    started, released = asyncio.Event(), asyncio.Event()

    async def fail() -> None:
        started.set()
        await released.wait()
        raise error

    caller = asyncio.create_task(run_to_completion(fail()))
    await started.wait()
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    released.set()
    # It ends in one step, and its callbacks are called in the next.
    for _ in range(3):
        await asyncio.sleep(0)
    gc.collect()
    # What others have left may be reported at the same moment.
    own = [context["exception"] for context in reports if context.get("exception") is error]
    assert own == ([error] if reported else [])


async def test_what_takes_its_cancellation_for_a_failure_is_cancelled_again() -> None:
    async def repeat() -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await asyncio.Event().wait()

    task = asyncio.create_task(repeat())
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await cancel_and_wait(task)
    assert task.cancelled()


async def test_what_a_cancelled_task_raises_is_dropped() -> None:
    async def fail() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError

    task = asyncio.create_task(fail())
    await asyncio.sleep(0)
    await cancel_and_wait(task)
    assert task.done()
    await cancel_and_wait(None)


async def test_some_are_run_at_a_time_and_none_is_begun_after_a_failure() -> None:
    begun: list[int] = []

    async def double(number: int) -> int:
        begun.append(number)
        await asyncio.sleep(0)
        if number == 3:
            raise ValueError
        return 2 * number

    assert await map_some_at_a_time(double, [0, 1, 2], 2) == [0, 2, 4]
    begun.clear()
    with pytest.raises(ValueError):  # noqa: PT011 - the one above
        await map_some_at_a_time(double, range(8), 2)
    assert begun == [0, 1, 2, 3]
