"""Whom one may name in a group, for completion while one types."""

from typing import Any

from foundation.limits import bucket
from groups import selectors as groups
from groups.access import require_member
from users import selectors as users
from users.actor import Actor
from users.models import User
from users.names import name_key, sort_key

from .proposals.mention import is_large, may_name_all

MAX_SHOWN = 50
# Of larger groups not all members are read: those who are called so are looked up among all users, this many pages.
_MAX_READ, _PAGES = 200, 5
_EVERYBODY = ("all", "here")


async def list_mentionable(*, actor: Actor, group_id: str, query: str = "", limit: int = 10) -> dict[str, Any]:
    """Return {"users": [{"userId", "name"}], "everybody": those of "all" and "here" that the actor may name}.

    They begin with `query`, regardless of case, `limit` users at most, sorted by name; of groups of 200 members and
    fewer, also those of whom another part of the name begins so. Raises `NotFound` unless the actor is a member,
    `RateLimited`.
    """
    bucket.draw("thread_sync", actor.user_id)
    member = await require_member(actor=actor, group_id=group_id)
    prefix = name_key(query)
    found = await _find(actor, group_id, query, limit)
    everybody = [word for word in _EVERYBODY if word.startswith(prefix)]
    if everybody and not may_name_all(member.role, is_large=await is_large(group_id)):
        everybody = []
    return {"users": [{"userId": user.id, "name": user.name} for user in found], "everybody": everybody}


async def _find(actor: Actor, group_id: str, query: str, limit: int) -> list[User]:
    page = await groups.list_members(actor=actor, group_id=group_id, limit=_MAX_READ)
    if page.next_cursor:
        return await _find_among_all(group_id, query, limit)
    known = await users.get_users(user_ids=[member.user_id for member in page.members])
    prefix = name_key(query)
    matching = [user for user in known.values() if not user.is_removed and _has_part(user.name, prefix)]
    return sorted(matching, key=lambda user: sort_key(user.name, user.id))[:limit]


async def _find_among_all(group_id: str, query: str, limit: int) -> list[User]:
    found: list[User] = []
    cursor: tuple[str, ...] | None = None
    for _ in range(_PAGES):
        page = await users.find_users(query=query, limit=100, cursor=cursor)
        members = await groups.members_among(group_id=group_id, user_ids=[user.id for user in page.users])
        found += [user for user in page.users if user.id in members]
        if page.next_cursor is None or len(found) >= limit:
            break
        last = page.users[-1]
        cursor = (sort_key(last.name, last.id),)
    return found[:limit]


def _has_part(name: str, prefix: str) -> bool:
    key = name_key(name)
    return key.startswith(prefix) or any(part.startswith(prefix) for part in key.split())
