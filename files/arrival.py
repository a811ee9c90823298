"""What happens to an upload once all of its bytes are stored: its type is found, an image is prepared."""

import asyncio
import logging
from contextlib import aclosing
from dataclasses import dataclass, replace

from foundation.ids import now

from . import models
from .charset import charset_of, declared_charset
from .content import read_stored
from .content_type import content_type_of
from .file_reference import FileReference, Thumbnail
from .images.dimensions import image_dimensions, is_image
from .images.processes import ImageFailed, Processed, image_processes
from .kinds import is_text
from .sanitize import FALLBACK_TYPE, clean_content_type, clean_filename
from .thumbnails import store_thumbnails
from .upload import Upload

logger = logging.getLogger(__name__)

# Others stay as they came: HEIC, TIFF and BMP are plain files.
PREPARED_TYPES = frozenset(("image/avif", "image/gif", "image/jpeg", "image/png", "image/webp"))
# Larger ones stay as they came, too: a process has room for no more.
MAX_PREPARED_BYTES = 100 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Arrival:
    """An upload that is stored under the id of the file that it becomes; `name` and `content_type` are untrusted."""

    file_id: str
    group_id: str
    uploaded_by: str
    name: str
    content_type: str | None
    size: int
    sha256: str
    head: bytes


@dataclass(frozen=True, slots=True)
class Received:
    """The file that an upload becomes; content that waits under the id `replacement`, if any, is to replace its own."""

    reference: FileReference
    replacement: str | None = None


async def receive(arrival: Arrival) -> Received:
    """Return the file that an upload becomes. May be called again if it failed; raises `Gone`, `Unavailable`."""
    name = clean_filename(arrival.name)
    content_type = content_type_of(arrival.head, declared=clean_content_type(arrival.content_type), name=name)
    width, height = await _dimensions_of(arrival.head)
    reference = FileReference(
        id=arrival.file_id,
        name=name,
        type=content_type,
        size=arrival.size,
        group_id=arrival.group_id,
        uploaded_by=arrival.uploaded_by,
        uploaded_at=now(),
        sha256=arrival.sha256,
        width=width,
        height=height,
        charset=_charset(arrival) if is_text(content_type) else None,
    )
    if content_type not in PREPARED_TYPES or arrival.size > MAX_PREPARED_BYTES:
        return Received(reference)
    return await _prepare(reference)


async def _dimensions_of(head: bytes) -> tuple[int, int] | tuple[None, None]:
    # On a thread: a JPEG of 60,000 empty segments takes longer than anybody should have the loop.
    return (await asyncio.to_thread(image_dimensions, head) if is_image(head) else None) or (None, None)


def _charset(arrival: Arrival) -> str:
    declared = declared_charset(arrival.content_type)
    return charset_of(arrival.head, declared, is_whole=len(arrival.head) == arrival.size)


async def keep(received: Received) -> FileReference:
    """Insert the file's document: from then on it can be found and read. May be repeated, raises `Unavailable`."""
    if received.replacement:
        await models.put_in_place(received.reference.id, received.replacement)
    await models.insert_file(received.reference)
    return received.reference


async def receive_and_keep(arrival: Arrival) -> FileReference:
    return await keep(await receive(arrival))


async def _prepare(reference: FileReference) -> Received:
    for decode in (True, False):
        try:
            return await _process(reference, decode=decode)
        except ImageFailed:
            logger.info("An image was too much for its process (%s).", "decoding" if decode else "reading")
    # It breaks what reads it, so no browser is told that it is an image.
    return Received(replace(reference, type=FALLBACK_TYPE, width=None, height=None))


async def _process(reference: FileReference, *, decode: bool) -> Received:
    async with (
        aclosing(read_stored(reference.id, 0, reference.size)) as content,
        image_processes().process(content, size=reference.size, decode=decode) as processed,
    ):
        await store_thumbnails(reference.id, processed.thumbnails)
        replacement = await _store_replacement(reference.id, processed)
    prepared = replace(
        reference,
        width=processed.width or reference.width,
        height=processed.height or reference.height,
        thumbnails=tuple(Thumbnail(each.side, each.width, each.height) for each in processed.thumbnails),
    )
    if replacement is None:
        return Received(prepared)
    return Received(replace(prepared, size=replacement.size, sha256=replacement.sha256), replacement.file_id)


async def _store_replacement(file_id: str, processed: Processed) -> Upload | None:
    if processed.clean_bytes is None:
        return None
    # An id of its own for each attempt: two processes may be at the same image.
    replacement = Upload(models.new_replacement_id(file_id), processed.clean_bytes)
    await replacement.write_all(processed.clean())
    return replacement
