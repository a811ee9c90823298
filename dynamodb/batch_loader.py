"""Merges reads that are requested at the same time: up to a hundred keys in one `BatchGetItem`.

After a restart a thousand clients reconnect at once, and each needs a handful of rows.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

from foundation.errors import Unavailable

from . import store

T = TypeVar("T", bound=store.Table)
# A row's hash key and range key.
Key = tuple[str, str]

_MAX_KEYS = 100
# Bytes of a hash key and of a range key.
_MAX_HASH, _MAX_RANGE = 2_048, 1_024
# Requests that arrive during a read wait for it to end, to form one batch; a slow read delays them no longer than this.
_MAX_WAIT_SECONDS = 0.05


def _may_exist(key: Key) -> bool:
    """Return whether a row may have this key: an id in an address may be longer, and its read would fail."""
    hash_key, item = key
    return _bytes(hash_key) <= _MAX_HASH and _bytes(item) <= _MAX_RANGE


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode(errors="surrogatepass"))


class _Batch(Generic[T]):
    """Keys to read together, and the futures of the callers that wait for their rows."""

    def __init__(self) -> None:
        self.keys: dict[Key, None] = {}
        self.waiters: list[tuple[Iterable[Key], asyncio.Future[list[T]]]] = []

    def set_result(self, rows: dict[Key, T]) -> None:
        for keys, future in self.waiters:
            if not future.done():
                future.set_result([rows[key] for key in keys if key in rows])

    def set_exception(self, error: BaseException) -> None:
        for _, future in self.waiters:
            if not future.done():
                future.set_exception(error)


class BatchLoader(Generic[T]):
    """Strongly consistent reads of one table.

    A request never joins a read that has already been sent, so it sees everything written before it.
    """

    def __init__(self, table: type[T], key_of: Callable[[T], Key]) -> None:
        self._table, self._key_of = table, key_of
        self._open: _Batch[T] | None = None
        self._last: asyncio.Task[None] | None = None
        self._reading: set[asyncio.Task[None]] = set()

    async def load(self, keys: Iterable[Key]) -> list[T]:
        """Return the rows that exist, in the order of the keys; raises what `store.call` raises."""
        unique_keys = dict.fromkeys(key for key in keys if _may_exist(key))
        if not unique_keys:
            return []
        batch = self._open
        if batch is None:
            batch = self._open = _Batch()
            self._last = asyncio.create_task(self._run(batch, after=self._last))
            self._reading.add(self._last)
            self._last.add_done_callback(self._reading.discard)
        batch.keys |= unique_keys
        # One future per caller: cancelling one must not cancel the shared read.
        future: asyncio.Future[list[T]] = asyncio.get_running_loop().create_future()
        batch.waiters.append((unique_keys, future))
        return await future

    async def _run(self, batch: _Batch[T], *, after: asyncio.Task[None] | None) -> None:
        try:
            await self._serve(batch, after)
        except Exception as error:  # raised in the callers, which await the futures
            batch.set_exception(error)
        except BaseException as error:
            batch.set_exception(error)
            raise
        finally:
            if self._open is batch:
                self._open = None

    async def _serve(self, batch: _Batch[T], after: asyncio.Task[None] | None) -> None:
        try:
            batch.set_result(await self._read(batch, after))
        except Unavailable:
            raise
        except Exception:
            if len(batch.waiters) == 1:
                raise
            # One key may be refused, and must fail no other caller's read.
            await asyncio.gather(*(self._read_alone(*waiter) for waiter in batch.waiters))

    async def _read(self, batch: _Batch[T], after: asyncio.Task[None] | None) -> dict[Key, T]:
        # Requests of the same turn of the loop join this batch.
        await asyncio.sleep(0)
        if after and not after.done():
            await asyncio.wait([after], timeout=_MAX_WAIT_SECONDS)
        self._open = None
        return await self._read_keys(list(batch.keys))

    async def _read_alone(self, keys: Iterable[Key], future: asyncio.Future[list[T]]) -> None:
        alone: _Batch[T] = _Batch()
        alone.waiters.append((keys, future))
        try:
            alone.set_result(await self._read_keys(list(keys)))
        except Exception as error:
            alone.set_exception(error)

    async def _read_keys(self, keys: list[Key]) -> dict[Key, T]:
        chunks = [keys[start : start + _MAX_KEYS] for start in range(0, len(keys), _MAX_KEYS)]
        results = await asyncio.gather(*map(self._read_chunk, chunks))
        return {self._key_of(row): row for rows in results for row in rows}

    async def _read_chunk(self, keys: list[Key]) -> list[T]:
        if len(keys) > 1:
            return await store.call(lambda: list(self._table.batch_get(keys, consistent_read=True)))

        def get() -> list[T]:
            try:
                return [self._table.get(*keys[0], consistent_read=True)]
            except self._table.DoesNotExist:
                return []

        return await store.call(get)
