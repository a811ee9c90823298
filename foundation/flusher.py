"""Writes what was noted in memory together, a moment later, so that nobody who notes something waits for it."""

import asyncio
from collections.abc import Awaitable, Callable

from .tasks import cancel_and_wait


class Flusher:
    """Calls `flush` again and again, each time after `delay()` seconds, for as long as `is_waiting()`.

    `flush` keeps what it could not write, and raises nothing.
    """

    def __init__(
        self, flush: Callable[[], Awaitable[None]], *, is_waiting: Callable[[], bool], delay: Callable[[], float]
    ) -> None:
        self._flush, self._is_waiting, self._delay = flush, is_waiting, delay
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Say that something is waiting; never waits and never fails."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            while self._is_waiting():
                await asyncio.sleep(self._delay())
                await self._flush()
        finally:
            self._task = None

    async def close(self, last: Callable[[], Awaitable[None]], *, timeout: float) -> bool:
        """Stop, and flush once more by `last`; return whether that ended within these seconds."""
        await cancel_and_wait(self._task)
        try:
            async with asyncio.timeout(timeout):
                await last()
        except TimeoutError:
            return False
        return True
