"""Reads of links and of what somebody is asked to join, on behalf of a caller. Each raises `Unavailable`."""

from dataclasses import replace
from typing import Any

from foundation.cursors import encode_cursor
from groups import asked, asking, memberships
from groups import models as groups
from groups.asked import Invitation
from users import selectors as users
from users.actor import Actor
from users.sight import seen_among

from . import models
from .access import find_void, require_group_to_invite, require_link, require_managed_group
from .models import Link

MAX_ASKED = 100


async def list_links(*, actor: Actor, group_id: str) -> list[Link]:
    """Return the links to a group that are not over, also void ones, the latest first; raises as `make_link`."""
    group = await require_group_to_invite(actor=actor, group_id=group_id)
    links = [link for link in await models.list_all(group_id) if link.is_usable]
    void = await find_void(links, group)
    return [replace(link, is_void=link.id in void) for link in links]


async def read_link(*, actor: Actor, token: str) -> dict[str, Any]:
    """Return {id, name, memberCount?, isMember} of the group of a link; raises `NotFound` unless it is valid."""
    _, group = await require_link(token)
    member = await groups.find_member(group.id, actor.user_id)
    count = {} if group.member_count is None else {"memberCount": group.member_count}
    return {"id": group.id, "name": group.name, **count, "isMember": member is not None}


async def list_invitations(*, actor: Actor) -> list[dict[str, Any]]:
    """Return the groups that the actor is asked to join: {groupId, name, askedBy: {id, name}, askedAt}, latest first.

    The first `asked.MAX_LISTED` in the order of the groups' ids; of more, the others show once these are answered.
    """
    found, names = await _find_open(actor.user_id)
    if not found:
        return []
    people = await users.get_users(user_ids={each.asked_by for each in found})
    return [
        {
            "groupId": each.group_id,
            "name": names[each.group_id],
            "askedBy": {
                "id": each.asked_by,
                "name": people[each.asked_by].name if each.asked_by in people else each.asked_by,
            },
            "askedAt": each.asked_at,
        }
        for each in sorted(found, key=lambda each: each.asked_at, reverse=True)
    ]


async def count_invitations(*, actor: Actor) -> int:
    """Return how many groups ask the actor to join, up to `asked.MAX_LISTED`: one query, if there are none."""
    found, _ = await _find_open(actor.user_id)
    return len(found)


async def list_asked(
    *, actor: Actor, group_id: str, cursor: tuple[str, ...] | None = None, limit: int = MAX_ASKED
) -> dict[str, Any]:
    """Return a page of whom a group asks to join: {asked: [{userId, askedBy, askedAt}], nextCursor?}, by their ids.

    A page may be shorter than `limit`. Raises `NotFound` unless the actor is a member, `Forbidden` unless they manage
    the group.
    """
    await require_managed_group(actor=actor, group_id=group_id)
    found, following = await asking.list_asked_by(group_id, after=cursor[0] if cursor else None, limit=limit)
    seen = await seen_among(actor, [each.user_id for each in found])
    shown = [
        {"userId": each.user_id, "askedBy": each.asked_by, "askedAt": each.asked_at}
        for each in found
        if each.user_id in seen
    ]
    return {"asked": shown, **({"nextCursor": encode_cursor(following)} if following else {})}


async def _find_open(user_id: str) -> tuple[list[Invitation], dict[str, str]]:
    """Return what the user is asked, and the groups' names; of groups that are gone or theirs by now, rows are deleted.

    Else they would take the place of others.
    """
    while found := await asked.list_asked(user_id):
        rows = await groups.get_rows((each.group_id, "group") for each in found)
        names = {row.group_id: row.name or "" for row in rows}
        members = await memberships.find_memberships(user_id, names)
        open_ids = names.keys() - {membership.group.id for membership in members}
        stale = [each for each in found if each.group_id not in open_ids]
        await asked.drop(user_id, stale)
        if not stale or len(found) < asked.MAX_LISTED:
            return [each for each in found if each.group_id in open_ids], names
    return [], {}
