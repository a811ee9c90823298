"""Who may see a team, and who may change it."""

from foundation.errors import Forbidden, NotFound
from users.actor import Actor

from . import models
from .models import MANAGER, People, Team


def may_discover(actor: Actor) -> bool:
    """Return whether somebody may see which teams there are; the one place for who may not."""
    return True


def require_discovery(actor: Actor) -> None:
    """Raise `NotFound` for whom there are no teams."""
    if not may_discover(actor):
        raise NotFound


async def require_team(*, actor: Actor, team_id: str) -> tuple[Team, People]:
    """Return a team with its people; raises `NotFound` if there is none, or the actor may not see any."""
    require_discovery(actor)
    found = await models.find_team(team_id)
    if found is None:
        raise NotFound
    return found


def may_make_teams(actor: Actor) -> bool:
    return actor.is_administrator


def require_maker(actor: Actor) -> None:
    """Raise `Forbidden` unless the actor may make and delete teams."""
    if not may_make_teams(actor):
        raise Forbidden("Only an administrator of the workspace may make or delete a team.")


def may_manage(actor: Actor, people: People) -> bool:
    """Return whether the actor may change a team and its people."""
    return people.role_of(actor.user_id) == MANAGER or actor.is_administrator


def require_manager(actor: Actor, people: People) -> None:
    """Raise `Forbidden` unless the actor may change a team and its people."""
    if not may_manage(actor, people):
        raise Forbidden("Only a manager of the team, or an administrator of the workspace, may do this.")
