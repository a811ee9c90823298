"""Whom somebody has blocked. Nobody else is told."""

from typing import Any

from users import blocks
from users import selectors as users
from users.actor import Actor

MAX_PAGE = 100


async def list_blocked(*, actor: Actor, cursor: str | None = None, limit: int = MAX_PAGE) -> dict[str, Any]:
    """Return {"blocked": [{"userId", "name", "since"}], "revision", "nextCursor"?}: whom the actor has blocked.

    In the order of their ids, those after the cursor's. `revision` is that of the actor's last `user_update` which is
    sure to be in them.
    """
    revision = await users.get_revision(user_id=actor.user_id)
    found = [block for block in await blocks.list_blocked(actor.user_id) if cursor is None or block.user_id > cursor]
    page = found[:limit]
    known = await users.get_users(user_ids=[block.user_id for block in page])
    blocked = [
        {
            "userId": block.user_id,
            "name": known[block.user_id].name if block.user_id in known else block.user_id,
            "since": block.since,
        }
        for block in page
    ]
    answer: dict[str, Any] = {"blocked": blocked, "revision": revision}
    return {**answer, "nextCursor": page[-1].user_id} if len(found) > limit else answer


async def blocked_ids(*, actor: Actor) -> set[str]:
    """Return the ids of those whom the actor has blocked."""
    return {block.user_id for block in await blocks.list_blocked(actor.user_id)}
