"""What the page of a group's links shows."""

from datetime import datetime
from typing import Any

from foundation.errors import AppError
from foundation.ids import iso_time
from groups import selectors as groups
from groups.invitations import selectors
from groups.invitations.services import NewLink
from users import selectors as users
from users.actor import Actor

DAYS = (1, 7, 30, 90)


async def links_context(
    actor: Actor, group_id: str, *, made: NewLink | None = None, problem: AppError | None = None
) -> dict[str, Any]:
    """Return the context of the page, for those who may invite; raises as `selectors.list_links`."""
    links = await selectors.list_links(actor=actor, group_id=group_id)
    group = await groups.get_group(actor=actor, group_id=group_id)
    makers = await users.get_users(user_ids={link.created_by for link in links})
    rows = [
        {
            "link": link,
            "expires_at": datetime.fromisoformat(iso_time(link.expires_at)),
            "maker": makers[link.created_by].name if link.created_by in makers else link.created_by,
        }
        for link in links
    ]
    sentences = [text for texts in (problem.fields or {}).values() for text in texts] if problem else []
    shown = {"message": problem.message, "fields": sentences} if problem else None
    return {"group": group, "rows": rows, "days": DAYS, "made": made, "problem": shown}
