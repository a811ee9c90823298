"""Long computing on the event loop, in slices: everything else of the process has its turn between two of them."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from time import perf_counter
from typing import TypeVar

T = TypeVar("T")

# Seconds: with a few clients that compute at once, still less than anybody notices.
_SLICE = 0.002


class Slices:
    """Counts the time of one computation since the loop was last given back."""

    def __init__(self) -> None:
        self._began = perf_counter()

    async def pause(self) -> None:
        """Give the loop back if the slice is over."""
        if perf_counter() - self._began > _SLICE:
            await asyncio.sleep(0)
            self._began = perf_counter()


async def in_slices(items: Iterable[T]) -> AsyncIterator[T]:
    """Yield the items, with pauses."""
    slices = Slices()
    for item in items:
        yield item
        await slices.pause()
