"""The clock of presence; a test passes one that it moves itself."""

from collections.abc import Callable

# Seconds since some fixed point, as `time.monotonic` counts them.
Clock = Callable[[], float]
