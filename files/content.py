"""Reads the bytes of what is stored, whoever may see them."""

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
    position = max(0, start)
    while position < end:
        first = position // CHUNK_BYTES
        chunk_count = min(CHUNKS_A_READ, (end - 1) // CHUNK_BYTES - first + 1)
        chunks = await models.read_chunks(file_id, first, chunk_count)
        if not chunks:
            raise Gone
        for n, chunk in enumerate(chunks, first):
            part = chunk[position - n * CHUNK_BYTES : end - n * CHUNK_BYTES]
            if not part:
                raise Gone
            position += len(part)
            yield part
