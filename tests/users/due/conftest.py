"""What the tests of the index of what is due share: an empty index, a clock that they move, a handler that records."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from dynamodb import store
from users.due import handlers, rows
from users.due.entry import Due
from users.due.handlers import Handler
from users.due.rows import SHARDS, DueRow
from users.due.worker import Worker

LEASE = 30.0


@dataclass
class Clock:
    """Seconds since 1970, years from now: what other tests have planned comes before it, what they do does not."""

    now: float = field(default_factory=lambda: float(int(time.time()) + 10 * 365 * 24 * 3600))

    def __call__(self) -> float:
        return self.now

    def in_ms(self, seconds: float) -> int:
        """Return the time so many seconds from now, as an entry has it."""
        return round((self.now + seconds) * 1000)


class Recorder(Handler):
    """Records what it is called with; `does` and `gives_up` may raise."""

    kind = "recorded"

    def __init__(self) -> None:
        self.handled: list[str] = []
        self.given_up: list[str] = []
        self.does: Callable[[Due], None] = lambda entry: None
        self.gives_up: Callable[[Due], None] = lambda entry: None

    async def handle(self, entry: Due) -> None:
        self.does(entry)
        self.handled.append(entry.key)

    async def give_up(self, entry: Due) -> None:
        self.gives_up(entry)
        self.given_up.append(entry.key)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """The only handler that there is."""
    only = Recorder()
    monkeypatch.setattr(handlers, "_handlers", {only.kind: only})
    return only


@pytest.fixture(autouse=True)
async def _empty_index() -> None:
    def empty() -> None:
        for partition in (*(f"due#{shard}" for shard in range(SHARDS)), "due#aside"):
            with DueRow.batch_write() as batch:
                for row in DueRow.query(partition, consistent_read=True):
                    batch.delete(row)

    await store.call(empty)


@pytest.fixture
def worker(clock: Clock) -> Worker:
    return Worker(clock=clock, lease=LEASE)


async def waiting() -> list[rows.Placed]:
    """Return all that is in the index, whenever it is due."""
    found = [await rows.find_due(shard, 9_999_999_999_999, limit=1000) for shard in range(SHARDS)]
    return [placed for shard in found for placed in shard]


async def work(*workers: Worker) -> None:
    """Let the workers do, in turn, all that they can do now."""
    for each in workers:
        while await each.run_round():
            pass
