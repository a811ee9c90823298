"""The actions on files: storing, taking back, deleting, and sweeping what was never sent or failed."""

import asyncio
import logging
from collections.abc import AsyncIterable, AsyncIterator, Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from django.conf import settings

from foundation.errors import Forbidden, Invalid, Unavailable
from foundation.finishing import finish_in_background
from foundation.ids import new_id
from foundation.tasks import create_background_task, run_to_completion
from groups.access import require_poster
from groups.models import withdraw_file
from users.actor import Actor
from workspace import policies
from workspace.settings import UPLOAD_FILES

from . import models
from .access import require_file
from .arrival import Arrival, receive_and_keep
from .file_reference import FileReference
from .quota import require_space
from .upload import Upload

logger = logging.getLogger(__name__)

_SWEEP_BATCH = 100


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A file that a caller uploads; its name and content type are untrusted, and get sanitized."""

    name: str
    content_type: str | None
    chunks: AsyncIterable[bytes]


async def store_file(
    *, actor: Actor, group_id: str, name: str, content_type: str | None, chunks: AsyncIterable[bytes]
) -> FileReference:
    """Store one file for a group and return its reference.

    Until it is sent with a message only the actor sees it, and it expires (`sweep_unsent_files`). Raises `NotFound`
    unless the actor is a member, `Forbidden` where they may not post or the workspace's settings do not permit it,
    `TooLarge` over MAX_FILE_BYTES or a quota, `Unavailable`, or what `chunks` raises.
    Whatever goes wrong, the caller's cancellation included, nothing is left in the store.
    """
    await require_poster(actor=actor, group_id=group_id)
    await policies.require(actor, UPLOAD_FILES)
    upload = Upload(new_id("file"), await require_space(actor.user_id))
    try:
        await upload.write_all(chunks)
        # Checked again: the actor may have been removed during a long upload.
        await require_poster(actor=actor, group_id=group_id)
        arrival = Arrival(
            file_id=upload.file_id,
            group_id=group_id,
            uploaded_by=actor.user_id,
            name=name,
            content_type=content_type,
            size=upload.size,
            sha256=upload.sha256,
            head=upload.head,
        )
        return await upload.complete(receive_and_keep(arrival))
    except BaseException as error:
        await _clean_up(upload.discard, after=error)
        raise


async def store_files(
    *, actor: Actor, group_id: str, files: Sequence[IncomingFile] | AsyncIterable[IncomingFile]
) -> list[FileReference]:
    """Store all of the files or none, and return their references in order; they may come one after the other.

    Raises what `store_file` raises, what `files` raises, and `Invalid` (`file`) for no file or more than
    MAX_ATTACHMENTS.
    """
    stored: list[FileReference] = []
    try:
        async for file in files if isinstance(files, AsyncIterable) else _each(files):
            if len(stored) == settings.MAX_ATTACHMENTS:
                raise _wrong_number()
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
        await _clean_up(partial(_discard, [reference.id for reference in stored]), after=error)
        raise
    if not stored:
        raise _wrong_number()
    return stored


async def _each(files: Sequence[IncomingFile]) -> AsyncIterator[IncomingFile]:
    if len(files) > settings.MAX_ATTACHMENTS:
        raise _wrong_number()
    for file in files:
        yield file


def _wrong_number() -> Invalid:
    return Invalid(fields={"file": [f"Send one to {settings.MAX_ATTACHMENTS} files."]})


async def take_back_file(*, actor: Actor, file_id: str) -> None:
    """Delete a file that the actor has uploaded and not sent; finishes even when the caller is cancelled.

    Raises `NotFound` unless the actor may see it, `Forbidden` when it is another's or belongs to a message,
    `Unavailable`: then it is deleted later.
    """
    reference = await require_file(actor=actor, file_id=file_id)
    if reference.uploaded_by != actor.user_id:
        raise Forbidden("Only who has uploaded a file may take it back.")
    if not await run_to_completion(_withdraw(reference)):
        raise Forbidden("The file belongs to a message: it is deleted with that.")


async def _withdraw(reference: FileReference) -> bool:
    """Delete the file unless it belongs to a message; return whether it was deleted."""
    # First, so that no message that is being sent gets a file which is about to go.
    withdrawn = await withdraw_file(reference.group_id, reference.id)
    if withdrawn:
        await discard_files(file_ids=[reference.id])
    return withdrawn


async def discard_files(*, file_ids: Iterable[str]) -> None:
    """Delete files for good; missing ones are ignored. Finishes even when the caller is cancelled.

    Raises `Unavailable`: then they are deleted later, for the caller may not try again. The caller has checked that the
    actor may.
    """
    discard = partial(_discard, list(file_ids))
    try:
        await run_to_completion(discard())
    except Unavailable:
        finish_in_background(discard, "The deletion of files")
        raise


async def discard_group_files(*, group_id: str) -> None:
    """Delete all files of a group for good; raises `Unavailable`. The caller has checked that the actor may."""
    while files := await models.list_newest_files(group_id, limit=_SWEEP_BATCH):
        await _discard(file.id for file in files)


async def sweep_failed_uploads(*, older_than: timedelta) -> int:
    """Delete what failed uploads left, if their last write is that long ago; returns the number of uploads.

    That is chunks without a file, and files without chunks: a write may time out, and be made by the store after the
    chunks were deleted.
    """
    written_before = datetime.now(UTC) - older_than
    failed = [
        *await models.find_orphaned_uploads(written_before),
        *await models.find_files_without_chunks(written_before),
    ]
    await discard_files(file_ids=failed)
    return len(failed)


async def sweep_unsent_files(*, older_than: timedelta) -> int:
    """Delete the files that were uploaded so long ago and belong to no message; returns their number.

    Each file is looked up in its group once: one that belongs to a message is marked.
    """
    uploaded_before, swept = datetime.now(UTC) - older_than, 0
    while files := await models.find_files_not_known_as_sent(uploaded_before, limit=_SWEEP_BATCH):
        withdrawn = [await _withdraw(file) for file in files]
        await models.mark_sent([file.id for file, gone in zip(files, withdrawn, strict=True) if not gone])
        swept += sum(withdrawn)
    return swept


async def _discard(file_ids: Iterable[str]) -> None:
    for file_id in file_ids:
        await models.delete_file(file_id)


async def _clean_up(discard: Callable[[], Coroutine[Any, Any, None]], *, after: BaseException) -> None:
    """Delete what a failed upload stored; waits for it unless the store has just been unavailable."""
    task = create_background_task(_discard_now_or_later(discard))
    if not isinstance(after, Unavailable):
        await asyncio.shield(task)


async def _discard_now_or_later(discard: Callable[[], Coroutine[Any, Any, None]]) -> None:
    try:
        await discard()
    except Unavailable:
        # The sweep would not: a whole file of a failed upload looks like any other.
        finish_in_background(discard, "The deletion of a failed upload")
    # The caller must get the error that led here, not this one.
    except Exception:
        logger.warning("Could not delete a failed upload.", exc_info=True)
