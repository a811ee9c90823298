"""Who may see a file: the members of its group, at this moment."""

from foundation.errors import NotFound
from groups.access import require_member
from users.actor import Actor

from . import models
from .file_reference import FileReference


async def require_file(*, actor: Actor, file_id: str) -> FileReference:
    """Load a file for one of its group's members; raises `NotFound` for a missing one and a foreign one alike."""
    reference = await models.find_file(file_id)
    if reference is None:
        raise NotFound
    await require_member(actor=actor, group_id=reference.group_id)
    return reference
