"""Keeps a failure that repeats from filling the log."""

import time

_INTERVAL_SECONDS = 10.0


class LogThrottle:
    """Allows the first line, then one in ten seconds at most."""

    def __init__(self) -> None:
        self._last_logged = float("-inf")

    def should_log(self) -> bool:
        """Return whether to log now; a True counts as logged."""
        due = time.monotonic() - self._last_logged > _INTERVAL_SECONDS
        if due:
            self._last_logged = time.monotonic()
        return due
