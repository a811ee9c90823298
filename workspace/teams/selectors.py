"""Reads of teams. Those with an `actor` return only what the actor may see; the others are internal.

Each raises `Unavailable` while DynamoDB is down.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from foundation.cursors import encode_cursor
from users import selectors as users
from users.actor import Actor

from . import models
from .access import may_discover, may_manage, require_discovery, require_team
from .ids import is_team_id
from .models import Team

Wire = dict[str, Any]
MAX_PAGE = 100


async def find_teams(
    *, actor: Actor, query: str = "", limit: int = 20, cursor: tuple[str, ...] | None = None
) -> tuple[list[Team], str | None]:
    """Return a page of the teams whose name, a word of it or handle begins with `query`, and the cursor of the next.

    Without a query all, sorted by name. Raises `NotFound` for whom there are no teams.
    """
    require_discovery(actor)
    teams, last = await models.search(query, limit=limit, after=cursor[0] if cursor else None)
    return teams, encode_cursor(last) if last else None


async def find_teams_for(*, actor: Actor, query: str, limit: int) -> list[Team]:
    """Return the teams that `find_teams` has first, none for whom there are none."""
    return (await find_teams(actor=actor, query=query, limit=limit))[0] if may_discover(actor) else []


async def get_team(*, actor: Actor, team_id: str) -> Wire:
    """Return a team in wire form, with {"role"?: the actor's in it, "mayManage"}; raises `NotFound`."""
    team, people = await require_team(actor=actor, team_id=team_id)
    role = people.role_of(actor.user_id)
    return {**team.as_wire(), "mayManage": may_manage(actor, people), **({"role": role} if role else {})}


async def list_people(*, actor: Actor, team_id: str, cursor: str | None = None, limit: int = MAX_PAGE) -> Wire:
    """Return {"members": [{"userId", "name", "role"}], "nextCursor"?}, in the order of their ids, after the cursor's.

    Who was removed from the workspace is not listed. Raises `NotFound`.
    """
    _, people = await require_team(actor=actor, team_id=team_id)
    ids = [user_id for user_id in sorted(people.members) if cursor is None or user_id > cursor]
    page = ids[:limit]
    known = await users.get_users(user_ids=page)
    members = [
        {"userId": user_id, "name": known[user_id].name, "role": people.role_of(user_id)}
        for user_id in page
        if user_id in known and not known[user_id].is_removed
    ]
    return {"members": members, **({"nextCursor": page[-1]} if len(ids) > limit else {})}


async def people_of(*, team_ids: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the ids of who is in those of these teams that exist, by team id; checks no permission."""
    found = await models.find_teams_with_people(team_ids)
    return {team_id: people.members for team_id, (_, people) in found.items()}


async def labels_of(*, ids: Iterable[str]) -> Mapping[str, str]:
    """Return what a text shows for those whom it names, after an `@`: of a person the name, of a team the handle.

    By id; who does not exist is left out. Checks no permission: whoever may read a text may read whom it names.
    """
    ids = set(ids)
    team_ids = set(filter(is_team_id, ids))
    labels = {user_id: user.name for user_id, user in (await users.get_users(user_ids=ids - team_ids)).items()}
    teams = await models.find_teams(team_ids) if team_ids else {}
    return labels | {team_id: team.handle for team_id, team in teams.items()}
