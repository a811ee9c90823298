"""What many may ask for at once, and is made once: a flood of probes costs no more than one."""

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

T = TypeVar("T")

# How long a result is reused, in seconds.
MAX_AGE_SECONDS = 1.0


class Shared(Generic[T]):
    """Makes at most one result at a time, and none while the last one is fresh enough for whoever asks."""

    def __init__(self, make: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._make = make
        self._task: asyncio.Task[T] | None = None
        self._made_at = 0.0

    async def get(self, *, max_age: float = MAX_AGE_SECONDS) -> T:
        """Return a result no older than this, in seconds; raises what making it raises."""
        task = self._task
        # A task of another event loop, as in tests, cannot be awaited.
        if task is None or task.get_loop() is not asyncio.get_running_loop() or self._is_older(task, max_age):
            task = self._task = asyncio.create_task(self._make_now())
        # shield: cancelling one waiter must not cancel the shared task.
        return await asyncio.shield(task)

    def _is_older(self, task: "asyncio.Task[T]", max_age: float) -> bool:
        if not task.done():
            return False
        return task.cancelled() or time.monotonic() - self._made_at > max_age

    async def _make_now(self) -> T:
        try:
            return await self._make()
        finally:
            self._made_at = time.monotonic()
