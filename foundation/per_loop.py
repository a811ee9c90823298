"""One instance per event loop, for objects that are bound to the loop they were created on."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")


class PerLoop(Generic[T]):
    """Call it to get the running loop's instance; the first call on a loop creates it."""

    def __init__(self, factory: Callable[[], T]) -> None:
        self._factory = factory
        self._instances: WeakKeyDictionary[asyncio.AbstractEventLoop, T] = WeakKeyDictionary()
        # A server has one loop: this skips the dictionary lookup.
        self._last: tuple[asyncio.AbstractEventLoop, T] | None = None

    def __call__(self) -> T:
        loop = asyncio.get_running_loop()
        last = self._last
        if last and last[0] is loop:
            return last[1]
        instance = self._instances.get(loop)
        if instance is None:
            instance = self._instances[loop] = self._factory()
        self._last = (loop, instance)
        return instance

    def pop(self) -> T | None:
        """Remove and return the running loop's instance, for the caller to close; None if it has none."""
        self._last = None
        return self._instances.pop(asyncio.get_running_loop(), None)
