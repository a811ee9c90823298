"""Whom one may name in a group, for completion while one types."""

import asyncio
from collections.abc import Collection
from typing import Any

from foundation.cursors import decode_cursor
from foundation.limits import bucket
from groups import selectors as groups
from groups.access import may, require_member
from groups.policy import MENTION_ALL
from users import selectors as users
from users.actor import Actor
from users.folding import fold, match_rank
from users.user import User
from workspace.teams import selectors as teams

from .proposals.mention import is_large, may_name_all

MAX_SHOWN = 50
# Of larger groups not all members are read: those who are called so are looked up among all users, this many pages.
_MAX_READ, _PAGES = 200, 5
_EVERYBODY = ("all", "here")


async def list_mentionable(*, actor: Actor, group_id: str, query: str = "", limit: int = 10) -> dict[str, Any]:
    """Return {"users": [{"userId", "name", "handle"?}], "teams", "everybody": "all" and "here", if the actor may}.

    `teams` are [{"teamId", "handle", "name"}] that the actor may see; a team need not have people in the group. Their
    names, a word of them, or their handles begin with `query` (`users.folding`), `limit` users and teams at most: who
    has just this handle first (`match_rank`), then by name. Of a group of over 200 members, they are among those who
    are found first by what begins so. Raises `NotFound` unless the actor is a member, `RateLimited`.
    """
    bucket.draw("thread_sync", actor.user_id)
    member = await require_member(actor=actor, group_id=group_id)
    query = query.removeprefix("@")
    prefix = fold(query)
    members, named_teams = await asyncio.gather(
        _find(actor, group_id, query, limit), teams.find_teams_for(actor=actor, query=query, limit=limit)
    )
    found = _ranked(members, prefix)[:limit]
    everybody = [word for word in _EVERYBODY if word.startswith(prefix)]
    if everybody and not await _may_name_all(group_id, member.role):
        everybody = []
    return {
        "users": [_wire(user) for user in found],
        "teams": [{"teamId": team.id, "handle": team.handle, "name": team.name} for team in named_teams],
        "everybody": everybody,
    }


def _wire(user: User) -> dict[str, str]:
    wire = {"userId": user.id, "name": user.name}
    return {**wire, "handle": user.handle} if user.handle else wire


def _ranked(found: Collection[User], prefix: str) -> list[User]:
    """Return those who are found by the beginning, best first."""
    ranks = {user.id: match_rank(user.name, user.handle, prefix) for user in found}
    matching = [(rank, fold(user.name), user.id, user) for user in found if (rank := ranks[user.id]) is not None]
    return [user for *_, user in sorted(matching, key=lambda each: each[:3])]


async def _may_name_all(group_id: str, role: str) -> bool:
    # At once: the store reads the group's row once.
    group, large = await asyncio.gather(groups.find_group(group_id=group_id), is_large(group_id))
    return group is not None and may(group.policy, MENTION_ALL, role) and may_name_all(role, is_large=large)


async def _find(actor: Actor, group_id: str, query: str, limit: int) -> list[User]:
    """Return members who may match: all of a small group."""
    page = await groups.list_members(actor=actor, group_id=group_id, limit=_MAX_READ)
    if page.next_cursor:
        return await _find_among_all(group_id, query, limit)
    known = await users.get_users(user_ids=[member.user_id for member in page.members])
    return [user for user in known.values() if user.is_active]


async def _find_among_all(group_id: str, query: str, limit: int) -> list[User]:
    found: dict[str, User] = {}
    # In the order of names they may lie far behind others.
    exact = await users.find_by_handle(handle=query)
    if exact and exact.is_active and await groups.members_among(group_id=group_id, user_ids=[exact.id]):
        found[exact.id] = exact
    cursor: tuple[str, ...] | None = None
    for _ in range(_PAGES):
        page = await users.find_among_all(query=query, limit=100, cursor=cursor)
        members = await groups.members_among(group_id=group_id, user_ids=[user.id for user in page.users])
        found |= {user.id: user for user in page.users if user.id in members}
        if page.next_cursor is None or len(found) >= limit:
            break
        cursor = decode_cursor(page.next_cursor, 1)
    return list(found.values())
