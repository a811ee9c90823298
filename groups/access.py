"""Loaders that check permission: a group that is missing and one that is not the caller's look the same."""

from foundation.errors import Forbidden, NotFound
from users.actor import Actor

from . import models
from .models import ADMIN, OWNER, Group, Member


async def require_member(*, actor: Actor, group_id: str) -> Member:
    """Return the actor's membership, by one consistent read; raises `NotFound` when there is none."""
    member = await models.find_member(group_id, actor.user_id)
    if member is None:
        raise NotFound
    return member


async def require_group(*, actor: Actor, group_id: str) -> Group:
    """Return a group that the actor is a member of; raises `NotFound` otherwise."""
    await require_member(actor=actor, group_id=group_id)
    group = await models.find_group(group_id)
    if group is None:
        raise NotFound
    return group


def is_manager(role: str) -> bool:
    """Return whether the role may manage the group: its name, its members and the messages of others."""
    return role in (OWNER, ADMIN)


def require_manager(role: str) -> None:
    """Raise `Forbidden` unless the role may manage the group."""
    if not is_manager(role):
        raise Forbidden("Only an owner or an admin of the group may do this.")


def require_deleter(role: str) -> None:
    """Raise `Forbidden` unless the role may delete the group."""
    if role != OWNER:
        raise Forbidden("Only its owner may delete a group.")
