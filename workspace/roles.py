"""The rules of roles: who may do what because of theirs, and who may change whose.

An owner may change everybody; an admin may make guests of members and members of guests, and step down. The last owner
stays. Whom ADMINS names is an admin at least, and may make themselves an owner: the first one, or the way back in.
"""

from foundation.errors import Forbidden
from users.actor import Actor
from users.administrators import is_named
from users.roles import ADMIN, OWNER, RANK
from users.user import User


def may_discover(actor: Actor) -> bool:
    """Return whether the actor may see people and groups that they share nothing with: guests may not."""
    return not actor.is_guest


def require_administrator(actor: Actor) -> None:
    """Raise `Forbidden` unless the actor administers the workspace."""
    if not actor.is_administrator:
        raise Forbidden("Only an owner or an admin of the workspace may do this.")


def may_give_role(actor: Actor, user: User, role: str) -> bool:
    """Return whether the actor may give this user this role."""
    if actor.role == OWNER:
        return True
    if user.id == actor.user_id:
        # They may step down, but from what ADMINS says.
        return RANK[role] <= RANK[actor.role] or is_named(actor.user_id)
    return actor.is_administrator and is_below(user, actor) and RANK[role] < RANK[ADMIN]


def may_deactivate(actor: Actor, user: User) -> bool:
    """Return whether the actor may deactivate and reactivate this user, and remove what is known of them."""
    if user.id == actor.user_id:
        return False
    return actor.role == OWNER or (actor.is_administrator and is_below(user, actor))


def roles_to_give(actor: Actor, user: User) -> list[str]:
    """Return the roles that the actor may give this user, from the least."""
    return [role for role in RANK if may_give_role(actor, user, role)]


def is_below(user: User, actor: Actor) -> bool:
    return RANK[user.role] < RANK[actor.role]
