"""Says when something must be looked at again: when something is known to be there to do, and from time to time."""

import asyncio
import math
import time
from collections.abc import Callable
from contextlib import suppress
from heapq import heappop, heappush

# So many moments are known, the others come up when it is looked from time to time.
_MAX_KNOWN = 10_000


class Alarm:
    """The moments at which something is expected; `clock` returns seconds since 1970."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._moments: list[float] = []
        self._changed, self._is_over = asyncio.Event(), False

    def forget(self) -> None:
        """Expect nothing: for who looks at what is to come, and is about to do so."""
        self._moments.clear()

    def expect(self, moment: float) -> None:
        """Note that there is something to do then, in seconds since 1970."""
        if len(self._moments) < _MAX_KNOWN:
            heappush(self._moments, moment)
            if self._moments[0] == moment:
                self._changed.set()

    def end(self) -> None:
        """Let whoever waits go on at once, now and later."""
        self._is_over = True
        self._changed.set()

    async def wait(self, least: float, most: float) -> None:
        """Wait until something is expected, for so many seconds at least and at most."""
        begin = time.monotonic()
        while not self._is_over:
            self._changed.clear()
            waited = time.monotonic() - begin
            left = min(most - waited, max(least - waited, self._next() - self._clock()))
            if left <= 0:
                break
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), left)
        while self._next() <= self._clock():
            heappop(self._moments)

    def _next(self) -> float:
        return self._moments[0] if self._moments else math.inf
