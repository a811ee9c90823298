"""How much of the processor one caller may have while others wait for it.

What is computed for a caller is charged to it, in milliseconds of the budget `compute`. While the event loop has no
time to spare, a caller that owes goes on behind the others, the more so the more it owes; and requests, which nobody
expects within milliseconds, go on behind events of sockets. Nothing is refused, and nothing lost.
"""

import time
import types
from collections.abc import Awaitable, Coroutine, Generator, Mapping
from contextvars import ContextVar
from typing import Any, TypeVar

from django.conf import settings

from . import bucket
from .address import client_address
from .lane import lane

T = TypeVar("T")

BUDGET = "compute"
# How many times the budget somebody may owe; and how many seconds that puts them behind others.
_MOST, _BEHIND = 25.0, 5.0

# Whom a request is computed for, in its context; "" is nobody in particular.
caller: ContextVar[str] = ContextVar("caller", default="")


def at_address(scope: Mapping[str, Any]) -> str:
    """Return the caller of an ASGI scope whose client has not signed in."""
    return f"address:{client_address(scope)}"


def charge(who: str, seconds: float) -> None:
    """Charge what was computed for a caller: the id of a user, an address, or "" for nobody."""
    if who:
        bucket.charge(BUDGET, who, seconds * 1000, most=_MOST)


def must_wait(who: str, *, is_request: bool = False) -> bool:
    """Return whether others go first now: the caller owes, or what it wants may wait, and the loop is busy."""
    if BUDGET not in settings.RATE_LIMITS:
        return False
    return (is_request or bucket.owed(BUDGET, who) > 0) and lane().is_busy()


async def wait_for_turn(who: str, *, is_request: bool = False) -> None:
    """Return when the caller may go on."""
    if must_wait(who, is_request=is_request):
        most = _MOST * settings.RATE_LIMITS[BUDGET].count
        await lane().wait(_BEHIND * bucket.owed(BUDGET, who) / most)


class Meter:
    """Measures what coroutines compute, in `seconds`, without what they wait for."""

    __slots__ = ("seconds",)

    def __init__(self) -> None:
        self.seconds = 0.0

    @types.coroutine
    def run(self, coroutine: Coroutine[Any, Any, T]) -> Generator[Any, Any, T]:
        """Await the coroutine; what tasks of its own compute is not measured."""
        resume, argument = coroutine.send, None
        while True:
            began = time.perf_counter()
            try:
                awaited = resume(argument)
            except StopIteration as stop:
                result: T = stop.value
                return result
            finally:
                self.seconds += time.perf_counter() - began
            try:
                argument, resume = (yield awaited), coroutine.send
            except BaseException as error:
                argument, resume = error, coroutine.throw


async def metered(who: str, awaitable: Awaitable[T]) -> T:
    """Await this, and charge what it computes to the caller."""
    if not who:
        return await awaitable
    meter = Meter()
    try:
        return await meter.run(_awaiting(awaitable))
    finally:
        charge(who, meter.seconds)


async def _awaiting(awaitable: Awaitable[T]) -> T:
    return await awaitable
