"""How late the event loop runs what is due: ten samples a second, of which the last minute is kept."""

import asyncio
import math
import time
from collections import deque

from .per_loop import PerLoop

_INTERVAL, _SAMPLES = 0.1, 600


class LoopLag:
    """Sampled from `start` to `close`.

    A sample that comes late stands for those that were due meanwhile too: with one sample, a second in which nobody was
    served would weigh no more than a tenth.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._lags: deque[float] = deque(maxlen=_SAMPLES)
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        if self._timer is None:
            self._wait()

    def close(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def percentile_ms(self, percent: float) -> float:
        """Return the lag in milliseconds that so many percent of the samples do not exceed; 0 before the first."""
        lags = sorted(self._lags)
        return round(lags[max(0, math.ceil(len(lags) * percent / 100) - 1)] * 1000, 2) if lags else 0.0

    def add(self, lag: float) -> None:
        """Add a sample in seconds, and those that were due while it was late."""
        for missed in range(min(_SAMPLES, int(lag / _INTERVAL)), 0, -1):
            self._lags.append(lag - missed * _INTERVAL)
        self._lags.append(lag)

    def _wait(self) -> None:
        # Not the loop's own time: it stands still while the loop runs something.
        self._due = time.monotonic() + _INTERVAL
        self._timer = self._loop.call_later(_INTERVAL, self._sample)

    def _sample(self) -> None:
        self.add(max(0.0, time.monotonic() - self._due))
        self._wait()


loop_lag = PerLoop(LoopLag)
