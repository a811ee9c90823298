"""What one client sent and what is still to be handled: one by one, in order."""

import asyncio
import logging
import sys
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from time import perf_counter
from typing import Any, Generic, TypeVar

from foundation.limits import compute

logger = logging.getLogger(__name__)
T = TypeVar("T")

# From here on the client's transport is not read, until half of it is handled: items, and bytes of memory.
MAX_PENDING, MAX_SIZE = 256, 2_000_000
# The same before it has signed in: room for its `connect` and what a hurried client sends at once with it.
MAX_ANONYMOUS_PENDING, MAX_ANONYMOUS_SIZE = 4, 256 * 1024
# Bytes in all inboxes of the process; over that, a client is read again only when all that it sent is handled.
MAX_TOTAL_SIZE = 128_000_000
# How many times the bounds may wait where the transport cannot be paused.
_MAX_UNPAUSED = 4
# Seconds of one client's items after which the loop goes on with others.
_TURN = 0.005


async def _handle_nothing(item: object) -> None:
    """Stand for the handler of an inbox that is closed."""


def do_nothing() -> None:
    """Stand for a callback of a buffer that is closed."""


class _Total:
    """The bytes that wait in all inboxes of the process."""

    size = 0


total = _Total()


class Inbox(Generic[T]):
    """A queue whose task exists only while there is something to handle: a quiet client costs none."""

    __slots__ = (
        *("_closed", "_handle", "_held", "_items", "_on_drained", "_space", "_task", "_was_full"),
        *("caller", "is_behind", "pending", "signed_in", "size"),
    )

    def __init__(self, handle: Callable[[T], Coroutine[Any, Any, None]], *, on_drained: Callable[[], None]) -> None:
        self._handle, self._on_drained = handle, on_drained
        # Each with its size when it came: that of a text grows once it is encoded.
        self._items: list[tuple[T, int]] = []
        self._task: asyncio.Task[None] | None = None
        self._space: asyncio.Event | None = None
        self._held = self._closed = self._was_full = False
        # Whether it waits behind others, or what has waited is being handled: the client is not to blame for that time.
        self.is_behind = False
        # Which bounds hold.
        self.signed_in = False
        # Whom what is handled is charged to (`foundation.limits.compute`).
        self.caller = ""
        # How many items are queued or being handled, and their bytes.
        self.pending = self.size = 0

    def put(self, item: T) -> None:
        """Queue an item, even if it is full: the caller checks `is_full` before it reads the next."""
        if not self._closed:
            # What it takes in memory: a text with a single emoji takes four times what it was on the wire.
            size = sys.getsizeof(item)
            self._items.append((item, size))
            self.pending += 1
            self._count(size)
            if self._task is None:
                self._start()

    def _count(self, size: int) -> None:
        self.size += size
        total.size += size

    def is_full(self) -> bool:
        """Return whether the transport is to be read no further; `on_drained` is called when it may be."""
        if self.signed_in:
            full = self.pending >= MAX_PENDING or self.size >= MAX_SIZE or total.size >= MAX_TOTAL_SIZE
        else:
            full = self.pending >= MAX_ANONYMOUS_PENDING or self.size >= MAX_ANONYMOUS_SIZE
        self._was_full = self._was_full or full
        return full

    def _has_drained(self) -> bool:
        if not self.pending:
            return True
        if not self.signed_in:
            return self.pending <= MAX_ANONYMOUS_PENDING // 2 and self.size <= MAX_ANONYMOUS_SIZE // 2
        is_half_empty = self.pending <= MAX_PENDING // 2 and self.size <= MAX_SIZE // 2
        return is_half_empty and total.size < MAX_TOTAL_SIZE

    def is_flooded(self) -> bool:
        """Return whether far more waits than a transport that can be paused would have let in."""
        return self.pending > _MAX_UNPAUSED * MAX_PENDING or self.size > _MAX_UNPAUSED * MAX_SIZE

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
        self._count(-sum(size for _, size in items))
        return [item for item, _ in items]

    async def wait_for_space(self) -> None:
        """Return when it is not full."""
        while self.is_full() and not self._closed:
            self._space = self._space or asyncio.Event()
            self._space.clear()
            await self._space.wait()

    def close(self) -> None:
        """Drop what waits and cancel what is being handled, unless that is the caller."""
        self._closed = True
        self.pop_all()
        self._signal_space()
        if self._task and self._task is not asyncio.current_task():
            self._task.cancel()
        # They refer back to who has the inbox: a cycle, which the collector would stop the loop for.
        self._handle, self._on_drained = _handle_nothing, do_nothing

    def _start(self) -> None:
        if self._task is None and self._items and not self._held:
            self._task = asyncio.create_task(self._work())

    async def _work(self) -> None:
        while self._items and not self._held:
            # To sign in is as much work as a request.
            if compute.must_wait(self.caller, is_request=not self.signed_in):
                self.is_behind = True
                await compute.wait_behind(self.caller)
            await self._take_turn()
            self.is_behind = False
            if self._items:
                await asyncio.sleep(0)
        self._task = None

    async def _take_turn(self) -> None:
        """Handle items for a moment, and charge what they cost."""
        began, meter = perf_counter(), compute.Meter()
        handle = partial(self._measured, meter) if compute.is_measured() else self._handle
        try:
            while self._items and not self._held and perf_counter() - began <= _TURN:
                await self._handle_next(handle)
        finally:
            compute.charge(self.caller, meter.seconds)

    def _measured(self, meter: compute.Meter, item: T) -> Awaitable[None]:
        return meter.run(self._handle(item))

    async def _handle_next(self, handle: Callable[[T], Awaitable[None]]) -> None:
        item, size = self._items.pop(0)
        try:
            await handle(item)
        except asyncio.CancelledError:
            if self._task and self._task.cancelling():
                raise
            # Not this task was cancelled, but something that it awaited.
            logger.exception("what a client sent could not be handled")
        except Exception:  # a bug must not stop the client's later items
            logger.exception("what a client sent could not be handled")
        finally:
            self.pending -= 1
            self._count(-size)
        if self._was_full and self._has_drained():
            self._signal_space()

    def _signal_space(self) -> None:
        self._was_full = False
        if self._space:
            self._space.set()
        self._on_drained()
