"""Streams one file into GridFS: counted, hashed and cut into chunks as it arrives."""

import asyncio
import hashlib
from collections.abc import AsyncIterable, Coroutine
from typing import Any

from django.conf import settings

from foundation.errors import TooLarge

from . import models
from .file_reference import FileReference
from .images import HEAD_BYTES

# About a megabyte in one write: memory stays flat, and 100 MB take a hundred round trips instead of four hundred.
CHUNKS_A_WRITE = 4


class Upload:
    """Stores pieces of any size, as long as they fit into the uploader's `space`, in bytes.

    Then `size` (in bytes), `sha256` (hex) and `head` (the first bytes) describe them.
    """

    def __init__(self, file_id: str, space: int) -> None:
        self.file_id = file_id
        self._space = space
        self.size = 0
        self.head = b""
        self._last_write: asyncio.Task[None] | None = None
        self._hash = hashlib.sha256()
        self._buffer = bytearray()
        self._written = 0

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    async def write_all(self, pieces: AsyncIterable[bytes]) -> None:
        """Store all pieces; raises `TooLarge` as soon as they exceed MAX_FILE_BYTES or the space, `Unavailable`."""
        async for piece in pieces:
            self._add(piece)
            if len(self._buffer) >= CHUNKS_A_WRITE * models.CHUNK_BYTES:
                await self._flush(len(self._buffer) // models.CHUNK_BYTES)
        if self._buffer:
            await self._flush(-(-len(self._buffer) // models.CHUNK_BYTES))

    async def complete(self, reference: FileReference) -> None:
        """Insert the file's document: from then on it can be found and read."""
        await self._write(models.insert_file(reference))

    async def discard(self) -> None:
        """Delete what has reached the store, after a write that is still under way."""
        if self._last_write is not None:
            await asyncio.wait({self._last_write})
            await models.delete_file(self.file_id)

    async def _write(self, write: Coroutine[Any, Any, None]) -> None:
        # shield: a write cancelled with its caller could still reach the store, after `discard` has deleted the rest.
        self._last_write = asyncio.create_task(write)
        await asyncio.shield(self._last_write)

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
        pending = [bytes(self._buffer[n * size : (n + 1) * size]) for n in range(chunk_count)]
        del self._buffer[: chunk_count * size]
        for start in range(0, chunk_count, CHUNKS_A_WRITE):
            batch = pending[start : start + CHUNKS_A_WRITE]
            await self._write(models.insert_chunks(self.file_id, self._written, batch))
            self._written += len(batch)
