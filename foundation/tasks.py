"""Work that goes on when the one who asked for it is gone: a client hangs up, and its request is cancelled."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

# The loop itself keeps tasks only weakly.
_going_on: set[asyncio.Task[Any]] = set()


def keep(work: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
    """Start the work as a task that nobody else need hold."""
    task = asyncio.create_task(work)
    _going_on.add(task)
    task.add_done_callback(_going_on.discard)
    return task


async def finish(work: Coroutine[Any, Any, T]) -> T:
    """Return or raise what the work does; when the caller is cancelled meanwhile, it goes on to its end."""
    return await asyncio.shield(keep(work))
