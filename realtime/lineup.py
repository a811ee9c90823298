"""Time-outs of one and the same length: they fall due in the order in which they began, so one timer does for all."""

import asyncio
from collections.abc import Callable, Hashable
from itertools import takewhile
from typing import Generic, TypeVar

T = TypeVar("T", bound=Hashable)


class Lineup(Generic[T]):
    """Calls back with each item that has stood in it for `seconds`, and was not discarded meanwhile."""

    def __init__(self, seconds: float, on_due: Callable[[T], None]) -> None:
        self._seconds, self._on_due = seconds, on_due
        self._due: dict[T, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def __contains__(self, item: T) -> bool:
        return item in self._due

    def add(self, item: T) -> None:
        """Let the item's time begin, anew if it is here already."""
        self._due.pop(item, None)
        self._due[item] = asyncio.get_running_loop().time() + self._seconds
        if self._timer is None:
            self._set_timer()

    def discard(self, item: T) -> None:
        self._due.pop(item, None)

    def close(self) -> None:
        self._due.clear()
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _set_timer(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_at(next(iter(self._due.values())), self._ring)

    def _ring(self) -> None:
        # uvloop's timers count whole milliseconds and may ring a little early.
        now = asyncio.get_running_loop().time() + 0.001
        due = list(takewhile(lambda entry: entry[1] <= now, self._due.items()))
        for item, at in due:
            if self._due.get(item) == at:
                del self._due[item]
                self._on_due(item)
        self._timer = None
        if self._due:
            self._set_timer()
