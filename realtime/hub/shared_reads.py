"""Reads that many want at once: the same one is made once, and few are under way at a time."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class SharedReads(Generic[T]):
    """After a restart a thousand clients come back with the same position: they share one read of the log."""

    def __init__(self, most_at_once: int) -> None:
        self._under_way: dict[Hashable, asyncio.Task[T]] = {}
        self._places = asyncio.Semaphore(most_at_once)
        self.made = 0

    async def read(self, key: Hashable, make: Callable[[], Awaitable[T]]) -> T:
        """Return what `make` returns, or what it returned to whoever asked for the same and still waits."""
        task = self._under_way.get(key)
        if task is None:
            task = self._under_way[key] = asyncio.create_task(self._make(make))
            task.add_done_callback(lambda _: self._under_way.pop(key, None))
        # One who goes away must not take the read from the others.
        return await asyncio.shield(task)

    async def _make(self, make: Callable[[], Awaitable[T]]) -> T:
        async with self._places:
            self.made += 1
            return await make()
