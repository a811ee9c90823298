"""Writing and clearing a draft. Of two devices that write it, one is told that it was late, and both what it is now."""

from typing import Any

from django.conf import settings

from dynamodb import store
from foundation.errors import Invalid, VersionConflict
from foundation.limits import bucket
from foundation.tasks import gather_or_cancel
from groups import selectors as groups
from groups.access import require_member
from messaging.services import require_thread_root
from users.actor import Actor
from users.events import UserUpdated
from users.updates import user_updates

from . import models
from .models import Draft


async def write_draft(
    *, actor: Actor, group_id: str, content: str = "", parent_id: str | None = None, if_version: int | None = None
) -> dict[str, Any]:
    """Keep what the actor has written so far in a group, or in the thread of `parent_id`; an empty `content` clears it.

    Returns {"draft": Draft in wire form}, and tells the actor's connections. With `if_version`, the version that the
    device has seen last (0: none), it is refused if another device was faster; without, the last writer wins. What one
    has written oneself, one may clear after leaving the group. Raises `VersionConflict`, `NotFound` unless the actor is
    a member and the thread exists, `Invalid` when there are MAX_DRAFTS others, `RateLimited`, `Unavailable`.
    """
    bucket.draw("draft", actor.user_id)
    user_id = actor.user_id
    # Who writes a version that they have seen needs no look at the row: the write itself compares.
    former = None if content and if_version else await models.find_draft(user_id, group_id, parent_id)
    if content or former is None:
        await require_member(actor=actor, group_id=group_id)
        if parent_id is not None:
            await require_thread_root(group_id, parent_id)
    if not if_version and former is None:
        await _make_space(user_id)
    try:
        draft = await models.write_draft(user_id, group_id, parent_id, content=content, if_version=if_version)
    except store.ConditionFailed:
        return {"draft": await _require_written(user_id, group_id, parent_id, content)}
    user_updates().tell(user_id, UserUpdated.DRAFT, draft.as_wire())
    return {"draft": draft.as_wire()}


async def forget_drafts(*, user_id: str, group_id: str) -> None:
    """Delete what somebody has written for a group that is deleted; may be repeated."""
    drafts = await models.list_drafts(user_id, group_id)
    await gather_or_cancel(models.forget_draft(user_id, draft) for draft in drafts)


async def _require_written(user_id: str, group_id: str, parent_id: str | None, content: str) -> dict[str, Any]:
    """Return the draft if it says this already, by the same write whose response was lost."""
    stored = await models.find_draft(user_id, group_id, parent_id)
    if stored is None or stored.content != content:
        raise VersionConflict("The draft was changed on another device: read it again.")
    # It may not have been told.
    user_updates().tell(user_id, UserUpdated.DRAFT, stored.as_wire())
    return stored.as_wire()


async def _make_space(user_id: str) -> None:
    """Have space for one draft more: MAX_DRAFTS in the user's groups, and as many in groups that they have left.

    Of cleared drafts, those cleared first are deleted, and no more than need be: a device may still have their version.
    """
    drafts = sorted(await models.list_drafts(user_id), key=lambda draft: draft.updated_at)
    if len(drafts) < settings.MAX_DRAFTS:
        return
    group_ids = await groups.list_group_ids(user_id=user_id)
    seen = [draft for draft in drafts if draft.group_id in group_ids]
    surplus = max(0, len(seen) - settings.MAX_DRAFTS + 1)
    unused = [draft for draft in seen if not draft.content][:surplus]
    if surplus and not unused:
        raise Invalid(f"You have {len(seen)} drafts: send or clear one first.")
    unused += await _unused_elsewhere([draft for draft in drafts if draft.group_id not in group_ids])
    await gather_or_cancel(models.forget_draft(user_id, draft) for draft in unused)


async def _unused_elsewhere(drafts: list[Draft]) -> list[Draft]:
    """Return those of groups that are deleted, and those of others written first, where there are too many."""
    gone = await _without_group(drafts)
    kept = [draft for draft in drafts if draft not in gone]
    return gone + kept[: max(0, len(kept) - settings.MAX_DRAFTS)]


async def _without_group(drafts: list[Draft]) -> list[Draft]:
    ids = list({draft.group_id for draft in drafts})
    found = await gather_or_cancel(groups.find_group(group_id=group_id) for group_id in ids)
    gone = {group_id for group_id, group in zip(ids, found, strict=True) if group is None}
    return [draft for draft in drafts if draft.group_id in gone]
