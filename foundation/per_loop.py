"""One object for each event loop: what is made on a loop belongs to it."""

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")


class PerLoop(Generic[T]):
    """Makes its object when a loop first asks for it, and gives it back to be closed."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._made: WeakKeyDictionary[asyncio.AbstractEventLoop, T] = WeakKeyDictionary()
        # A server has one loop: it is found without a look into the dictionary.
        self._last: tuple[asyncio.AbstractEventLoop, T] | None = None

    def __call__(self) -> T:
        loop = asyncio.get_running_loop()
        last = self._last
        if last and last[0] is loop:
            return last[1]
        found = self._made.get(loop)
        if found is None:
            found = self._made[loop] = self._make()
        self._last = (loop, found)
        return found

    def pop(self) -> T | None:
        """Forget the running loop's object and return it, if it has one."""
        self._last = None
        return self._made.pop(asyncio.get_running_loop(), None)
