"""Loads a file for the users who may see it: the members of its group once it was sent, before that its uploader."""

import asyncio
from collections.abc import Sequence

from foundation.errors import NotFound
from groups.access import require_member
from groups.models import find_attached_files
from users.actor import Actor

from . import models
from .file_reference import FileReference


async def require_file(*, actor: Actor, file_id: str) -> FileReference:
    """Return a file; raises `NotFound` when it is missing, or the actor may not see it."""
    reference = await models.find_file(file_id)
    if reference is None:
        raise NotFound
    # At once: the store reads both rows together.
    _, visible = await asyncio.gather(
        require_member(actor=actor, group_id=reference.group_id),
        visible_files(actor=actor, group_id=reference.group_id, files=[reference]),
    )
    if not visible:
        raise NotFound
    return reference


async def visible_files(*, actor: Actor, group_id: str, files: Sequence[FileReference]) -> list[FileReference]:
    """Return those of a group's files that a member may see: their own, and those of messages."""
    others = [file.id for file in files if file.uploaded_by != actor.user_id]
    attached = await find_attached_files(group_id, others) if others else {}
    return [file for file in files if file.uploaded_by == actor.user_id or attached.get(file.id)]
