"""Measures how long one client keeps the event loop: the computing of single callbacks."""

import asyncio
import gc
import time
import warnings
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

MAX_SECONDS = 0.05
_TIMES = 5


class Turns:
    """The longest callback of the loop since the last `take`, in seconds of its thread's computing."""

    def __init__(self) -> None:
        self._seconds, self._callback = 0.0, ""

    def take(self) -> tuple[float, str]:
        """Return its time and what it was, and begin anew."""
        longest = self._seconds, self._callback
        self._seconds, self._callback = 0.0, ""
        return longest

    def add(self, seconds: float, handle: asyncio.Handle) -> None:
        if seconds > self._seconds:
            self._seconds, self._callback = seconds, repr(handle)[:500] if seconds > MAX_SECONDS else ""

    async def best(self, attempt: Callable[[], Awaitable[object]]) -> tuple[float, str]:
        """Return the longest callback of an attempt, in the best of five: others use the machine too."""
        best = 1e9, ""
        for _ in range(_TIMES):
            self.take()
            await attempt()
            best = min(best, self.take())
            if best[0] < MAX_SECONDS:
                break
        return best


@contextmanager
def measured_turns() -> Iterator[Turns]:
    """Time the callbacks of all loops of asyncio; what was there before is not collected meanwhile."""
    run, turns = asyncio.Handle._run, Turns()

    def timed(handle: asyncio.Handle) -> None:
        began = time.thread_time()
        run(handle)
        turns.add(time.thread_time() - began, handle)

    _collect()
    gc.freeze()
    asyncio.Handle._run = timed  # type: ignore[assignment,method-assign]
    try:
        yield turns
    finally:
        asyncio.Handle._run = run  # type: ignore[method-assign]
        gc.unfreeze()
        _collect()


def _collect() -> None:
    # Requests whose clients have hung up leave files to the collector.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()
