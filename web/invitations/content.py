"""What the page of a group's links shows."""

from datetime import datetime
from typing import Any

from foundation.errors import AppError, Forbidden
from foundation.ids import iso_time
from groups import selectors as groups
from groups.invitations import selectors
from groups.invitations.services import NewLink
from users import selectors as users
from users.actor import Actor
from web.shell import problem_of

DAYS = (1, 7, 30, 90)


async def links_context(
    actor: Actor, group_id: str, *, made: NewLink | None = None, problem: AppError | None = None
) -> dict[str, Any]:
    """Return the context of the page, for those who may invite; raises as `selectors.list_links`."""
    links = await selectors.list_links(actor=actor, group_id=group_id)
    group = await groups.get_group(actor=actor, group_id=group_id)
    asked = await _asked(actor, group_id)
    makers = await users.get_users(user_ids={link.created_by for link in links})
    rows = [
        {
            "link": link,
            "expires_at": datetime.fromisoformat(iso_time(link.expires_at)),
            "maker": makers[link.created_by].name if link.created_by in makers else link.created_by,
        }
        for link in links
    ]
    return {"group": group, "rows": rows, "days": DAYS, "made": made, "problem": problem_of(problem), **asked}


async def _asked(actor: Actor, group_id: str) -> dict[str, Any]:
    """Return whom the group asks to join, the first hundred of them, by name; nothing for who may not know."""
    try:
        page = await selectors.list_asked(actor=actor, group_id=group_id)
    except Forbidden:
        return {}
    people = await users.get_users(user_ids={each[who] for each in page["asked"] for who in ("userId", "askedBy")})
    rows = [
        {
            "id": each["userId"],
            "name": people[each["userId"]].name if each["userId"] in people else each["userId"],
            "by": people[each["askedBy"]].name if each["askedBy"] in people else each["askedBy"],
            "at": datetime.fromisoformat(each["askedAt"]),
        }
        for each in page["asked"]
    ]
    return {
        "manages": True,
        "asked": sorted(rows, key=lambda row: str(row["name"])),
        "more_asked": "nextCursor" in page,
    }
