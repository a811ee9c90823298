"""What a call computes, in seconds that mean the same on a slow machine: a bound is one of code, not of a machine."""

import re
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

# Of `_yardstick` on the machine on which the bounds of the tests were chosen.
_YARDSTICK_SECONDS = 0.0067


def cpu_seconds(function: Callable[[], Any], *refusals: type[Exception], times: int = 5, enough: float = 0.0) -> float:
    """Return the CPU time of a call, the best of `times`, on a machine as fast as the one of the bounds.

    The call may raise `refusals`. It is not repeated once its time is below `enough`.
    """
    best = float("inf")
    for _ in range(times):
        best = min(best, _computed(function, refusals) / max(1.0, _slowness()))
        if best < enough:
            break
    return best


def _slowness() -> float:
    """How many times as long as there the same work takes here, now."""
    return min(_computed(_yardstick, ()) for _ in range(3)) / _YARDSTICK_SECONDS


def _computed(function: Callable[[], Any], refusals: tuple[type[Exception], ...]) -> float:
    began = time.thread_time()
    with suppress(*refusals):
        function()
    return time.thread_time() - began


def _yardstick() -> int:
    """Calls, numbers, texts and a pattern, as the code under test uses them."""
    words = [f"{number:x}" for number in range(8_000)]
    kept = {word: len(word) for word in words if re.search("[a-f]$", word)}
    return sum(kept.values()) + len(" ".join(words).split("f"))
