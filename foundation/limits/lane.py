"""Where work waits while the event loop has no time to spare.

Everything of a process shares one event loop: whoever keeps it busy holds up everybody. What is behind the others in
turn (`foundation.limits.compute`) waits here, until the loop is on time again for who should not wait.
"""

import asyncio
import heapq
import time
from collections.abc import Callable
from itertools import count

from foundation.per_loop import PerLoop

# Seconds that whoever comes at any moment may have to wait for the loop, on average: before those wait that owe, and
# before requests do, which nobody expects within milliseconds. And over which that is averaged.
OWING, REQUEST = 0.0003, 0.0007
_WINDOW = 0.1
# Seconds from one that goes on to the next: with time to spare, and at most. Between two looks while nobody waits.
_TICK, _LONGEST, _IDLE_TICK = 0.002, 0.05, 0.02
# How many go on between two looks without waiting, and how many of those that waited do so at a look.
_AT_ONCE, _A_LOOK = 4, {REQUEST: 2, OWING: 1}
# How many that have gone leave at a look: each costs its end.
_GONE_A_LOOK = 50


def never() -> bool:
    """Say of somebody that they have not gone."""
    return False


class Lag:
    """`average`: how many seconds whoever comes at any moment waits for the loop."""

    def __init__(self) -> None:
        self.average = 0.0

    def add(self, late: float, after: float) -> None:
        """Count that what was due in `after` seconds was `late`: whoever came meanwhile has waited for half of that."""
        passed = late + after
        self.average += min(1.0, passed / _WINDOW) * (late * late / 2 / passed - self.average)


# Its place, a number that no other has, what it awaits, and whether it has gone.
_Waiting = tuple[float, int, asyncio.Future[None], Callable[[], bool]]


class Lane:
    """Lets a few go on at a time: requests before those that owe, and of each whoever has the least place first."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._lag = Lag()
        self._waiting: dict[float, list[_Waiting]] = {REQUEST: [], OWING: []}
        self._numbers = count()
        self._went_at = dict.fromkeys(self._waiting, 0.0)
        self._used = 0.0
        # Since the last look, which sees what they cost.
        self._went = 0
        self._used_at = self._loop.time()
        self._look_again(_IDLE_TICK)

    def is_late(self, spare: float) -> bool:
        """Return whether the loop is later than this (`OWING`, `REQUEST`), others wait already, or many went on."""
        if self._lag.average > spare or self._waiting[spare] or self._went >= _AT_ONCE:
            return True
        self._went += 1
        return False

    async def wait(self, spare: float, behind: float = 0.0, gone: Callable[[], bool] = never) -> None:
        """Return when this may go on: nobody of its kind overtakes it who comes more than `behind` seconds later.

        For whom it waits may have `gone` when it returns: who calls does nothing more then, for it was nobody's turn.
        """
        turn = self._loop.create_future()
        # What is due already is looked at in this turn of the loop.
        if not any(self._waiting.values()) and self._timer.when() > self._loop.time():
            self._timer.cancel()
            self._look_again(_TICK)
        heapq.heappush(self._waiting[spare], (self._loop.time() + behind, next(self._numbers), turn, gone))
        await turn

    def _look_again(self, after: float) -> None:
        self._timer = self._loop.call_later(after, self._look, self._loop.time() + after, after)

    def _look(self, due: float, after: float) -> None:
        now, self._went = self._loop.time(), 0
        self._lag.add(self._computed(now, max(0.0, now - due)), after)
        went = False
        for spare in self._waiting:
            # Neither kind waits for the other for ever.
            rested = now - self._went_at[spare] > _LONGEST
            if (rested or (not went and self._lag.average <= spare)) and self._let_go(spare):
                self._went_at[spare], went = now, True
        self._look_again(_TICK if any(self._waiting.values()) else _IDLE_TICK)

    def _computed(self, now: float, late: float) -> float:
        """Return how much of a delay this process has computed: for other programs' part, waiting would not help."""
        # With many threads it takes a while to ask.
        if late < _TICK and any(self._waiting.values()):
            return late
        used = time.process_time()
        share = (used - self._used) / (now - self._used_at)
        self._used, self._used_at = used, now
        return late * min(1.0, share)

    def _let_go(self, spare: float) -> bool:
        """Let some of a kind go on, and return whether there was any."""
        waiting, left, dropped = self._waiting[spare], _A_LOOK[spare], 0
        while waiting and left and dropped < _GONE_A_LOOK:
            _, _, turn, gone = heapq.heappop(waiting)
            # Whoever waited may be gone.
            if turn.done():
                continue
            turn.set_result(None)
            if gone():
                dropped += 1
            else:
                left -= 1
        return left < _A_LOOK[spare]


lane = PerLoop(Lane)
