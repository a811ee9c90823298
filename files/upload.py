"""One file on its way into GridFS: measured, hashed and cut into chunks as it comes."""

import hashlib
from collections.abc import AsyncIterable

from django.conf import settings

from chatproject.errors import TooLarge

from . import models
from .images import HEAD_BYTES

# One write for about a megabyte: memory stays flat, and 100 MB take a hundred round trips instead of four hundred.
CHUNKS_A_WRITE = 4


class Upload:
    """Takes bytes in pieces of any size; afterwards `size`, `sha256` and `head` say what came."""

    def __init__(self, file_id: str) -> None:
        self.file_id = file_id
        self.size = 0
        self.head = b""
        self.touched_store = False
        self._hash = hashlib.sha256()
        self._buffer = bytearray()
        self._written = 0

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    async def write_all(self, pieces: AsyncIterable[bytes]) -> None:
        """Store everything that comes; raises `TooLarge` at the first byte over the limit."""
        async for piece in pieces:
            self._take(piece)
            if len(self._buffer) >= CHUNKS_A_WRITE * models.CHUNK_BYTES:
                await self._flush(len(self._buffer) // models.CHUNK_BYTES)
        if self._buffer:
            await self._flush(-(-len(self._buffer) // models.CHUNK_BYTES))

    def _take(self, piece: bytes) -> None:
        self.size += len(piece)
        if self.size > settings.MAX_FILE_BYTES:
            raise TooLarge(f"A file may have up to {settings.MAX_FILE_BYTES} bytes.")
        self._hash.update(piece)
        self._buffer += piece
        if len(self.head) < HEAD_BYTES:
            self.head += piece[: HEAD_BYTES - len(self.head)]

    async def _flush(self, chunk_count: int) -> None:
        size = models.CHUNK_BYTES
        self.touched_store = True
        pending = [bytes(self._buffer[n * size : (n + 1) * size]) for n in range(chunk_count)]
        del self._buffer[: chunk_count * size]
        for start in range(0, chunk_count, CHUNKS_A_WRITE):
            batch = pending[start : start + CHUNKS_A_WRITE]
            await models.insert_chunks(self.file_id, self._written, batch)
            self._written += len(batch)
