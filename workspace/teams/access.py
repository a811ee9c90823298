"""Who may see a team, and who may change it."""

from foundation.errors import Forbidden, NotFound
from users.actor import Actor
from workspace.roles import may_discover

from . import models
from .models import MANAGER, People, Team


def may_see(actor: Actor, people: People) -> bool:
    """Return whether somebody may see the team of these people: a guest those that they are in."""
    return may_discover(actor) or people.role_of(actor.user_id) is not None


async def require_team(*, actor: Actor, team_id: str) -> tuple[Team, People]:
    """Return a team with its people; raises `NotFound` if there is none, or the actor may not see it."""
    found = await models.find_team(team_id)
    if found is None or not may_see(actor, found[1]):
        raise NotFound
    return found


def may_make_teams(actor: Actor) -> bool:
    return actor.is_administrator


def require_maker(actor: Actor) -> None:
    """Raise `Forbidden` unless the actor may make and delete teams."""
    if not may_make_teams(actor):
        raise Forbidden("Only an administrator of the workspace may make or delete a team.")


def may_manage(actor: Actor, people: People) -> bool:
    """Return whether the actor may change a team and its people: no guest, whose errors would tell who is here."""
    return may_discover(actor) and (people.role_of(actor.user_id) == MANAGER or actor.is_administrator)


def require_manager(actor: Actor, people: People) -> None:
    """Raise `Forbidden` unless the actor may change a team and its people."""
    if not may_manage(actor, people):
        raise Forbidden("Only a manager of the team, or an administrator of the workspace, may do this.")
