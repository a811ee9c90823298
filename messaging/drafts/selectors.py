"""Reads of a user's drafts."""

from typing import Any

from groups import selectors as groups
from groups.access import require_member
from messaging import reading_budget
from users import selectors as users
from users.actor import Actor

from . import models


async def list_drafts(*, actor: Actor, group_id: str | None = None) -> dict[str, Any]:
    """Return {"drafts": [Draft in wire form], "revision"} of all groups that the actor is in, or of one of them.

    `revision` is that of the actor's last `user_update` that the drafts are sure to have. A draft without content was
    cleared in the last two days. Those of groups that the actor is no longer in are kept, and not returned until they
    come back. Raises `NotFound` unless the actor is a member of `group_id`, `RateLimited`, `Unavailable`.
    """
    reading_budget.require(actor)
    revision = await users.get_revision(user_id=actor.user_id)
    if group_id is None:
        group_ids = await groups.list_group_ids(user_id=actor.user_id)
    else:
        group_ids = {(await require_member(actor=actor, group_id=group_id)).group_id}
    drafts = [each for each in await models.list_drafts(actor.user_id, group_id) if each.group_id in group_ids]
    reading_budget.charge(actor, [draft.as_wire() for draft in drafts])
    return {"drafts": [draft.as_wire() for draft in drafts], "revision": revision}
