"""A log that is told of a failure, not each time in a row."""

import time

_SECONDS = 10.0


class Seldom:
    """Calling it says whether it is time to speak again: the first time, and then once in ten seconds at most."""

    def __init__(self) -> None:
        self._spoke = float("-inf")

    def __call__(self) -> bool:
        due = time.monotonic() - self._spoke > _SECONDS
        if due:
            self._spoke = time.monotonic()
        return due
