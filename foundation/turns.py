"""Turns of the processor: how many threads may compute beside the event loop.

Python runs one thread at a time. With each thread that computes too, the event loop waits longer for its share, and
every socket with it: fifty slow requests would slow everybody down fifty times. So they take turns, and wait without.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

# Two: while one reads a file, the other computes.
TURNS = 2

_turns = threading.Semaphore(TURNS)
_thread = threading.local()


@contextmanager
def turn() -> Iterator[None]:
    """Wait until this thread may compute."""
    with _turns:
        _thread.has_turn = True
        try:
            yield
        finally:
            _thread.has_turn = False


@contextmanager
def paused_turn() -> Iterator[None]:
    """Let another thread compute while this one waits for something; nothing where there was no turn."""
    if not getattr(_thread, "has_turn", False):
        yield
        return
    _thread.has_turn = False
    _turns.release()
    try:
        yield
    finally:
        _turns.acquire()
        _thread.has_turn = True


class TurnLock:
    """A lock of threads that take turns: who waits for it lets another compute, perhaps the one that has it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        with paused_turn():
            self._lock.acquire()

    def __exit__(self, *error: object) -> None:
        self._lock.release()
