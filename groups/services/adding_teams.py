"""Adding the people of teams to a group: those who may be added; it is said who may not."""

from collections.abc import Iterable, Sequence
from typing import Any

from foundation.errors import Invalid
from groups import models
from groups.access import require_group, require_may, require_open
from groups.asked import MustBeAsked
from groups.models import DIRECT
from groups.policy import INVITE
from users.actor import Actor
from users.sight import seen_among
from workspace.teams import selectors as teams

from .members import add_members

MAX_PEOPLE = 1000
# Why somebody was not added: they have left by themselves, or do not let the actor add them. Both are asked.
LEFT, ASKED = REASONS = ("left", "asked")
# Who must be asked is found out by a refusal of all: so often the others are tried again, for some leave meanwhile.
_ATTEMPTS = 4


async def add_teams(
    *, actor: Actor, group_id: str, team_ids: Sequence[str], user_ids: Sequence[str] = ()
) -> dict[str, Any]:
    """Add users, and those who are in these teams now; return {"added": {userId: role}, "notAdded": {userId: reason}}.

    For `user_ids` the rules are those of `add_members`, and if it refuses nobody is added; of the teams' people those
    are left out who must be asked, and are, with one of REASONS. Who comes into a team later is not added. Raises what
    `add_members` raises, `Invalid` (`teamIds`) for teams that do not exist, and when they have more than MAX_PEOPLE.
    """
    group = await require_group(actor=actor, group_id=group_id)
    actors = await models.find_members(group_id, [actor.user_id])
    if group.kind == DIRECT:
        raise Invalid("Who is in a direct conversation does not change: begin another one, or create a group.")
    require_open(group.rules)
    require_may(group.policy, INVITE, actors[actor.user_id].role if actor.user_id in actors else "")
    wanted = await _people_of(actor, team_ids)
    added = await add_members(actor=actor, group_id=group_id, user_ids=user_ids) if user_ids else {}
    known = set(await models.find_members(group_id, wanted))
    wanted -= {*known, *added}
    not_added: dict[str, str] = {}
    for _ in range(_ATTEMPTS):
        try:
            rest = sorted(wanted - not_added.keys())
            added |= await add_members(actor=actor, group_id=group_id, user_ids=rest) if rest else {}
            break
        except MustBeAsked as error:
            not_added |= {user_id: LEFT if user_id in error.has_left else ASKED for user_id in error.user_ids}
    return {"added": added, "notAdded": not_added}


async def _people_of(actor: Actor, team_ids: Iterable[str]) -> set[str]:
    """Return the ids of those who are in these teams and not deactivated, as far as the actor may see them."""
    ids = list(dict.fromkeys(team_ids))
    found = await teams.people_of(team_ids=await teams.seen_teams(actor=actor, team_ids=ids))
    if missing := [team_id for team_id in ids if team_id not in found]:
        sentences = [f"There is no team {team_id}." for team_id in missing[:10]]
        raise Invalid("Some teams do not exist.", fields={"teamIds": sentences})
    people = set[str]().union(*found.values())
    if len(people) > MAX_PEOPLE:
        raise Invalid("Too many people.", fields={"teamIds": [f"They have more than {MAX_PEOPLE:,} people."]})
    return await seen_among(actor, people)
