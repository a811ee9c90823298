"""Loaders that check permission: a link that never was and one that is over look the same."""

import asyncio
from collections.abc import Iterable

from foundation import link_tokens
from foundation.errors import Forbidden, NotFound
from groups import models as groups
from groups.access import may_invite, require_inviter, require_manager, require_member
from groups.models import Group, Member
from users import selectors as users
from users.actor import Actor
from users.roles import GUEST
from users.user import User

from . import models
from .models import Link

_IS_OVER = "This link is not valid, or not any more: ask whoever sent it for a new one."


async def require_group_to_invite(*, actor: Actor, group_id: str) -> Group:
    """Return a group to which the actor may make links; raises `NotFound`, `Forbidden`, `Invalid`."""
    member = await require_member(actor=actor, group_id=group_id)
    group = await groups.find_group(group_id)
    if group is None:
        raise NotFound
    require_inviter(group, member.role)
    if not _lets_invite(actor.role):
        raise Forbidden("A guest of the workspace makes no links.")
    return group


async def require_managed_group(*, actor: Actor, group_id: str) -> Group:
    """Return a group that the actor manages; raises `NotFound`, `Forbidden`."""
    member = await require_member(actor=actor, group_id=group_id)
    group = await groups.find_group(group_id)
    if group is None:
        raise NotFound
    require_manager(member.role)
    return group


async def require_link(token: str) -> tuple[Link, Group]:
    """Return the link of a token, and its group; raises `NotFound` when nobody joins by it (any more)."""
    key = models.key_of(link_tokens.id_of(token) or "")
    link = await models.get(*key) if key else None
    if not link_tokens.is_token_of(token, link.digest if link else None) or link is None:
        raise is_over()
    group = await groups.find_group(link.group_id)
    if group is None or not await is_valid(link, group):
        raise is_over()
    return link, group


async def is_valid(link: Link, group: Group) -> bool:
    """Return whether the link may be used once more, and whoever has made it is here and may still invite people."""
    return link.is_usable and not await find_void([link], group)


async def find_void(links: Iterable[Link], group: Group) -> set[str]:
    """Return the ids of those links of a group whose makers may not invite people now."""
    makers = {link.created_by for link in links}
    if not makers:
        return set()
    members, found = await asyncio.gather(
        groups.find_members(group.id, makers), users.get_users(user_ids=makers, consistent=True)
    )
    return {link.id for link in links if not _may_make(members.get(link.created_by), found.get(link.created_by), group)}


def _may_make(maker: Member | None, user: User | None, group: Group) -> bool:
    if maker is None or not may_invite(group, maker.role):
        return False
    return user is not None and user.is_active and _lets_invite(user.role)


def _lets_invite(role: str) -> bool:
    """Return whether somebody of this role in the workspace may let in others: guests invite nobody."""
    return role != GUEST


def is_over() -> NotFound:
    return NotFound(_IS_OVER)
