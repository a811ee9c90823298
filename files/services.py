"""Every rule about files coming and going."""

import asyncio
import logging
from collections.abc import AsyncIterable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings

from foundation.errors import Invalid, Unavailable
from foundation.ids import new_id, now
from foundation.tasks import create_background_task, run_to_completion
from groups.access import require_member
from users.actor import Actor

from . import models
from .images import dimensions
from .names import clean_name, clean_type
from .reference import FileReference
from .upload import Upload

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A file that a caller hands in; name and type are the caller's word and get cleaned."""

    name: str
    content_type: str | None
    chunks: AsyncIterable[bytes]


async def store_file(
    *, actor: Actor, group_id: str, name: str, content_type: str | None, chunks: AsyncIterable[bytes]
) -> FileReference:
    """Store one file for a group; raises `NotFound` for one who is no member, `TooLarge`, `Unavailable`.

    Whatever goes wrong, the caller's own cancellation included, nothing stays behind.
    """
    await require_member(actor=actor, group_id=group_id)
    upload = Upload(new_id("file"))
    try:
        await upload.write_all(chunks)
        # A hundred megabytes take a while: the uploader may have been removed meanwhile.
        await require_member(actor=actor, group_id=group_id)
        width, height = dimensions(upload.head) or (None, None)
        reference = FileReference(
            id=upload.file_id,
            name=clean_name(name),
            type=clean_type(content_type),
            size=upload.size,
            group_id=group_id,
            uploaded_by=actor.user_id,
            uploaded_at=now(),
            sha256=upload.sha256,
            width=width,
            height=height,
        )
        await upload.complete(reference)
    except BaseException as error:
        await _clean_up(upload.discard(), after=error)
        raise
    return reference


async def store_files(*, actor: Actor, group_id: str, files: Sequence[IncomingFile]) -> list[FileReference]:
    """Store all of the files or none; raises what `store_file` raises, and `Invalid` for none or too many."""
    if not 0 < len(files) <= settings.MAX_ATTACHMENTS:
        raise Invalid(fields={"file": [f"Send one to {settings.MAX_ATTACHMENTS} files."]})
    stored: list[FileReference] = []
    try:
        for file in files:
            stored.append(
                await store_file(
                    actor=actor,
                    group_id=group_id,
                    name=file.name,
                    content_type=file.content_type,
                    chunks=file.chunks,
                )
            )
    except BaseException as error:
        await _clean_up(_discard([reference.id for reference in stored]), after=error)
        raise
    return stored


async def discard_files(*, file_ids: Iterable[str]) -> None:
    """Delete files for good, as when their message is deleted; those already gone are no error.

    It goes on when the caller is cancelled.
    """
    await run_to_completion(_discard(file_ids))


async def sweep_failed_uploads(*, older_than: timedelta) -> int:
    """Delete what uploads left that failed and last wrote that long ago: chunks without a file, a file without chunks.

    The latter is what a write makes that the store carries out long after it was given up, behind the cleaning up.
    Returns how many uploads they are.
    """
    born_before = datetime.now(UTC) - older_than
    failed = [*await models.orphaned_uploads(born_before), *await models.hollow_files(born_before)]
    await discard_files(file_ids=failed)
    return len(failed)


async def _discard(file_ids: Iterable[str]) -> None:
    for file_id in file_ids:
        await models.delete_file(file_id)


async def _clean_up(discarding: Coroutine[Any, Any, None], *, after: BaseException) -> None:
    task = create_background_task(_quietly(discarding))
    # With a store that does not answer, the caller has waited long enough.
    if not isinstance(after, Unavailable):
        await asyncio.shield(task)


async def _quietly(discarding: Coroutine[Any, Any, None]) -> None:
    try:
        await discarding
    # The failure that led here is what the caller must hear of; `manage.py sweep_files` finds what stays.
    except Exception as error:
        known = isinstance(error, Unavailable)
        logger.warning("What a failed upload has stored stays until the next sweep.", exc_info=not known)
