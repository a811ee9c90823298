"""Puts the oldest of the tail into blocks, and replaces blocks of which messages were changed.

One process does it at a time, by a lease that only saves work: a message that is in two blocks is found once. A block
is stored before its messages leave the tail, and kept a while after another has replaced it, so that a query that reads
the tail first and then the list of blocks misses none.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from pymongo.errors import DuplicateKeyError

from files import storage
from files.storage import call
from foundation.log_throttle import LogThrottle
from foundation.per_loop import PerLoop
from foundation.slices import in_slices
from foundation.tasks import create_background_task

from . import blocks, index
from .documents import Document
from .keys import keys_of_texts

logger = logging.getLogger(__name__)
_log_throttle = LogThrottle()

# With so many in the tail the oldest become a block: what is new is changed more often.
MAX_TAIL = 2 * blocks.SIZE
_LEASE = timedelta(minutes=1)
# Seconds between two looks of a process, and how many blocks are replaced at one.
_INTERVAL, _REPLACED_AT_ONCE = 30.0, 8


async def seal() -> None:
    """Make blocks of what is too much in the tail, and replace some that have changed; raises `Unavailable`."""
    if not await _take_lease():
        return
    try:
        await blocks.remove_old()
        while await index.count_tail(MAX_TAIL) >= MAX_TAIL:
            await _put(await index.list_tail(blocks.SIZE))
            await _take_lease(again=True)
        for _ in range(_REPLACED_AT_ONCE):
            number = await blocks.find_changed()
            if number is None:
                break
            await _put(await index.list_block(number))
            await blocks.replace(number)
    finally:
        await _release_lease()


async def _put(documents: Sequence[Document]) -> None:
    if documents:
        numbers: dict[int, list[int]] = defaultdict(list)
        place = 0
        async for document in in_slices(documents):
            for key in keys_of_texts([document["t"]]) + document["m"]:
                numbers[key].append(place)
            place += 1
        number = await blocks.next_number()
        await blocks.put(number, documents, numbers)
        if await index.seal(number, documents) < len(documents):
            # Some have changed since they were read.
            await blocks.mark_changed([number])


async def _take_lease(*, again: bool = False) -> bool:
    now = datetime.now(UTC)
    free = {} if again else {"until": {"$lt": now}}
    state = storage.database()["search.state"]
    try:
        await call(state.update_one({"_id": "lease", **free}, {"$set": {"until": now + _LEASE}}, upsert=True))
    except DuplicateKeyError:
        return False
    return True


async def _release_lease() -> None:
    now = datetime.now(UTC)
    await call(storage.database()["search.state"].update_one({"_id": "lease"}, {"$set": {"until": now}}))


class Sealer:
    """Seals in the background from time to time, while this process writes documents."""

    def __init__(self) -> None:
        self._task: asyncio.Task[None] | None = None
        self._next, self._written = 0.0, 0

    async def note_written(self, count: int) -> None:
        """Say how many documents were written; whoever writes very many waits until some are sealed."""
        self._written += count
        many = self._written >= blocks.SIZE
        if not many and time.monotonic() < self._next:
            return
        if self._task is None or self._task.done():
            self._next, self._written = time.monotonic() + _INTERVAL, 0
            self._task = create_background_task(self._try())
        if many:
            await self._task

    async def wait(self) -> None:
        """Wait for what is being sealed."""
        if self._task:
            await self._task

    async def _try(self) -> None:
        try:
            await seal()
        except Exception as error:  # the next time will do: until then more is in the tail
            if _log_throttle.should_log():
                logger.warning("search: no blocks could be made: %r", error)


sealer = PerLoop(Sealer)
