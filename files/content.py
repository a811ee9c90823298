"""Reads the bytes of what is stored, whoever may see them."""

import asyncio
from collections.abc import AsyncGenerator

from foundation.errors import Gone

from . import models
from .models import CHUNK_BYTES

# About a megabyte in one query: a slow client holds neither a cursor nor much memory.
CHUNKS_A_READ = 4


async def read_stored(file_id: str, start: int, end: int) -> AsyncGenerator[bytes, None]:
    """Yield the bytes from `start` up to, not including, `end`, which is not past the end, in pieces.

    Raises `Gone` when some are missing, as after a deletion, `Unavailable`.
    """
    position, reading = max(0, start), None
    try:
        while position < end:
            first = position // CHUNK_BYTES
            reading = reading or _read(file_id, first, end)
            chunks, reading = await reading, None
            if not chunks:
                raise Gone
            if (first + len(chunks)) * CHUNK_BYTES < end:
                # The next is read while this is sent.
                reading = _read(file_id, first + len(chunks), end)
            for n, chunk in enumerate(chunks, first):
                part = chunk[position - n * CHUNK_BYTES : end - n * CHUNK_BYTES]
                if not part:
                    raise Gone
                position += len(part)
                yield part
    finally:
        if reading is not None:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)


def _read(file_id: str, first: int, end: int) -> asyncio.Task[list[bytes]]:
    count = min(CHUNKS_A_READ, (end - 1) // CHUNK_BYTES - first + 1)
    return asyncio.create_task(models.read_chunks(file_id, first, count))
