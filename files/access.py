"""Loads a file for the users who may see it: the current members of its group."""

from foundation.errors import NotFound
from groups.access import require_member
from users.actor import Actor

from . import models
from .file_reference import FileReference


async def require_file(*, actor: Actor, file_id: str) -> FileReference:
    """Return a file; raises `NotFound` when it is missing or the actor is not in its group."""
    reference = await models.find_file(file_id)
    if reference is None:
        raise NotFound
    await require_member(actor=actor, group_id=reference.group_id)
    return reference
