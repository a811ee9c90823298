"""What a process counts of itself for its health report: integers, added once a connection, a gap or an error.

Whoever counts calls these; `health` reads them.
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field

# The windows of errors, by name, in seconds.
WINDOWS = {"1m": 60, "5m": 300, "15m": 900}
# The code under which a bug counts, whatever its caller was told.
INTERNAL = "internal"
_SLOT_SECONDS = 5
_started = time.monotonic()


@dataclass(slots=True)
class SocketCounts:
    """Since the start of the process. A gap is what a room lacked until it read its log."""

    opened: int = 0
    # By the reason, see `realtime.transport.close_reasons`.
    closed: Counter[str] = field(default_factory=Counter)
    # Clients that came back and were sent what they missed.
    resumed: int = 0
    gaps_found: int = 0
    gaps_healed: int = 0


@dataclass(slots=True)
class DueCounts:
    """What was done of what is due at a time, and what failed, since the start of the process.

    The others are as it has looked last: how many entries wait though they are due, for how many seconds the first of
    them, and how many were set aside; those are counted up to 100.
    """

    done: int = 0
    failed: int = 0
    waiting: int = 0
    late: float = 0.0
    set_aside: int = 0


@dataclass(slots=True)
class OutboxCounts:
    """What was sent of what people are told while they are away, and what no service took, since the process started.

    `failed` counts tries, `given_up` what was tried in vain until the end. `waiting` has of each partition, as this
    process has looked last, how much was due there and not taken, up to a hundred, and for how many seconds the first.
    """

    sent: int = 0
    failed: int = 0
    given_up: int = 0
    under_way: int = 0
    waiting: dict[str, tuple[int, float]] = field(default_factory=dict)


class ErrorCounts:
    """How many errors of each code clients were told lately, in slots of five seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        # The number of each slot in which there was an error, and its counts by code; the latest is the last.
        self._slots: deque[tuple[int, Counter[str]]] = deque()
        # Views count in threads.
        self._lock = threading.Lock()

    def count(self, code: str) -> None:
        """Count an error that a client is told, or a bug as `INTERNAL`."""
        slot = self._slot()
        with self._lock:
            if not self._slots or self._slots[-1][0] < slot:
                self._forget(slot - max(WINDOWS.values()) // _SLOT_SECONDS)
                self._slots.append((slot, Counter()))
            self._slots[-1][1][code] += 1

    def within(self, seconds: int) -> Counter[str]:
        """Return the counts by code of the last so many seconds, a slot more or less."""
        oldest = self._slot() - seconds // _SLOT_SECONDS
        counts: Counter[str] = Counter()
        with self._lock:
            for slot, slot_counts in self._slots:
                if slot > oldest:
                    counts.update(slot_counts)
        return counts

    def _slot(self) -> int:
        return int(self._clock() // _SLOT_SECONDS)

    def _forget(self, oldest: int) -> None:
        while self._slots and self._slots[0][0] <= oldest:
            self._slots.popleft()


def uptime() -> float:
    """Return how long this process has been counting, in seconds."""
    return round(time.monotonic() - _started, 1)


sockets = SocketCounts()
due = DueCounts()
outbox = OutboxCounts()
errors = ErrorCounts()
