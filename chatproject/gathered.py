"""Rows that several callers want at the same moment are read together: up to a hundred in one `BatchGetItem`.

After a restart a thousand clients come back at once, and each wants a handful of rows.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from chatproject import store

T = TypeVar("T", bound=store.Table)
# A row's hash key and range key.
Key = tuple[str, str]

_MOST_KEYS = 100
# Over so many reads under way, those who come gather for the next.
_READS_AT_ONCE = 2


class _Batch(Generic[T]):
    """Keys that leave together, and their reading: the rows that exist, by key."""

    def __init__(self) -> None:
        self.keys: dict[Key, None] = {}
        self.reading: asyncio.Task[dict[Key, T]]


class Gathered(Generic[T]):
    """Strong reads of one table; each leaves after it was asked for, so it sees all that was written before."""

    def __init__(self, table: type[T], key_of: Callable[[T], Key]) -> None:
        self._table, self._key_of = table, key_of
        self._open: _Batch[T] | None = None
        self._places = asyncio.Semaphore(_READS_AT_ONCE)

    async def read(self, keys: Iterable[Key]) -> list[T]:
        """Return the rows that exist, in the order of the keys; raises what `store.call` raises."""
        wanted = dict.fromkeys(keys)
        if not wanted:
            return []
        batch = self._open
        if batch is None:
            batch = self._open = _Batch()
            batch.reading = asyncio.create_task(self._read(batch))
            # All who asked may be gone by the time it fails.
            batch.reading.add_done_callback(lambda done: done.cancelled() or done.exception())
        batch.keys |= wanted
        # Who goes away must not take the read from the others.
        rows = await asyncio.shield(batch.reading)
        return [rows[key] for key in wanted if key in rows]

    async def _read(self, batch: _Batch[T]) -> dict[Key, T]:
        # Whoever is to ask in this turn of the loop comes along.
        await asyncio.sleep(0)
        async with self._places:
            self._open = None
            keys = list(batch.keys)
            parts = [keys[start : start + _MOST_KEYS] for start in range(0, len(keys), _MOST_KEYS)]
            found = await asyncio.gather(*map(self._read_part, parts))
        return {self._key_of(row): row for rows in found for row in rows}

    async def _read_part(self, keys: list[Key]) -> list[T]:
        if len(keys) > 1:
            return await store.call(lambda: list(self._table.batch_get(keys, consistent_read=True)))

        def get() -> list[T]:
            try:
                return [self._table.get(*keys[0], consistent_read=True)]
            except self._table.DoesNotExist:
                return []

        return await store.call(get)
