"""Where presence takes the time from; a test passes a clock that it moves itself."""

from collections.abc import Callable

# Seconds since some fixed point, as `time.monotonic` counts them.
Clock = Callable[[], float]
