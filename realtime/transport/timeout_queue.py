"""Time-outs of one length for many items: they fall due in the order in which they began, so one timer serves all."""

import asyncio
import logging
from collections.abc import Callable, Hashable
from itertools import takewhile
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)
T = TypeVar("T", bound=Hashable)


class TimeoutQueue(Generic[T]):
    """Calls `on_due` with each item that was in it for `seconds`, and with the loop's time at which it fell due."""

    def __init__(self, seconds: float, on_due: Callable[[T, float], None]) -> None:
        self._seconds, self._on_due = seconds, on_due
        self._due: dict[T, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def __contains__(self, item: T) -> bool:
        return item in self._due

    def add(self, item: T, *, since: float | None = None) -> None:
        """Start the item's time-out anew: now, or `since` a moment that is no earlier than the last item's start."""
        self._due.pop(item, None)
        self._due[item] = (asyncio.get_running_loop().time() if since is None else since) + self._seconds
        if self._timer is None:
            self._set_timer()

    def discard(self, item: T) -> None:
        self._due.pop(item, None)

    def close(self) -> None:
        self._due.clear()
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def expire_due(self) -> None:
        """Call `on_due` for what is due now, even if the timer is late."""
        # uvloop's timers count whole milliseconds, and may fire up to one early.
        now = asyncio.get_running_loop().time() + 0.001
        due = list(takewhile(lambda entry: entry[1] <= now, self._due.items()))
        for item, at in due:
            # An item before it may have discarded it, or added it anew.
            if self._due.get(item) == at:
                del self._due[item]
                try:
                    self._on_due(item, at)
                except Exception:  # a bug with one item must not stop the timer of all others
                    logger.exception("a time-out could not be handled")

    def _set_timer(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_at(next(iter(self._due.values())), self._on_timer)

    def _on_timer(self) -> None:
        self.expire_due()
        self._timer = None
        if self._due:
            self._set_timer()
