"""Where work waits while the event loop has no time to spare.

Everything of a process shares one event loop: whoever keeps it busy holds up everybody. What is behind the others in
turn (`foundation.limits.compute`) waits here, until the loop is on time again for who should not wait.
"""

import asyncio
import heapq
import time
from itertools import count

from foundation.per_loop import PerLoop

# Seconds that whoever comes at any moment may have to wait for the loop, on average, before others wait for it; and
# over which that is averaged.
_SPARE, _WINDOW = 0.001, 0.1
# Seconds from one that goes on to the next: with time to spare, and at most. Between two looks while nobody waits.
_TICK, _LONGEST, _IDLE_TICK = 0.001, 0.05, 0.02


class Lag:
    """`average`: how many seconds whoever comes at any moment waits for the loop."""

    def __init__(self) -> None:
        self.average = 0.0

    def add(self, late: float, after: float) -> None:
        """Count that what was due in `after` seconds was `late`: whoever came meanwhile has waited for half of that."""
        passed = late + after
        self.average += min(1.0, passed / _WINDOW) * (late * late / 2 / passed - self.average)


class Lane:
    """Lets one go on at a time, whoever has the least place first."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._lag = Lag()
        self._waiting: list[tuple[float, int, asyncio.Future[None]]] = []
        self._numbers = count()
        self._went_at = self._used = 0.0
        self._look_again(_IDLE_TICK)

    def is_busy(self) -> bool:
        return bool(self._waiting) or self._lag.average > _SPARE

    async def wait(self, behind: float) -> None:
        """Return when this may go on: nobody overtakes it who comes more than `behind` seconds later."""
        turn = self._loop.create_future()
        heapq.heappush(self._waiting, (self._loop.time() + behind, next(self._numbers), turn))
        await turn

    def _look_again(self, after: float) -> None:
        self._loop.call_later(after, self._look, self._loop.time() + after, after)

    def _look(self, due: float, after: float) -> None:
        now, used = self._loop.time(), time.process_time()
        # On a machine that is busy with something else, it is late without having computed: waiting would not help.
        self._lag.add(max(0.0, min(now - due, used - self._used)), after)
        self._used = used
        if self._lag.average <= _SPARE or now - self._went_at > _LONGEST:
            self._went_at = now
            self._let_one_go()
        self._look_again(_TICK if self._waiting else _IDLE_TICK)

    def _let_one_go(self) -> None:
        while self._waiting:
            _, _, turn = heapq.heappop(self._waiting)
            # Whoever waited may be gone.
            if not turn.done():
                turn.set_result(None)
                return


lane = PerLoop(Lane)
