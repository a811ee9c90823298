"""Tasks that outlive the request that started them (when a client disconnects, it is cancelled), or end together."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from .errors import AppError

P = ParamSpec("P")
T = TypeVar("T")
Item = TypeVar("Item")

# Seconds until a task that goes on is cancelled again.
_CANCEL_AGAIN = 0.1

# The event loop keeps only weak references to tasks.
_running: set[asyncio.Task[Any]] = set()


def create_background_task(coroutine: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Start a task that is not garbage-collected before it ends, even if the caller drops it."""
    task = asyncio.create_task(coroutine)
    _running.add(task)
    task.add_done_callback(_running.discard)
    return task


async def run_to_completion(coroutine: Coroutine[Any, Any, T]) -> T:
    """Await the coroutine; it runs to its end even if the caller is cancelled meanwhile."""
    task = create_background_task(coroutine)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.add_done_callback(_forget_app_error)
        raise


def to_completion(function: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Have a function run to its end even if its caller is cancelled, as `run_to_completion` does."""

    @wraps(function)
    async def run(*args: P.args, **kwargs: P.kwargs) -> T:
        return await run_to_completion(function(*args, **kwargs))

    return run


def _forget_app_error(task: asyncio.Task[Any]) -> None:
    """An `AppError` is for a caller, and there is none any more; of any other error, asyncio's own report is logged."""
    if not task.cancelled() and not isinstance(task.exception(), AppError | None):
        task.get_loop().call_exception_handler(
            {"message": "An act whose caller was cancelled has failed", "exception": task.exception(), "task": task}
        )


async def cancel_and_wait(task: asyncio.Task[Any] | None) -> None:
    """Cancel a task and return when it has ended, so that what it uses may be closed; what it raises is dropped."""
    while task and not task.done():
        # Again: redis-py may take a cancellation for a failure of its connection, and whoever repeats its call goes on.
        task.cancel()
        await asyncio.wait([task], timeout=_CANCEL_AGAIN)
    if task and not task.cancelled():
        task.exception()


async def map_some_at_a_time(
    function: Callable[[Item], Coroutine[Any, Any, T]], items: Sequence[Item], at_once: int
) -> list[T]:
    """Return the results of a function for these items, in their order, of `at_once` of them together.

    Raises the error of the first that fails, as `gather_or_cancel` does; those behind it are not begun.
    """
    results: list[T] = []
    for start in range(0, len(items), at_once):
        results += await gather_or_cancel(map(function, items[start : start + at_once]))
    return results


async def gather_or_cancel(coroutines: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Return the results of all; if one fails or the caller is cancelled, cancel the others and wait for their end.

    Raises the error of the first that fails. `asyncio.gather` would let the others go on after that.
    """
    tasks = [asyncio.create_task(coroutine) for coroutine in coroutines]
    try:
        return await asyncio.gather(*tasks)
    except BaseException:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
