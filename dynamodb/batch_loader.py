"""Rows that several callers want at the same moment are read together: up to a hundred in one `BatchGetItem`.

After a restart a thousand clients come back at once, and each wants a handful of rows.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from . import store

T = TypeVar("T", bound=store.Table)
# A row's hash key and range key.
Key = tuple[str, str]

_MOST_KEYS = 100
# Who comes while a read is under way gathers for the next one; a read that hangs holds them up no longer than this.
_PATIENCE_SECONDS = 0.05


class _Batch(Generic[T]):
    """Keys that leave together, and those who wait for their rows."""

    def __init__(self) -> None:
        self.keys: dict[Key, None] = {}
        self.waiting: list[tuple[Iterable[Key], asyncio.Future[list[T]]]] = []

    def answer(self, rows: dict[Key, T]) -> None:
        for wanted, answer in self.waiting:
            if not answer.done():
                answer.set_result([rows[key] for key in wanted if key in rows])

    def fail(self, error: BaseException) -> None:
        for _, answer in self.waiting:
            if not answer.done():
                answer.set_exception(error)


class BatchLoader(Generic[T]):
    """Strong reads of one table; each leaves after it was asked for, so it sees all that was written before."""

    def __init__(self, table: type[T], key_of: Callable[[T], Key]) -> None:
        self._table, self._key_of = table, key_of
        self._open: _Batch[T] | None = None
        self._last: asyncio.Task[None] | None = None
        self._reading: set[asyncio.Task[None]] = set()

    async def read(self, keys: Iterable[Key]) -> list[T]:
        """Return the rows that exist, in the order of the keys; raises what `store.call` raises."""
        wanted = dict.fromkeys(keys)
        if not wanted:
            return []
        batch = self._open
        if batch is None:
            batch = self._open = _Batch()
            self._last = asyncio.create_task(self._serve(batch, after=self._last))
            self._reading.add(self._last)
            self._last.add_done_callback(self._reading.discard)
        batch.keys |= wanted
        # Each waits for an answer of their own: who goes away does not take the read from the others.
        answer: asyncio.Future[list[T]] = asyncio.get_running_loop().create_future()
        batch.waiting.append((wanted, answer))
        return await answer

    async def _serve(self, batch: _Batch[T], *, after: asyncio.Task[None] | None) -> None:
        try:
            batch.answer(await self._read(batch, after))
        except Exception as error:  # it is theirs who wait
            batch.fail(error)
        except BaseException as error:
            batch.fail(error)
            raise
        finally:
            if self._open is batch:
                self._open = None

    async def _read(self, batch: _Batch[T], after: asyncio.Task[None] | None) -> dict[Key, T]:
        # Whoever is to ask in this turn of the loop comes along.
        await asyncio.sleep(0)
        if after and not after.done():
            await asyncio.wait([after], timeout=_PATIENCE_SECONDS)
        self._open = None
        keys = list(batch.keys)
        parts = [keys[start : start + _MOST_KEYS] for start in range(0, len(keys), _MOST_KEYS)]
        found = await asyncio.gather(*map(self._read_part, parts))
        return {self._key_of(row): row for part in found for row in part}

    async def _read_part(self, keys: list[Key]) -> list[T]:
        if len(keys) > 1:
            return await store.call(lambda: list(self._table.batch_get(keys, consistent_read=True)))

        def get() -> list[T]:
            try:
                return [self._table.get(*keys[0], consistent_read=True)]
            except self._table.DoesNotExist:
                return []

        return await store.call(get)
