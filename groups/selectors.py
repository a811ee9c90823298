"""Reads of groups and members. Those with an `actor` return only what the actor may see; the others are internal.

Each raises `Unavailable` while DynamoDB is down.
"""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from foundation.errors import NotFound
from realtime.hub.change import Position
from users import selectors as users
from users.actor import Actor
from users.names import distinct_names

from . import models
from .access import require_member
from .direct import find_participants
from .log import queries
from .models import DIRECT, Group, Member, Membership, ReadMark


@dataclass(frozen=True, slots=True)
class GroupSummary:
    """A group in a member's list.

    `head` is the seq of the log's end, `read` that of the read mark. `unread` is the exact number of messages between
    them, from the log's running counts.
    """

    id: str
    name: str
    kind: str
    role: str
    head: int
    read: int
    unread: int

    def as_wire(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "kind": self.kind,
            "role": self.role,
            "head": self.head,
            "read": self.read,
            "unread": self.unread,
        }


async def list_group_ids(*, user_id: str) -> set[str]:
    """Return the ids of the user's groups, by one consistent read; checks no permission."""
    return await models.find_group_ids(user_id)


async def list_group_ids_of_users(*, user_ids: Iterable[str]) -> dict[str, set[str]]:
    """Return the ids of each user's groups, by user id; users without groups are left out. Checks no permission."""
    return await models.find_group_ids_of_users(user_ids)


async def list_groups(*, actor: Actor) -> list[GroupSummary]:
    """Return the actor's groups, sorted by name."""
    return await list_summaries(actor=actor, group_ids=await list_group_ids(user_id=actor.user_id))


async def list_summaries(*, actor: Actor, group_ids: Iterable[str]) -> list[GroupSummary]:
    """Return those of these groups that the actor is a member of, at their logs' ends, sorted by name."""
    memberships = await models.find_memberships(actor.user_id, group_ids)
    heads = await asyncio.gather(*(get_head_position(group_id=m.group.id) for m in memberships))
    by_group = dict(zip((m.group.id for m in memberships), heads, strict=True))
    return await _summarise(actor, memberships, by_group)


async def list_summaries_at(*, actor: Actor, heads: Mapping[str, Position]) -> list[GroupSummary]:
    """Return those of these groups that the actor is a member of, at the positions `heads`, sorted by name."""
    memberships = await models.find_memberships(actor.user_id, heads)
    return await _summarise(actor, memberships, heads)


async def _summarise(actor: Actor, memberships: list[Membership], heads: Mapping[str, Position]) -> list[GroupSummary]:
    names = await _direct_names(actor, [m.group for m in memberships if m.group.kind == DIRECT])
    summaries = []
    for membership in memberships:
        group, read, head = membership.group, membership.read_mark, heads[membership.group.id]
        summaries.append(
            GroupSummary(
                id=group.id,
                name=names.get(group.id, group.name),
                kind=group.kind,
                role=membership.member.role,
                head=head.seq,
                read=read.seq,
                unread=max(0, head.message_count - read.message_count),
            )
        )
    return sorted(summaries, key=lambda summary: (summary.name.casefold(), summary.id))


async def get_head_position(*, group_id: str) -> Position:
    """Return the position of the log's end; checks no permission, raises `NotFound` when there is no such group."""
    entry = await queries.last_entry(group_id)
    if entry is None:
        raise NotFound
    return Position(int(entry.seq), int(entry.message_count))


async def get_read_mark(*, actor: Actor, group_id: str, parent_id: str | None = None) -> ReadMark:
    """Return the actor's read mark of the group, or of the thread of `parent_id`; seq 0 when there is none.

    The caller has checked that the actor is a member.
    """
    return await models.find_read_mark(group_id, actor.user_id, parent_id)


async def get_group(*, actor: Actor, group_id: str) -> Group:
    """Return a group; raises `NotFound` unless the actor is a member."""
    await require_member(actor=actor, group_id=group_id)
    group = await models.find_group(group_id)
    if group is None:
        raise NotFound
    return group


async def find_group(*, group_id: str) -> Group | None:
    """Return the group, or None; checks no permission."""
    return await models.find_group(group_id)


async def list_members(*, actor: Actor, group_id: str) -> list[Member]:
    """Return the members of a group, in the order of their user ids; raises `NotFound` unless the actor is a member."""
    await require_member(actor=actor, group_id=group_id)
    return await models.list_members(group_id)


async def count_members(*, group_id: str, limit: int) -> int:
    """Return how many members the group has, or `limit` when it has more; checks no permission."""
    return len(await models.list_members(group_id, limit=limit))


async def _direct_names(actor: Actor, groups: list[Group]) -> dict[str, str]:
    """Name each direct conversation by the other person in it; people of equal names have distinct ones."""
    if not groups:
        return {}
    pairs = await find_participants(group.id for group in groups)
    others = {group_id: next(iter(pair - {actor.user_id}), actor.user_id) for group_id, pair in pairs.items()}
    profiles = await users.get_users(user_ids=list(others.values()))
    names = distinct_names({id_: profiles[id_].name if id_ in profiles else id_ for id_ in others.values()})
    return {group_id: names[id_] for group_id, id_ in others.items()}
