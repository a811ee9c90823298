"""Deleting a group: its members are removed at once, then its files, messages and rows are erased in the background."""

import logging

from files import resumable as uploads
from files import services as files
from files.pictures import services as pictures
from foundation.errors import Unavailable
from foundation.finishing import finish_in_background
from foundation.tasks import create_background_task, run_to_completion
from groups import models as groups
from groups.dissolving import dissolve_group
from groups.erasing import erase_group
from users.actor import Actor
from workspace import audit

from .drafts.services import forget_drafts
from .later.forgetting import forget_planned
from .saved.services import forget_saved

logger = logging.getLogger(__name__)


async def delete_group(*, actor: Actor, group_id: str) -> None:
    """Delete a group for good, with all that was said and attached in it; finishes even when the caller is cancelled.

    When it returns, nobody is a member and all have been told. Raises `NotFound` unless the actor is a member,
    `Forbidden` unless the owner, `Invalid` for a direct conversation, `Unavailable`: the same call goes on then.
    """
    await run_to_completion(_delete(actor, group_id))


async def _delete(actor: Actor, group_id: str) -> None:
    await dissolve_group(actor=actor, group_id=group_id)
    create_background_task(_erase_now_or_later(group_id))
    await audit.record("group.delete", by=actor, group=group_id)


async def erase_deleted_groups() -> int:
    """Erase what earlier deletions have left, because a process or an engine was away; returns the number of groups.

    One that cannot be erased does not keep the others: after them, its error is raised.
    """
    group_ids = await groups.find_deletions()
    errors = [error for group_id in group_ids if (error := await _try_to_erase(group_id))]
    if errors:
        raise errors[0]
    return len(group_ids)


async def _try_to_erase(group_id: str) -> Exception | None:
    try:
        await _erase(group_id)
    except Exception as error:  # whatever it is, the other groups are erased
        logger.warning("the deleted group %s could not be erased: %r", group_id, error)
        return error
    return None


async def _erase(group_id: str) -> None:
    # The files first: they are found by the group's id, which the note that is deleted last has.
    await files.discard_group_files(group_id=group_id)
    await uploads.discard_group_uploads(group_id=group_id)
    await pictures.discard_group_pictures(group_id=group_id)

    async def forget_user(user_id: str) -> None:
        await forget_drafts(user_id=user_id, group_id=group_id)
        await forget_saved(user_id=user_id, group_id=group_id)
        await forget_planned(user_id=user_id, group_id=group_id)

    await erase_group(group_id, forget_user)


async def _erase_now_or_later(group_id: str) -> None:
    try:
        await _erase(group_id)
    except Unavailable:
        finish_in_background(lambda: _erase(group_id), f"The erasure of {group_id}")
