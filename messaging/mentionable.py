"""Whom one may name in a group, for completion while one types."""

import asyncio
from typing import Any

from foundation.cursors import decode_cursor
from foundation.limits import bucket
from groups import selectors as groups
from groups.access import require_member
from users import selectors as users
from users.actor import Actor
from users.folding import fold, keys_of
from users.user import User
from workspace.teams import selectors as teams

from .proposals.mention import is_large, may_name_all

MAX_SHOWN = 50
# Of larger groups not all members are read: those who are called so are looked up among all users, this many pages.
_MAX_READ, _PAGES = 200, 5
_EVERYBODY = ("all", "here")


async def list_mentionable(*, actor: Actor, group_id: str, query: str = "", limit: int = 10) -> dict[str, Any]:
    """Return {"users": [{"userId", "name"}], "teams", "everybody": those of "all" and "here" that the actor may name}.

    `teams` are [{"teamId", "handle", "name"}]; a team need not have people in the group. Their names, a word of them,
    or their handles begin with `query` (`users.folding`), `limit` users and teams at most, sorted by name, in groups of
    over 200 members by what begins so. Raises `NotFound` unless the actor is a member,
    `RateLimited`.
    """
    bucket.draw("thread_sync", actor.user_id)
    member = await require_member(actor=actor, group_id=group_id)
    prefix = fold(query.removeprefix("@"))
    found, named_teams = await asyncio.gather(
        _find(actor, group_id, query, limit), teams.find_teams_for(actor=actor, query=query, limit=limit)
    )
    everybody = [word for word in _EVERYBODY if word.startswith(prefix)]
    if everybody and not may_name_all(member.role, is_large=await is_large(group_id)):
        everybody = []
    return {
        "users": [{"userId": user.id, "name": user.name} for user in found],
        "teams": [{"teamId": team.id, "handle": team.handle, "name": team.name} for team in named_teams],
        "everybody": everybody,
    }


async def _find(actor: Actor, group_id: str, query: str, limit: int) -> list[User]:
    page = await groups.list_members(actor=actor, group_id=group_id, limit=_MAX_READ)
    if page.next_cursor:
        return await _find_among_all(group_id, query, limit)
    known = await users.get_users(user_ids=[member.user_id for member in page.members])
    prefix = fold(query.removeprefix("@"))
    matching = [user for user in known.values() if not user.is_removed and _has_key(user, prefix)]
    return sorted(matching, key=lambda user: (fold(user.name), user.id))[:limit]


async def _find_among_all(group_id: str, query: str, limit: int) -> list[User]:
    found: dict[str, User] = {}
    cursor: tuple[str, ...] | None = None
    for _ in range(_PAGES):
        page = await users.find_users(query=query, limit=100, cursor=cursor)
        members = await groups.members_among(group_id=group_id, user_ids=[user.id for user in page.users])
        found |= {user.id: user for user in page.users if user.id in members}
        if page.next_cursor is None or len(found) >= limit:
            break
        cursor = decode_cursor(page.next_cursor, 1)
    return list(found.values())[:limit]


def _has_key(user: User, prefix: str) -> bool:
    return any(key.startswith(prefix) for key in keys_of(user.name, user.handle))
