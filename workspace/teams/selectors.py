"""Reads of teams. Those with an `actor` return only what the actor may see; the others are internal.

Each raises `Unavailable` while DynamoDB is down.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from foundation.cursors import encode_cursor
from users import selectors as users
from users.actor import Actor
from users.sight import seen_among
from workspace.roles import may_discover

from . import models
from .access import may_manage, may_see, require_team
from .ids import is_team_id
from .models import Team

Wire = dict[str, Any]
MAX_PAGE = 100


async def find_teams(
    *, actor: Actor, query: str = "", limit: int = 20, cursor: tuple[str, ...] | None = None
) -> tuple[list[Team], str | None]:
    """Return a page of the teams whose name, a word of it or handle begins with `query`, and the cursor of the next.

    Without a query all, sorted by name; of both, those that the actor may see.
    """
    after = cursor[0] if cursor else None
    if may_discover(actor):
        teams, last = await models.search(query, limit=limit, after=after)
    else:
        teams, last = await models.search_of(actor.user_id, query, limit=limit, after=after)
    return teams, encode_cursor(last) if last else None


async def find_teams_for(*, actor: Actor, query: str, limit: int) -> list[Team]:
    """Return the teams that `find_teams` has first."""
    return (await find_teams(actor=actor, query=query, limit=limit))[0]


async def get_team(*, actor: Actor, team_id: str) -> Wire:
    """Return a team in wire form, with {"role"?: the actor's in it, "mayManage"}; raises `NotFound`."""
    team, people = await require_team(actor=actor, team_id=team_id)
    role = people.role_of(actor.user_id)
    return {**team.as_wire(), "mayManage": may_manage(actor, people), **({"role": role} if role else {})}


async def list_people(*, actor: Actor, team_id: str, cursor: str | None = None, limit: int = MAX_PAGE) -> Wire:
    """Return {"members": [{"userId", "name", "role"}], "nextCursor"?}, in the order of their ids, after the cursor's.

    Who is deactivated, or was removed from the workspace, is not listed, nor whom the actor may not see. Raises
    `NotFound`.
    """
    _, people = await require_team(actor=actor, team_id=team_id)
    seen = await seen_among(actor, people.members)
    ids = [user_id for user_id in sorted(seen) if cursor is None or user_id > cursor]
    page = ids[:limit]
    known = await users.get_users(user_ids=page)
    members = [
        {"userId": user_id, "name": known[user_id].name, "role": people.role_of(user_id)}
        for user_id in page
        if user_id in known and known[user_id].is_active
    ]
    return {"members": members, **({"nextCursor": page[-1]} if len(ids) > limit else {})}


async def seen_teams(*, actor: Actor, team_ids: Iterable[str]) -> set[str]:
    """Return those of the ids that the actor may see; whether they exist is not looked at, and read but for guests."""
    ids = set(team_ids)
    if may_discover(actor) or not ids:
        return ids
    found = await models.find_teams_with_people(ids)
    return {team_id for team_id, (_, people) in found.items() if may_see(actor, people)}


async def people_of(*, team_ids: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the ids of who is in those of these teams that exist, by team id; checks no permission.

    Without who is deactivated, or was removed from the workspace.
    """
    found = await models.find_teams_with_people(team_ids)
    ids = {user_id for _, people in found.values() for user_id in people.members}
    known = await users.get_users(user_ids=ids, consistent=True)
    active = {user_id for user_id, user in known.items() if user.is_active}
    return {team_id: people.members & active for team_id, (_, people) in found.items()}


async def labels_of(*, ids: Iterable[str]) -> Mapping[str, str]:
    """Return what a text shows for those whom it names, after an `@`: of a person the name, of a team the handle.

    By id; who does not exist is left out. Checks no permission: whoever may read a text may read whom it names.
    """
    ids = set(ids)
    team_ids = set(filter(is_team_id, ids))
    labels = {user_id: user.name for user_id, user in (await users.get_users(user_ids=ids - team_ids)).items()}
    teams = await models.find_teams(team_ids) if team_ids else {}
    return labels | {team_id: team.handle for team_id, team in teams.items()}
