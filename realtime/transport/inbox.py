"""What one client sent and what is still to be handled: one by one, in order."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)
T = TypeVar("T")

# From here on the client's transport is not read, until half of it is handled.
MAX_PENDING = 256


class Inbox(Generic[T]):
    """A queue whose task exists only while there is something to handle: a quiet client costs none."""

    __slots__ = ("_closed", "_handle", "_held", "_items", "_on_drained", "_space", "_task", "pending")

    def __init__(self, handle: Callable[[T], Awaitable[None]], *, on_drained: Callable[[], None]) -> None:
        self._handle, self._on_drained = handle, on_drained
        self._items: list[T] = []
        self._task: asyncio.Task[None] | None = None
        self._space: asyncio.Event | None = None
        self._held = self._closed = False
        # How many items are queued or being handled.
        self.pending = 0

    def put(self, item: T) -> None:
        """Queue an item, even if `MAX_PENDING` are: the caller checks `pending` before it reads the next."""
        if not self._closed:
            self._items.append(item)
            self.pending += 1
            if self._task is None:
                self._start()

    def hold(self) -> None:
        """Handle nothing until `release`."""
        self._held = True

    def release(self) -> None:
        self._held = False
        self._start()

    def pop_all(self) -> list[T]:
        """Remove and return what is not being handled yet."""
        items, self._items = self._items, []
        self.pending -= len(items)
        return items

    async def wait_for_space(self) -> None:
        """Return when fewer than `MAX_PENDING` are pending."""
        while self.pending >= MAX_PENDING and not self._closed:
            self._space = self._space or asyncio.Event()
            self._space.clear()
            await self._space.wait()

    def close(self) -> None:
        """Drop what waits and cancel what is being handled, unless that is the caller."""
        self._closed = True
        self._items = []
        if self._space:
            self._space.set()
        if self._task and self._task is not asyncio.current_task():
            self._task.cancel()

    def _start(self) -> None:
        if self._task is None and self._items and not self._held:
            self._task = asyncio.create_task(self._work())

    async def _work(self) -> None:
        while self._items and not self._held:
            try:
                await self._handle(self._items.pop(0))
            except asyncio.CancelledError:
                if self._task and self._task.cancelling():
                    raise
                # Not this task was cancelled, but something that it awaited.
                logger.exception("what a client sent could not be handled")
            except Exception:  # a bug must not stop the client's later items
                logger.exception("what a client sent could not be handled")
            self.pending -= 1
            if self.pending == MAX_PENDING // 2:
                self._signal_space()
        self._task = None

    def _signal_space(self) -> None:
        if self._space:
            self._space.set()
        self._on_drained()
