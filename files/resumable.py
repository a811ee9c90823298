"""The actions on uploads that may be resumed: what has come is stored, and stays when its request breaks off."""

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from django.conf import settings

from foundation.errors import Gone, NotFound, TooLarge, Unavailable, VersionConflict
from foundation.finishing import finish_in_background
from foundation.ids import new_id
from foundation.tasks import run_to_completion
from groups.access import require_poster
from users.actor import Actor
from workspace import policies
from workspace.settings import UPLOAD_FILES

from . import models, pending
from .access import require_file
from .arrival import Arrival, Received, keep, receive
from .content import read_stored
from .models import CHUNK_BYTES
from .pending import PendingUpload
from .quota import require_space
from .services import take_back_file
from .tus import Checksum, ChecksumMismatch
from .upload import Upload

LIFETIME = timedelta(days=1)
_SWEEP_BATCH = 100
_PIECE_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an upload is: `offset` of `length` bytes. What is whole does not expire as an upload."""

    id: str
    offset: int
    length: int
    expires_at: datetime | None = None


async def begin_upload(*, actor: Actor, group_id: str, length: int, name: str, content_type: str = "") -> Progress:
    """Begin an upload to a group; its id is that of the file that it becomes.

    Raises `NotFound` unless the actor is a member, `Forbidden` where they may not post or the workspace's settings do
    not permit it, `TooLarge` over MAX_FILE_BYTES or a quota, `Unavailable`.
    """
    await require_poster(actor=actor, group_id=group_id)
    await policies.require(actor, UPLOAD_FILES)
    if length > settings.MAX_FILE_BYTES:
        raise TooLarge(f"A file may have up to {settings.MAX_FILE_BYTES} bytes.")
    space = await require_space(actor.user_id)
    if length > space:
        raise TooLarge(f"There is space for {space} more bytes: delete some files.")
    upload = PendingUpload(new_id("file"), group_id, actor.user_id, name, content_type, length, _expiry())
    await pending.insert_pending(upload)
    if not length:
        await run_to_completion(_finish(upload))
        return Progress(upload.id, 0, 0)
    return Progress(upload.id, 0, length, upload.expires_at)


async def get_progress(*, actor: Actor, upload_id: str) -> Progress:
    """Return how far an upload of the actor is; raises `NotFound`, `Unavailable`.

    One whose last part has come, and whose request has then broken off, is made a file of now.
    """
    upload = await _find(actor, upload_id)
    if upload is None:
        return await _progress_of_file(actor, upload_id)
    offset = (await pending.find_stored(upload.id)).offset
    if offset >= upload.length or upload.received:
        return await _finished(actor, upload)
    return Progress(upload.id, offset, upload.length, upload.expires_at)


async def append_part(
    *, actor: Actor, upload_id: str, offset: int, pieces: AsyncIterable[bytes], checksum: Checksum | None = None
) -> Progress:
    """Store a part that begins at `offset`, or as much of it as comes; after the last one the upload is a file.

    Raises `NotFound` for an upload that is not the actor's or of a group that they have left, `Forbidden` where they
    may not post any more, `VersionConflict` when it is not at `offset`, `TooLarge` for more bytes than it has,
    `ChecksumMismatch`: then nothing is kept, `Unavailable`.
    """
    upload = await _find(actor, upload_id)
    if upload is None:
        await _progress_of_file(actor, upload_id)
        raise VersionConflict("This upload is complete.")
    await require_poster(actor=actor, group_id=upload.group_id)
    stored = await pending.find_stored(upload.id)
    if stored.offset != offset:
        raise VersionConflict(f"The upload is at byte {stored.offset}.")
    await pending.prolong(upload.id, expires_at := _expiry())
    # What a store has lost (a new primary, a kill) came before what it has.
    await models.delete_chunks_from(upload.id, -(-offset // CHUNK_BYTES))
    part = Upload(upload.id, upload.length, stored=offset, tail=stored.tail)
    async with aclosing(_checked(_at_most(pieces, upload.length - offset), checksum)) as checked:
        await part.write_all(checked)
    if part.size < upload.length:
        return Progress(upload.id, part.size, upload.length, expires_at)
    return await _finished(actor, upload, whole=None if offset else part)


async def end_upload(*, actor: Actor, upload_id: str) -> None:
    """Delete an upload and what has come of it, or take back the file that it has become.

    Raises `NotFound` for one that is not the actor's, `Forbidden` for a file that belongs to a message, `Unavailable`.
    """
    upload = await _find(actor, upload_id)
    if upload is None:
        await take_back_file(actor=actor, file_id=upload_id)
    else:
        await run_to_completion(_discard(upload.id))


async def sweep_expired_uploads() -> int:
    """Delete the uploads that have expired; returns their number."""
    swept = 0
    while expired := await pending.find_expired(datetime.now(UTC), limit=_SWEEP_BATCH):
        for upload_id in expired:
            await _discard(upload_id)
        swept += len(expired)
    return swept


async def _find(actor: Actor, upload_id: str) -> PendingUpload | None:
    """Return the actor's upload, None if it is none any more; raises `NotFound` for another's and an expired one."""
    upload = await pending.find_pending(upload_id)
    if upload is not None and (upload.user_id != actor.user_id or upload.expires_at < datetime.now(UTC)):
        raise NotFound
    return upload


async def _progress_of_file(actor: Actor, upload_id: str) -> Progress:
    reference = await require_file(actor=actor, file_id=upload_id)
    if reference.uploaded_by != actor.user_id:
        raise NotFound
    return Progress(upload_id, reference.size, reference.size)


async def _finished(actor: Actor, upload: PendingUpload, whole: Upload | None = None) -> Progress:
    """Make a file of an upload; `whole` has hashed all of it, if it came at once."""
    # The actor may have been removed during a long upload.
    await require_poster(actor=actor, group_id=upload.group_id)
    await run_to_completion(_finish(upload, whole))
    return Progress(upload.id, upload.length, upload.length)


async def _finish(upload: PendingUpload, whole: Upload | None = None) -> None:
    """Several may do so at once, and again after a failure: what the first has noted becomes of it."""
    received = upload.received
    if received is None:
        try:
            received = await _receive(upload, whole)
        except Gone:
            # Another process has replaced the content meanwhile, so it has noted what becomes of it.
            noted = await pending.find_pending(upload.id)
            received = noted.received if noted else None
            if noted and received is None:
                # Chunks are missing: the client asks how far it is, and goes on from there.
                raise Unavailable from None
    if received is not None:
        await keep(received)
    elif await models.find_file(upload.id) is None:
        # Ended meanwhile.
        raise NotFound
    await pending.delete_pending(upload.id)


async def _receive(upload: PendingUpload, whole: Upload | None) -> Received | None:
    sha256, head = (whole.sha256, whole.head) if whole else await _hash(upload)
    own = await receive(
        Arrival(
            file_id=upload.id,
            group_id=upload.group_id,
            uploaded_by=upload.user_id,
            name=upload.name,
            content_type=upload.content_type,
            size=upload.length,
            sha256=sha256,
            head=head,
        )
    )
    noted = await pending.note_received(upload.id, own)
    if own.replacement and (noted is None or noted.replacement != own.replacement):
        await models.delete_chunks(own.replacement)
    return noted


async def _hash(upload: PendingUpload) -> tuple[str, bytes]:
    """Return the SHA-256 of what is stored, in hex, and its first chunk: other parts came to other processes."""
    digest, head = hashlib.sha256(), b""
    async with aclosing(read_stored(upload.id, 0, upload.length)) as pieces:
        async for piece in pieces:
            digest.update(piece)
            head = head or piece[:CHUNK_BYTES]
    return digest.hexdigest(), head


async def _discard(upload_id: str) -> None:
    await pending.delete_pending(upload_id)
    try:
        await models.delete_file(upload_id)
    except Unavailable:
        finish_in_background(partial(models.delete_file, upload_id), "The deletion of an upload")
        raise


async def _at_most(pieces: AsyncIterable[bytes], count: int) -> AsyncIterator[bytes]:
    async for piece in pieces:
        count -= len(piece)
        if count < 0:
            raise TooLarge("This is more than the upload has by its Upload-Length.")
        yield piece


async def _checked(pieces: AsyncIterable[bytes], checksum: Checksum | None) -> AsyncGenerator[bytes, None]:
    """Yield the pieces; with a checksum only once all have come and have it."""
    if checksum is None:
        async for piece in pieces:
            yield piece
        return
    with tempfile.TemporaryFile() as file:
        hashed = checksum.new_hash()
        async for piece in pieces:
            hashed.update(piece)
            await asyncio.to_thread(file.write, piece)
        if not checksum.matches(hashed):
            raise ChecksumMismatch
        await asyncio.to_thread(file.seek, 0)
        while piece := await asyncio.to_thread(file.read, _PIECE_BYTES):
            yield piece


def _expiry() -> datetime:
    return datetime.now(UTC) + LIFETIME
