"""Streams one file into GridFS: counted, hashed and cut into chunks as it arrives."""

import asyncio
import hashlib
from collections import deque
from collections.abc import AsyncIterable, Coroutine
from typing import Any, TypeVar

from django.conf import settings

from foundation.errors import TooLarge
from foundation.limits import compute

from . import models
from .images.dimensions import HEAD_BYTES

T = TypeVar("T")

# Two megabytes in one write: memory stays flat, and 100 MB take fifty round trips instead of four hundred.
CHUNKS_A_WRITE = 8
_WRITE_BYTES = CHUNKS_A_WRITE * models.CHUNK_BYTES
_WRITES_AT_ONCE = 3


class Upload:
    """Stores pieces of any size, as long as they fit into the uploader's `space`, in bytes.

    Then `size` (in bytes), `sha256` (hex) and `head` (the first bytes) describe them. A later part of a file begins
    after the bytes that are `stored`, of which `tail` is the last chunk if that has room; then `sha256` and `head` mean
    nothing.

    A few writes are under way at once, and only the last one, when all others are made, waits until they are kept: this
    is twice as fast. A store that has lost some meanwhile is found out at the end.
    """

    def __init__(self, file_id: str, space: int, *, stored: int = 0, tail: bytes = b"") -> None:
        self.file_id = file_id
        self._space = space
        self.size = stored
        self.head = b""
        self._writes: deque[asyncio.Task[Any]] = deque()
        self._hash, self._hashing = hashlib.sha256(), asyncio.Lock()
        # As they came: a chunk is copied out of them once.
        self._pieces: deque[bytes | memoryview] = deque([tail] if tail else [])
        self._buffered = self._tail = len(tail)
        self._has_written = False
        self._first = self._written = stored // models.CHUNK_BYTES

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    async def write_all(self, pieces: AsyncIterable[bytes]) -> None:
        """Store all pieces; raises `TooLarge` as soon as they exceed MAX_FILE_BYTES or the space, `Unavailable`."""
        async for piece in pieces:
            self._add(piece)
            # Something stays for the last write.
            while self._buffered > _WRITE_BYTES:
                await self._flush()
        if self._buffered > self._tail:
            await self._settle()
            await self._flush(is_last=True)
        await self._settle()
        if self._written - self._first > CHUNKS_A_WRITE:
            await models.require_chunks(self.file_id, self._written)

    async def complete(self, completing: Coroutine[Any, Any, T]) -> T:
        """Await what makes a file of this; `discard` waits for it even if the caller is cancelled."""
        task = self._start(completing)
        await self._settle()
        return task.result()

    async def discard(self) -> None:
        """Delete what has reached the store, after a write that is still under way."""
        if self._has_written:
            await asyncio.gather(*self._writes, return_exceptions=True)
            await models.delete_file(self.file_id)

    def _add(self, piece: bytes) -> None:
        self.size += len(piece)
        if self.size > settings.MAX_FILE_BYTES:
            raise TooLarge(f"A file may have up to {settings.MAX_FILE_BYTES} bytes.")
        if self.size > self._space:
            raise TooLarge(f"There is space for {self._space} more bytes: delete some files.")
        self._pieces.append(piece)
        self._buffered += len(piece)
        if len(self.head) < HEAD_BYTES:
            self.head += piece[: HEAD_BYTES - len(self.head)]

    async def _flush(self, *, is_last: bool = False) -> None:
        end = min(self._buffered, _WRITE_BYTES)
        batch = [self._take(min(end - at, models.CHUNK_BYTES)) for at in range(0, end, models.CHUNK_BYTES)]
        # The next pieces are received while this is written.
        await self._settle(_WRITES_AT_ONCE - 1)
        first, self._written = self._written, self._written + len(batch)
        tail, self._tail = self._tail, 0
        self._start(self._store(first, batch, tail, is_last=is_last))

    def _take(self, count: int) -> bytes:
        self._buffered -= count
        taken: list[bytes | memoryview] = []
        while count:
            piece = self._pieces.popleft()
            if len(piece) > count:
                self._pieces.appendleft(memoryview(piece)[count:])
                piece = memoryview(piece)[:count]
            taken.append(piece)
            count -= len(piece)
        return b"".join(taken)

    def _start(self, write: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        task = asyncio.create_task(compute.metered(compute.caller.get(), write))
        # Whoever is cancelled, or told of another write's failure, never asks for this one's.
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._writes.append(task)
        self._has_written = True
        return task

    async def _settle(self, under_way: int = 0) -> None:
        """Wait until no more than so many writes are under way, the oldest first."""
        while len(self._writes) > under_way:
            # shield: a write cancelled with its caller could still arrive after `discard` has deleted the rest.
            await asyncio.shield(self._writes[0])
            self._writes.popleft()

    async def _store(self, first: int, batch: list[bytes], tail: int, *, is_last: bool) -> None:
        await asyncio.gather(self._hash_all(batch), self._write(first, batch, tail, is_last=is_last))

    async def _hash_all(self, batch: list[bytes]) -> None:
        # The lock is fair: in the order of the batches.
        async with self._hashing:
            if len(batch) > 1:
                await asyncio.to_thread(self._hash_now, batch)
            else:
                # It takes less than a hop to a thread and back.
                self._hash_now(batch)

    def _hash_now(self, batch: list[bytes]) -> None:
        for piece in batch:
            self._hash.update(piece)

    async def _write(self, first: int, batch: list[bytes], tail: int, *, is_last: bool) -> None:
        if tail:
            await models.extend_chunk(self.file_id, first, tail, batch[0])
            first, batch = first + 1, batch[1:]
        if batch:
            await models.insert_chunks(self.file_id, first, batch, is_kept=is_last)
