"""Streams one file into GridFS: counted, hashed and cut into chunks as it arrives."""

import asyncio
import hashlib
from collections.abc import AsyncIterable, Coroutine
from typing import Any, TypeVar

from django.conf import settings

from foundation.errors import TooLarge

from . import models
from .images.dimensions import HEAD_BYTES

T = TypeVar("T")

# About a megabyte in one write: memory stays flat, and 100 MB take a hundred round trips instead of four hundred.
CHUNKS_A_WRITE = 4


class Upload:
    """Stores pieces of any size, as long as they fit into the uploader's `space`, in bytes.

    Then `size` (in bytes), `sha256` (hex) and `head` (the first bytes) describe them. A later part of a file begins
    after the bytes that are `stored`, of which `tail` is the last chunk if that has room; then `sha256` and `head` mean
    nothing. Chunks are written one write after the other, so that what is stored has no gap.
    """

    def __init__(self, file_id: str, space: int, *, stored: int = 0, tail: bytes = b"") -> None:
        self.file_id = file_id
        self._space = space
        self.size = stored
        self.head = b""
        self._last_write: asyncio.Task[Any] | None = None
        self._hash = hashlib.sha256()
        self._buffer = bytearray(tail)
        self._tail = len(tail)
        self._written = stored // models.CHUNK_BYTES

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    async def write_all(self, pieces: AsyncIterable[bytes]) -> None:
        """Store all pieces; raises `TooLarge` as soon as they exceed MAX_FILE_BYTES or the space, `Unavailable`."""
        async for piece in pieces:
            self._add(piece)
            if len(self._buffer) >= CHUNKS_A_WRITE * models.CHUNK_BYTES:
                await self._flush(len(self._buffer) // models.CHUNK_BYTES)
        if len(self._buffer) > self._tail:
            await self._flush(-(-len(self._buffer) // models.CHUNK_BYTES))
        await self._settle()

    async def complete(self, completing: Coroutine[Any, Any, T]) -> T:
        """Await what makes a file of this; `discard` waits for it even if the caller is cancelled."""
        # shield: a write cancelled with its caller could still reach the store, after `discard` has deleted the rest.
        self._last_write = task = asyncio.create_task(completing)
        return await asyncio.shield(task)

    async def discard(self) -> None:
        """Delete what has reached the store, after a write that is still under way."""
        if self._last_write is not None:
            await asyncio.gather(self._last_write, return_exceptions=True)
            await models.delete_file(self.file_id)

    def _add(self, piece: bytes) -> None:
        self.size += len(piece)
        if self.size > settings.MAX_FILE_BYTES:
            raise TooLarge(f"A file may have up to {settings.MAX_FILE_BYTES} bytes.")
        if self.size > self._space:
            raise TooLarge(f"There is space for {self._space} more bytes: delete some files.")
        self._hash.update(piece)
        self._buffer += piece
        if len(self.head) < HEAD_BYTES:
            self.head += piece[: HEAD_BYTES - len(self.head)]

    async def _flush(self, chunk_count: int) -> None:
        size = models.CHUNK_BYTES
        with memoryview(self._buffer) as buffer:
            pending = [bytes(buffer[n * size : (n + 1) * size]) for n in range(chunk_count)]
        del self._buffer[: chunk_count * size]
        for start in range(0, chunk_count, CHUNKS_A_WRITE):
            batch = pending[start : start + CHUNKS_A_WRITE]
            # The next pieces are received while this is written.
            await self._settle()
            self._last_write = asyncio.create_task(self._store(self._written, batch))
            self._written += len(batch)

    async def _settle(self) -> None:
        if self._last_write is not None:
            await asyncio.shield(self._last_write)

    async def _store(self, first: int, batch: list[bytes]) -> None:
        if tail := self._tail:
            self._tail = 0
            await models.extend_chunk(self.file_id, first, tail, batch[0])
            first, batch = first + 1, batch[1:]
        if batch:
            await models.insert_chunks(self.file_id, first, batch)
