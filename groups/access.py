"""Loaders that check permission: a group that is missing and one that is not the caller's look the same."""

import asyncio

from django.utils.translation import gettext_noop

from foundation.errors import Forbidden, Invalid, NotFound
from users.actor import Actor
from workspace.roles import may_discover

from . import models
from .models import ADMIN, GROUP, OWNER, Group, Member
from .policy import EVERYONE, INVITE, MANAGERS, MENTION_ALL, PIN, POST, RENAME, ForbiddenByGroup, Policy, Rules

_ARCHIVED = "This group is archived: it can be read, and nothing in it changes."
_WHO = {MANAGERS: gettext_noop("an owner or an admin"), OWNER: gettext_noop("the owner")}
_WHAT = {
    POST: gettext_noop("post"),
    INVITE: gettext_noop("invite people"),
    RENAME: gettext_noop("change its name, topic and description"),
    PIN: gettext_noop("pin messages"),
    MENTION_ALL: gettext_noop("name everybody"),
}


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


async def require_seen_group(*, actor: Actor, group_id: str) -> Group:
    """Return a group that the actor is a member of, or finds in the directory; raises `NotFound` otherwise."""
    member, group = await asyncio.gather(models.find_member(group_id, actor.user_id), models.find_group(group_id))
    if group is None or (member is None and not (group.is_listed and may_discover(actor))):
        raise NotFound
    return group


async def require_poster(*, actor: Actor, group_id: str) -> Member:
    """Return the actor's membership, with the group by one consistent read, if they may post there.

    Raises `NotFound` unless the actor is a member, `Forbidden` where the group is archived, or does not let them.
    """
    member, group = await asyncio.gather(require_member(actor=actor, group_id=group_id), models.find_group(group_id))
    if group is None:
        raise NotFound
    require_may_post(group.rules, member.role)
    return member


def require_discoverer(actor: Actor) -> None:
    """Raise `Forbidden` for whoever sees only the groups that they were brought into."""
    if not may_discover(actor):
        raise Forbidden("You see only the groups that you are in.")


def is_manager(role: str) -> bool:
    """Return whether the role may manage the group: its name, its members and the messages of others."""
    return role in (OWNER, ADMIN)


def may_invite(group: Group, role: str) -> bool:
    """Return whether somebody of this role may make links by which others join the group."""
    return group.kind == GROUP and not group.rules.is_archived and may(group.policy, INVITE, role)


def require_inviter(group: Group, role: str) -> None:
    """Raise `Forbidden` unless `may_invite`, with the reason; `Invalid` for a conversation."""
    if group.kind != GROUP:
        raise Invalid("Nobody joins a direct conversation.")
    require_open(group.rules)
    require_may(group.policy, INVITE, role)


def require_manager(role: str) -> None:
    """Raise `Forbidden` unless the role may manage the group."""
    if not is_manager(role):
        raise Forbidden("Only an owner or an admin of the group may do this.")


def require_deleter(role: str) -> None:
    """Raise `Forbidden` unless the role may delete the group."""
    if role != OWNER:
        raise Forbidden("Only its owner may delete a group.")


def require_role_changer(role: str) -> None:
    """Raise `Forbidden` unless the role may give others another one, and the group away."""
    if role != OWNER:
        raise Forbidden("Only the owner of the group may change roles.")


def may(policy: Policy, act: str, role: str) -> bool:
    """Return whether the group's policy lets a member of this role do this; `act` is one of `policy.ACTS`."""
    who: str = getattr(policy, act)
    return who == EVERYONE or role == OWNER or (who == MANAGERS and role == ADMIN)


def require_may(policy: Policy, act: str, role: str) -> None:
    """Raise `ForbiddenByGroup`, a `Forbidden`, unless the policy lets a member of this role do this."""
    if not may(policy, act, role):
        raise ForbiddenByGroup(f"In this group only {_WHO[getattr(policy, act)]} may {_WHAT[act]}.")


def require_open(rules: Rules) -> None:
    """Raise `ForbiddenByGroup` for an archived group."""
    if rules.is_archived:
        raise ForbiddenByGroup(_ARCHIVED)


def require_may_post(rules: Rules, role: str) -> None:
    require_open(rules)
    require_may(rules.policy, POST, role)
