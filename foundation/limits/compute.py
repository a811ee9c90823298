"""How much of the processor one caller may have while others wait for it.

Everything of a process shares one event loop: whoever keeps it busy holds up everybody. Computing is charged to its
caller, in milliseconds of the budget `compute`. A caller that owes goes on at once as long as the processor has time
to spare; otherwise it waits in a lane, behind those that owe less. Nothing is refused, and nothing lost.
"""

import asyncio
import heapq
import time
import types
from collections.abc import Awaitable, Coroutine, Generator, Mapping
from contextvars import ContextVar
from itertools import count
from typing import Any, TypeVar

from django.conf import settings

from foundation.per_loop import PerLoop

from . import bucket
from .address import client_address

T = TypeVar("T")

BUDGET = "compute"
# Seconds that the loop may be late, on average, before callers wait; and over which that is averaged.
_SPARE, _WINDOW = 0.002, 0.1
# Seconds from one that the lane lets go to the next: with time to spare, and at most. And while nobody waits.
_TICK, _LONGEST, _IDLE_TICK = 0.001, 0.05, 0.02
# Buckets that somebody may owe at most.
_MOST = 25.0

# Whoever is computed for in this context; "" is nobody in particular.
caller: ContextVar[str] = ContextVar("caller", default="")


def at_address(scope: Mapping[str, Any]) -> str:
    """Return the caller of an ASGI scope whose client has not signed in."""
    return f"address:{client_address(scope)}"


def is_limited() -> bool:
    return BUDGET in settings.RATE_LIMITS


def charge(who: str, seconds: float) -> None:
    """Charge what was computed for a caller; nobody pays for ""."""
    if who:
        bucket.charge(BUDGET, who, seconds * 1000, most=_MOST)


def must_wait(who: str, *, unhurried: bool = False) -> bool:
    """Return whether the caller owes, or its request may wait, while the loop has no time to spare."""
    if not is_limited():
        return False
    return (unhurried or (bool(who) and bucket.owed(BUDGET, who) > 0)) and lane().is_busy()


async def wait_for_turn(who: str, *, unhurried: bool = False) -> None:
    """Return when the caller may go on."""
    if must_wait(who, unhurried=unhurried):
        await lane().wait(bucket.owed(BUDGET, who))


class Meter:
    """Measures what coroutines compute, without what they wait for."""

    __slots__ = ("seconds",)

    def __init__(self) -> None:
        self.seconds = 0.0

    def take(self) -> float:
        """Return what was measured since the last time."""
        seconds, self.seconds = self.seconds, 0.0
        return seconds

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


async def metered(who: str, coroutine: Awaitable[T]) -> T:
    """Await the coroutine, and charge what it computes to the caller."""
    if not who:
        return await coroutine
    meter = Meter()
    try:
        return await meter.run(_awaiting(coroutine))
    finally:
        charge(who, meter.seconds)


async def _awaiting(awaitable: Awaitable[T]) -> T:
    return await awaitable


class _Lag:
    """How long, on average, whoever comes at any moment waits for the event loop."""

    def __init__(self) -> None:
        self.average = 0.0

    def add(self, late: float, after: float) -> None:
        """Count that what was due after so many seconds was late by some: whoever came meanwhile waited for half."""
        passed = late + after
        weight = min(1.0, passed / _WINDOW)
        self.average += weight * (late * late / 2 / passed - self.average)


class Lane:
    """Where callers wait until the loop has time to spare for one of them: the one that owes least."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._lag = _Lag()
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = count()
        self._served_at = 0.0
        self._sample(self._loop.time(), 0.0)

    def is_busy(self) -> bool:
        return bool(self._waiting) or self._lag.average > _SPARE

    async def wait(self, owed: float) -> None:
        turn = self._loop.create_future()
        heapq.heappush(self._waiting, (owed, next(self._numbers), turn))
        await turn

    def _sample(self, due: float, after: float) -> None:
        now = self._loop.time()
        if after:
            self._lag.add(max(0.0, now - due), after)
        if self._waiting and (self._lag.average <= _SPARE or now - self._served_at > _LONGEST):
            self._served_at = now
            self._let_one_go()
        after = _TICK if self._waiting else _IDLE_TICK
        self._timer = self._loop.call_later(after, self._sample, now + after, after)

    def _let_one_go(self) -> None:
        while self._waiting:
            _, _, turn = heapq.heappop(self._waiting)
            if not turn.done():
                turn.set_result(None)
                return


lane = PerLoop(Lane)
