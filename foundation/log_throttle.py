"""Keeps a repeated failure from flooding the log."""

import time

_INTERVAL_SECONDS = 10.0


class LogThrottle:
    """Allows the first line at once, then at most one every ten seconds."""

    def __init__(self) -> None:
        self._last_logged = float("-inf")

    def should_log(self) -> bool:
        """Return whether to log now; True starts a new interval."""
        due = time.monotonic() - self._last_logged > _INTERVAL_SECONDS
        if due:
            self._last_logged = time.monotonic()
        return due
