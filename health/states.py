"""The states that reports name, and what those of several processes are together."""

from collections.abc import Iterable

# `unknown`: this server could not try it, which is no fault.
OK, DEGRADED, DOWN, UNKNOWN = "ok", "degraded", "down", "unknown"
# Of a process that is about to end.
DRAINING = "draining"
# What is said of a part, of the whole, and to balancers.
STATES = (OK, DEGRADED, DOWN, UNKNOWN)
SERVER_STATES = (OK, DEGRADED, DOWN)
READINESS = (OK, DRAINING, DOWN)
LIVENESS = (OK,)


def combined(states: Iterable[str]) -> str:
    """Return the state of what is so in each process: `degraded` when it works in some, or not fully."""
    known = {state for state in states if state != UNKNOWN}
    if len(known) == 1:
        return known.pop()
    return DEGRADED if known else UNKNOWN
