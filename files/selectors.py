"""Reads of files for a caller."""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from datetime import datetime

from foundation.cursors import encode_cursor
from foundation.errors import Invalid, NotFound, Unauthenticated
from groups.access import require_member
from users.actor import Actor
from users.revoked import is_over, revoked_sessions

from . import models, thumbnails
from .access import require_file, visible_files
from .content import read_stored
from .file_reference import FileReference

# A download takes as long as its client does: how often access is checked again, and the most that is sent at a time.
ACCESS_SECONDS, PIECE_BYTES = 1.0, 64 * 1024


@dataclass(frozen=True, slots=True)
class FilePage:
    """A page of files, newest first; `next_cursor` is None on the last one."""

    files: list[FileReference]
    next_cursor: str | None

    @property
    def has_more(self) -> bool:
        return self.next_cursor is not None


async def get_file(*, actor: Actor, file_id: str) -> FileReference:
    """Return a file; raises `NotFound` when it is missing or not in a group of the actor, `Unavailable`."""
    return await require_file(actor=actor, file_id=file_id)


async def read_content(reference: FileReference, start: int, end: int) -> AsyncGenerator[bytes, None]:
    """Yield a file's bytes from `start` up to, not including, `end`, in pieces; checks no permission.

    Raises `Gone` when the file is deleted meanwhile, `Unavailable`.
    """
    async with aclosing(read_stored(reference.id, start, min(end, reference.size))) as pieces:
        async for piece in pieces:
            yield piece


async def read_while_permitted(reference: FileReference, start: int, end: int, *, actor: Actor) -> AsyncIterator[bytes]:
    """Yield what `read_content` does, in pieces of `PIECE_BYTES` at most, for as long as the actor may see the file.

    Access is checked again every `ACCESS_SECONDS`: raises `NotFound` once they no longer may, `Unauthenticated` once
    their session has ended, `Gone` when the file is deleted meanwhile, `Unavailable`.
    """
    checked = time.monotonic()
    async with aclosing(read_content(reference, start, end)) as chunks:
        async for chunk in chunks:
            for first in range(0, len(chunk), PIECE_BYTES):
                if time.monotonic() - checked > ACCESS_SECONDS:
                    if is_over(revoked_sessions(), session_id=actor.session_id, user_id=actor.user_id):
                        raise Unauthenticated
                    await require_file(actor=actor, file_id=reference.id)
                    checked = time.monotonic()
                yield chunk[first : first + PIECE_BYTES]


async def get_thumbnail(*, actor: Actor, file_id: str, side: int) -> tuple[FileReference, bytes]:
    """Return an image's thumbnail for this side as a file of its own, and its content.

    Raises `NotFound` as `get_file` does, and when there is no such thumbnail, `Unavailable`.
    """
    reference = await require_file(actor=actor, file_id=file_id)
    has_it = side in [thumbnail.side for thumbnail in reference.thumbnails]
    content = await thumbnails.read_thumbnail(file_id, side) if has_it else None
    if content is None:
        raise NotFound
    tag = f"{reference.sha256}-{side}"
    return replace(reference, type=thumbnails.CONTENT_TYPE, size=len(content), sha256=tag), content


async def list_files(
    *,
    actor: Actor,
    group_id: str,
    limit: int = 50,
    cursor: tuple[datetime, str] | None = None,
    before: str | None = None,
    kind: str | None = None,
) -> FilePage:
    """Return a page of a group's files, newest first, of `limit` at most: those of messages, and the actor's own.

    `cursor` is where the page before has ended: a time and a file's id. With `before` the page begins after the file of
    this id, which must exist; with `kind` it has those of this kind (`kinds.KINDS`) alone. Raises `NotFound` unless the
    actor is a member and the file `before` is one of the group's, `Unavailable`.
    """
    await require_member(actor=actor, group_id=group_id)
    if before:
        file = await require_file(actor=actor, file_id=before)
        if file.group_id != group_id:
            raise NotFound
        cursor = _place(file)
    files = await _visible_after(actor, group_id, cursor, limit + 1, kind)
    page = files[:limit]
    return FilePage(page, encode_cursor(page[-1].uploaded_at, page[-1].id) if len(files) > limit else None)


async def _visible_after(
    actor: Actor, group_id: str, cursor: tuple[datetime, str] | None, count: int, kind: str | None
) -> list[FileReference]:
    """Return `count` files that the actor may see, fewer at the end: others' unsent ones are passed over."""
    visible: list[FileReference] = []
    while len(visible) < count:
        files = await models.list_newest_files(group_id, limit=count, after=cursor, kind=kind)
        visible += await visible_files(actor=actor, group_id=group_id, files=files)
        if len(files) < count:
            break
        cursor = _place(files[-1])
    return visible[:count]


def _place(file: FileReference) -> tuple[datetime, str]:
    return datetime.fromisoformat(file.uploaded_at), file.id


async def require_files(*, group_id: str, file_ids: Sequence[str], user_id: str) -> list[FileReference]:
    """Return the files in the order of `file_ids`, without repetitions.

    Raises `Invalid` (`attachments`) unless all are this user's uploads to this group, `Unavailable`.
    """
    unique_ids = list(dict.fromkeys(file_ids))
    if not unique_ids:
        return []
    uploads = await models.find_uploads(unique_ids, group_id=group_id, user_id=user_id)
    if len(uploads) < len(unique_ids):
        raise Invalid(
            "Some fields are not valid.",
            fields={"attachments": ["Each must be the id of a file that you uploaded to this group."]},
        )
    return [uploads[file_id] for file_id in unique_ids]
