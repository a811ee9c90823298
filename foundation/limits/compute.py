"""How much of the processor one caller may have while others wait for it.

What is computed for a caller is charged to it, in milliseconds of the budget `compute`. While the event loop has no
time to spare, a caller that owes goes on behind the others, the more so the more it owes; and requests and handshakes
go on behind what sockets say that are open. Nothing is refused, and nothing lost.
"""

import time
import types
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar

from django.conf import settings

from . import bucket
from .address import client_address
from .lane import OWING, REQUEST, lane, never

P = ParamSpec("P")
T = TypeVar("T")

BUDGET = "compute"
# How many times the budget somebody may owe; and how many seconds that puts them behind others.
_MOST, _BEHIND = 20.0, 5.0
# Seconds that one step can have computed: where it took longer, the machine did something else meanwhile.
_LONGEST_STEP = 0.01
# Milliseconds that an address has that was not seen before: fifty that begin at once have no second for nothing.
_NEW, _ADDRESS = 2.0, "address:"
# Seconds between the places of two of one caller.
_BETWEEN = 0.05
# So few callers in so many seconds wait for nobody: a person whose page asks for much counts as two.
_FEW, _ACTIVE = 3, 0.2

# Whom a request is computed for, in its context; "" is nobody in particular.
caller: ContextVar[str] = ContextVar("caller", default="")
# The same in the `state` of its ASGI scope, for the server's protocol, which has no such context.
_CALLER = "compute.caller"


def at_address(scope: Mapping[str, Any]) -> str:
    """Return the caller of an ASGI scope whose client has not signed in."""
    return f"{_ADDRESS}{client_address(scope)}"


def note_caller(scope: Mapping[str, Any], who: str) -> None:
    """Have the body of a request charged to its caller while it is received; only our own protocol does."""
    if (state := scope.get("state")) is not None:
        state[_CALLER] = who


def noted_caller(scope: Mapping[str, Any]) -> str:
    """Return whom the body of a request is charged to; "" while that is not known."""
    who: str = (scope.get("state") or {}).get(_CALLER, "")
    return who


class _Active:
    """Who was computed for of late: a few callers need no order."""

    def __init__(self) -> None:
        # In the order in which they were seen last.
        self._seen_at: dict[str, float] = {}

    def add(self, who: str) -> None:
        self._seen_at.pop(who, None)
        self._seen_at[who] = time.monotonic()
        self._prune()

    def are_few(self) -> bool:
        self._prune()
        return len(self._seen_at) <= _FEW

    def _prune(self) -> None:
        since = time.monotonic() - _ACTIVE
        while len(self._seen_at) > _FEW:
            try:
                who, at = next(iter(self._seen_at.items()))
            except (RuntimeError, StopIteration):  # a thread charges at the same time
                return
            if at > since:
                return
            self._seen_at.pop(who, None)


_active = _Active()
# By caller: how many of its requests and connections wait.
_queued: Counter[str] = Counter()


def is_measured() -> bool:
    """Return whether anybody is charged: else there is nothing to measure."""
    return BUDGET in settings.RATE_LIMITS


def charge(who: str, seconds: float) -> None:
    """Charge what was computed for a caller: the id of a user, an address, or "" for nobody."""
    if who and BUDGET in settings.RATE_LIMITS:
        _active.add(who)
        new = _NEW if who.startswith(_ADDRESS) else None
        bucket.charge(BUDGET, who, seconds * 1000, most=_MOST, new=new)


def charge_step(who: str, seconds: float) -> None:
    """Charge what a single step of the loop took."""
    charge(who, min(seconds, _LONGEST_STEP))


def charge_address(scope: Mapping[str, Any], seconds: float) -> None:
    """Charge what a single step took to the address of an ASGI scope's client."""
    if BUDGET in settings.RATE_LIMITS:
        charge_step(at_address(scope), seconds)


def must_wait(who: str, *, is_request: bool = False) -> bool:
    """Return whether others go first now: the loop is late, and the caller owes, or comes anew with a request.

    Where only a few callers are, nobody waits.
    """
    if bucket.owed(BUDGET, who) > 0:
        return not _active.are_few() and lane().is_late(OWING)
    is_asked = is_request and BUDGET in settings.RATE_LIMITS
    return is_asked and not _active.are_few() and lane().is_late(REQUEST)


async def wait_for_turn(who: str, *, is_request: bool = False, gone: Callable[[], bool] = never) -> None:
    """Return when the caller may go on, or has `gone`: a client that has hung up takes nobody's turn."""
    if must_wait(who, is_request=is_request):
        await wait_behind(who, gone)


async def wait_behind(who: str, gone: Callable[[], bool] = never) -> None:
    """Return when it is the turn of a caller that `must_wait`, or when it has `gone`.

    It is behind those of the caller's that wait already: a thousand of them hold up nobody else.
    """
    own = _BETWEEN * _queued[who]
    _queued[who] += 1
    try:
        if owed := bucket.owed(BUDGET, who):
            behind = _BEHIND * owed / (_MOST * settings.RATE_LIMITS[BUDGET].count)
            await lane().wait(OWING, behind + own, gone)
        else:
            await lane().wait(REQUEST, own, gone)
    finally:
        _queued[who] -= 1
        if not _queued[who]:
            del _queued[who]


async def in_turn(who: str, function: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call it when the caller may go on, and charge what it computes to the caller."""
    await wait_for_turn(who)
    return await metered(who, function(*args, **kwargs))


class Meter:
    """Measures what coroutines compute, in `seconds`, without what they wait for, and without what others measure."""

    __slots__ = ("seconds",)
    # What meters within the one that is running have measured: they run on one thread, that of the event loop.
    _within = 0.0

    def __init__(self) -> None:
        self.seconds = 0.0

    @types.coroutine
    def run(self, coroutine: Coroutine[Any, Any, T]) -> Generator[Any, Any, T]:
        """Await the coroutine; what tasks of its own compute is not measured."""
        resume, argument = coroutine.send, None
        while True:
            within, Meter._within, began = Meter._within, 0.0, time.perf_counter()
            try:
                awaited = resume(argument)
            except StopIteration as stop:
                result: T = stop.value
                return result
            finally:
                took = time.perf_counter() - began
                self.seconds += min(took - Meter._within, _LONGEST_STEP)
                Meter._within = within + took
            try:
                argument, resume = (yield awaited), coroutine.send
            except BaseException as error:
                argument, resume = error, coroutine.throw


async def metered(who: str, awaitable: Awaitable[T]) -> T:
    """Await this, and charge what it computes to the caller."""
    if not who or BUDGET not in settings.RATE_LIMITS:
        return await awaitable
    meter = Meter()
    try:
        return await meter.run(_awaiting(awaitable))
    finally:
        charge(who, meter.seconds)


async def _awaiting(awaitable: Awaitable[T]) -> T:
    return await awaitable
