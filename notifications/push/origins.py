"""How the push services do, each known by its origin: how many requests it is sent at a time, and when it rests.

Whoever adds a device chooses the address, so an origin that has never answered, or does no more, is sent two requests
at a time, and all of those together few: whatever they do, those that answer have their turns. One that has answered
is sent more; while it does not answer, nothing waits in line for it.
"""

import asyncio
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

# Requests at a time to one origin that answers, and to one that does not; and to all of the latter together.
MAX_OF_KNOWN, MAX_OF_NEW, MAX_OF_ALL_NEW = 32, 2, 16
# How many wait for their turn at an origin, and at all that do not answer.
_MAX_WAITING, _MAX_WAITING_FOR_NEW = 150, 100
# Seconds that one waits for a turn, and without an answer after which there is no use in waiting.
_WAIT, _SLOW = 2.0, 2.0
# Failures in a row after which an origin is left alone for a while, and for how long, in seconds.
_FAILURES, _MIN_REST, _MAX_REST = 4, 5.0, 300.0
# Of so many origins it is known how they do.
_MAX_KEPT = 500
_PORTS = {"http": 80, "https": 443}


class Crowded(Exception):
    """It was not tried: others were before it."""


def origin_of(endpoint: str) -> str:
    """Return the origin of an address that `problem_of` finds nothing wrong with, however it is written."""
    parts = urlsplit(endpoint)
    host = (parts.hostname or "").rstrip(".")
    host = f"[{host}]" if ":" in host else host
    is_default = parts.port in (None, _PORTS.get(parts.scheme))
    return f"{parts.scheme}://{host}" if is_default else f"{parts.scheme}://{host}:{parts.port}"


@dataclass(slots=True, eq=False)
class Origin:
    """How one push service does: `is_known` once it has answered, until it fails several times in a row."""

    all: "Origins"
    is_known: bool = False
    inside: int = 0
    line: deque[asyncio.Future[None]] = field(default_factory=deque)
    failures: int = 0
    rests_until: float = 0.0
    # When it has answered last, or was sent something while nothing was under way.
    moved_at: float = 0.0

    @property
    def rest(self) -> float:
        """For how many seconds it is left alone."""
        return self.rests_until - time.monotonic()

    @property
    def is_idle(self) -> bool:
        return not self.inside and not self.line

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn to send a request; raises `Crowded` if there is none soon."""
        await self._wait()
        if not self.inside:
            self.moved_at = time.monotonic()
        self.inside += 1
        self.all.inside_new += not self.is_known
        was_known = self.is_known
        try:
            yield
        finally:
            self.inside -= 1
            self.all.inside_new -= not was_known
            self._wake(1)

    async def _wait(self) -> None:
        if self._has_space():
            return
        if not self._is_worth_waiting():
            raise Crowded
        try:
            async with asyncio.timeout(_WAIT):
                while not self._has_space():
                    await self._stand_in_line()
        except TimeoutError:
            raise Crowded from None

    def _has_space(self) -> bool:
        if self.is_known:
            return self.inside < MAX_OF_KNOWN
        return self.inside < MAX_OF_NEW and self.all.inside_new < MAX_OF_ALL_NEW

    def _is_worth_waiting(self) -> bool:
        is_slow = self.inside > 0 and time.monotonic() - self.moved_at > _SLOW
        space = len(self.line) < _MAX_WAITING and (self.is_known or self.all.waiting_for_new() < _MAX_WAITING_FOR_NEW)
        return space and not is_slow and self.inside > 0

    async def _stand_in_line(self) -> None:
        place = asyncio.get_running_loop().create_future()
        self.line.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if place.done() and not place.cancelled():
                self._wake(1)  # it was this one's turn: the next has it
            raise
        finally:
            if place in self.line:
                self.line.remove(place)

    def _wake(self, count: int) -> None:
        while self.line and count > 0:
            place = self.line.popleft()
            if not place.done():
                place.set_result(None)
                count -= 1

    def answered(self) -> None:
        """Note that it has answered, whatever it said but that it is away."""
        self.failures, self.moved_at = 0, time.monotonic()
        if not self.is_known:
            self.is_known = True
            self._wake(MAX_OF_KNOWN)

    def failed(self) -> None:
        """Note that it does not answer, or is away."""
        self.failures += 1
        if self.failures >= _FAILURES:
            self.is_known = False
            rest = min(_MAX_REST, _MIN_REST * 2.0 ** min(self.failures - _FAILURES, 10))
            self.rests_until = time.monotonic() + rest


class Origins:
    """The push services that one event loop knows of."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, Origin] = OrderedDict()
        self.inside_new = 0

    def get(self, origin: str) -> Origin:
        found = self._kept.get(origin)
        if found is None:
            found = self._kept[origin] = Origin(self)
            self._forget_one()
        self._kept.move_to_end(origin)
        return found

    def _forget_one(self) -> None:
        """Forget what was used longest ago, first of those that do not answer: many new ones displace no other."""
        if len(self._kept) <= _MAX_KEPT:
            return
        idle = [name for name, origin in self._kept.items() if origin.is_idle][:-1]
        new = (name for name in idle if not self._kept[name].is_known)
        if (oldest := next(new, next(iter(idle), None))) is not None:
            del self._kept[oldest]

    def waiting_for_new(self) -> int:
        return sum(len(origin.line) for origin in self._kept.values() if not origin.is_known)
