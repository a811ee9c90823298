"""The actions on links to groups, and the answers of people who are asked to join one."""

import time
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from foundation import link_tokens
from foundation.errors import Invalid, NotFound
from foundation.ids import new_id, now
from foundation.tasks import run_to_completion
from groups import asked, asking
from groups.log.appender import append
from groups.models import Group
from users.actor import Actor
from users.sight import seen_among
from workspace import audit

from . import models
from .access import is_over, require_group_to_invite, require_link, require_managed_group
from .models import Link
from .proposals import JoinByLinkProposal

DAY = 24 * 3600
EXPIRES_IN, MAX_EXPIRES_IN = 7 * DAY, 90 * DAY
MAX_USES = 1000
# Of one group, at a time.
MAX_LINKS = 50
PATH = "/invite"


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link whose whole address is known now, and never again."""

    link: Link
    address: str

    def as_wire(self) -> dict[str, Any]:
        return {**self.link.as_wire(), "url": self.address}


async def make_link(
    *, actor: Actor, group_id: str, expires_in: int = EXPIRES_IN, uses: int = 1, note: str = ""
) -> NewLink:
    """Return a link by which so many people may join the group within so many seconds.

    Raises `NotFound` unless the actor is a member, `Forbidden` unless they may invite, `Invalid` for a direct
    conversation and for more than `MAX_LINKS`, `Unavailable`.
    """
    await require_group_to_invite(actor=actor, group_id=group_id)
    await _make_room(group_id)
    link_id = new_id("invite", 12)
    link = Link(group_id, link_id, "", uses, 0, actor.user_id, now(), int(time.time()) + expires_in, note)
    token = link_tokens.new_token(link.token_id)
    link = replace(link, digest=link_tokens.digest_of(token))
    await run_to_completion(_put(actor, link))
    return NewLink(link, f"{settings.PUBLIC_URL}{PATH}?{urlencode({'link': token})}")


async def _put(actor: Actor, link: Link) -> None:
    # Also for a client that hangs up: what it has done must be noted.
    await models.put(link)
    await audit.record("invitation_link.make", by=actor, group=link.group_id, link=link.id, uses=link.uses)


async def _make_room(group_id: str) -> None:
    """Delete the links that are over; raises `Invalid` if there are too many others."""
    links = await models.list_all(group_id)
    for link in links:
        if not link.is_usable:
            await models.delete(group_id, link.id)
    if sum(link.is_usable for link in links) >= MAX_LINKS:
        raise Invalid(f"A group has {MAX_LINKS} links at most: revoke one that is not needed any more.")


async def revoke_link(*, actor: Actor, group_id: str, link_id: str) -> None:
    """Make a link invalid at once; raises as `make_link`, and `NotFound` if there is no such link."""
    await require_group_to_invite(actor=actor, group_id=group_id)
    await run_to_completion(_revoke(actor, group_id, link_id))


async def _revoke(actor: Actor, group_id: str, link_id: str) -> None:
    if not await models.delete(group_id, link_id):
        raise NotFound
    await audit.record("invitation_link.revoke", by=actor, group=group_id, link=link_id)


async def join_by_link(*, actor: Actor, token: str) -> Group:
    """Join the group of a link, and return it; a member uses nothing up.

    Who has left, or was removed, comes back by a link too. Raises `NotFound` for a link that is not valid, or not any
    more; `Unavailable`.
    """
    link, group = await require_link(token)
    await run_to_completion(_join(actor, link, group, token))
    return group


async def _join(actor: Actor, link: Link, group: Group, token: str) -> None:
    joining = JoinByLinkProposal(actor.user_id, group, actor.name, link=link, token=token)
    try:
        joined = await append(group.id, joining)
    except NotFound:  # a moment ago it was valid
        raise is_over() from None
    if joined:
        await audit.record("invitation_link.use", by=actor, group=group.id, link=link.id)


async def withdraw_invitation(*, actor: Actor, group_id: str, user_id: str) -> None:
    """Take back that a group asks somebody to join; their own connections are told.

    Raises `NotFound` unless the actor is a member, and they are asked, `Forbidden` unless the actor manages the group.
    """
    await require_managed_group(actor=actor, group_id=group_id)
    if not await seen_among(actor, [user_id]):
        raise NotFound
    await run_to_completion(_withdraw(actor, group_id, user_id))


async def _withdraw(actor: Actor, group_id: str, user_id: str) -> None:
    if not await asking.withdraw(group_id, user_id):
        raise NotFound
    asked.tell(user_id, group_id, asked=False)
    await audit.record("invitation.withdraw", by=actor, group=group_id, user=user_id)


async def decline_invitation(*, actor: Actor, group_id: str) -> None:
    """Have the actor be asked no longer to join the group; nothing happens if they are not asked."""
    await asked.decline(actor.user_id, group_id)
