"""Reads that several callers want at once are made once, and only a few at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from foundation.limits import compute

T = TypeVar("T")


class SharedReads(Generic[T]):
    """After a restart a thousand clients reconnect with the same position: they share one read of the log."""

    def __init__(self, max_concurrent: int) -> None:
        self._tasks: dict[Hashable, asyncio.Task[T]] = {}
        self._semaphore = asyncio.Semaphore(max_concurrent)
        # How many reads were made.
        self.count = 0

    async def read(self, key: Hashable, read: Callable[[], Awaitable[T]]) -> T:
        """Return the result of `read()`, or of the read in progress that has the same key."""
        task = self._tasks.get(key)
        if task is None:
            task = self._tasks[key] = asyncio.create_task(self._read(read))
            task.add_done_callback(lambda _: self._tasks.pop(key, None))
        # shield: cancelling one waiter must not cancel the shared task.
        return await asyncio.shield(task)

    async def _read(self, read: Callable[[], Awaitable[T]]) -> T:
        async with self._semaphore:
            self.count += 1
            # Who asked first pays for all.
            return await compute.metered(compute.caller.get(), read())
