"""What is noted is written together a little later, by a task that is there only while something waits."""

import asyncio

import pytest

from foundation.flusher import Flusher

pytestmark = pytest.mark.unit


class Notes:
    def __init__(self, *, failures: int = 0) -> None:
        self.waiting: list[int] = []
        self.written: list[list[int]] = []
        self.empty = asyncio.Event()
        self._failures = failures
        self.flusher = Flusher(self.write, is_waiting=lambda: bool(self.waiting), delay=lambda: 0)

    def note(self, number: int) -> None:
        self.waiting.append(number)
        self.flusher.start()

    async def write(self) -> None:
        if self._failures:
            self._failures -= 1
            return
        self.written.append(self.waiting)
        self.waiting = []
        self.empty.set()


async def test_what_comes_together_is_written_together() -> None:
    notes = Notes()
    for number in range(3):
        notes.note(number)
    assert notes.written == []
    async with asyncio.timeout(5):
        await notes.empty.wait()
        notes.empty.clear()
        notes.note(3)
        await notes.empty.wait()
    assert notes.written == [[0, 1, 2], [3]]


async def test_what_could_not_be_written_is_written_later() -> None:
    notes = Notes(failures=3)
    notes.note(1)
    async with asyncio.timeout(5):
        await notes.empty.wait()
    assert notes.written == [[1]]


async def test_closing_writes_what_waits() -> None:
    notes = Notes()
    notes.note(1)
    assert await notes.flusher.close(notes.write, timeout=5)
    assert notes.written == [[1]]


async def test_closing_ends_in_time() -> None:
    notes = Notes()
    notes.note(1)

    async def hang() -> None:
        await asyncio.Event().wait()

    assert not await notes.flusher.close(hang, timeout=0.01)
    assert notes.waiting == [1]
