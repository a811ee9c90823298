"""What has come in from one client and waits for its turn: handled one by one, in order."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)
T = TypeVar("T")

# Over this the client's transport is not read any more, until half of it is done.
MAX_WAITING = 256


class Inbox(Generic[T]):
    """Its task lives only while there is something to handle: a quiet client costs none."""

    __slots__ = ("_closed", "_handle", "_held", "_items", "_on_drained", "_space", "_task", "waiting")

    def __init__(self, handle: Callable[[T], Awaitable[None]], *, on_drained: Callable[[], None]) -> None:
        self._handle, self._on_drained = handle, on_drained
        self._items: list[T] = []
        self._task: asyncio.Task[None] | None = None
        self._space: asyncio.Event | None = None
        self._held = self._closed = False
        self.waiting = 0

    @property
    def full(self) -> bool:
        return self.waiting >= MAX_WAITING

    def put(self, item: T) -> None:
        """Take an item, even when it is full: whoever brings it looks before it brings the next."""
        if not self._closed:
            self._items.append(item)
            self.waiting += 1
            self._start()

    def hold(self) -> None:
        """Handle nothing until `release`."""
        self._held = True

    def release(self) -> None:
        self._held = False
        self._start()

    def take_all(self) -> list[T]:
        """Return what waits, and forget it."""
        items, self._items = self._items, []
        self.waiting -= len(items)
        return items

    async def wait_for_space(self) -> None:
        """Return when it is not full any more."""
        while self.full and not self._closed:
            self._space = self._space or asyncio.Event()
            self._space.clear()
            await self._space.wait()

    def close(self) -> None:
        """Handle nothing more; what is being handled is given up, unless it is what closes."""
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
            except Exception:  # a bug must not leave the client unheard for ever
                logger.exception("what a client sent could not be handled")
            self.waiting -= 1
            if self.waiting == MAX_WAITING // 2:
                self._signal_space()
        self._task = None

    def _signal_space(self) -> None:
        if self._space:
            self._space.set()
        self._on_drained()
