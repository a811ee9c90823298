"""Files as a caller may read them."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from foundation.errors import Gone, Invalid, NotFound
from groups.access import require_member
from users.actor import Actor

from . import models
from .access import require_file
from .file_reference import FileReference
from .models import CHUNK_BYTES

# A megabyte at a time: each is a query of its own, so that a slow client keeps neither a cursor nor much memory.
CHUNKS_A_READ = 4


@dataclass(frozen=True, slots=True)
class FilePage:
    files: list[FileReference]
    has_more: bool


async def get_file(*, actor: Actor, file_id: str) -> FileReference:
    """Return a file of one of the caller's groups; raises `NotFound`."""
    return await require_file(actor=actor, file_id=file_id)


async def open_file(*, actor: Actor, file_id: str, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
    """Return the bytes from `start` up to, not including, `end`, in pieces; raises `NotFound` before the first."""
    reference = await require_file(actor=actor, file_id=file_id)
    return read_content(reference, start, reference.size if end is None else end)


async def read_content(reference: FileReference, start: int, end: int) -> AsyncIterator[bytes]:
    """Yield a file's bytes to one who may have them already; raises `Gone` when it is deleted meanwhile."""
    position, end = max(0, start), min(end, reference.size)
    while position < end:
        first = position // CHUNK_BYTES
        wanted = min(CHUNKS_A_READ, (end - 1) // CHUNK_BYTES - first + 1)
        pieces = await models.read_chunks(reference.id, first, wanted)
        if not pieces:
            raise Gone
        for n, piece in enumerate(pieces, first):
            part = piece[position - n * CHUNK_BYTES : end - n * CHUNK_BYTES]
            if not part:
                raise Gone
            position += len(part)
            yield part


async def list_files(*, actor: Actor, group_id: str, limit: int = 50, before: str | None = None) -> FilePage:
    """Return a group's files, newest first, from after the file `before`; raises `NotFound`."""
    await require_member(actor=actor, group_id=group_id)
    position = await models.find_file(before) if before else None
    if before and (position is None or position.group_id != group_id):
        raise NotFound
    found = await models.newest_files(group_id, limit=limit + 1, before=position)
    return FilePage(files=found[:limit], has_more=len(found) > limit)


async def require_files(*, group_id: str, file_ids: Sequence[str], user_id: str) -> list[FileReference]:
    """Return the files in the order asked for; raises `Invalid` unless all are this user's uploads to this group."""
    wanted = list(dict.fromkeys(file_ids))
    if not wanted:
        return []
    found = await models.find_uploads(wanted, group_id=group_id, user_id=user_id)
    if len(found) < len(wanted):
        raise Invalid(
            "Some fields are not valid.",
            fields={"attachments": ["Each must be the id of a file that you uploaded to this group."]},
        )
    return [found[file_id] for file_id in wanted]
