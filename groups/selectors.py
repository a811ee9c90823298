"""Reads of groups and members. Those with an `actor` return only what the actor may see; the others are internal.

Each raises `Unavailable` while DynamoDB is down.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from foundation.errors import NotFound
from realtime.hub.change import Position
from users import selectors as users
from users.actor import Actor

from . import mark_alls, mark_rows, memberships, models
from .access import require_group, require_member
from .log.head_hints import head_hints
from .log.heads import find_heads, head_loader
from .memberships import Membership
from .models import Group, Member
from .peers import Peer, name_for, peers_of
from .read_mark import MarkKey, ReadMark
from .read_marks import read_marks
from .summary import GroupSummary

# The most groups, or members, of a page. Of each group a page costs four reads.
MAX_GROUPS, MAX_MEMBERS = 100, 200
# With so many of a user's groups `ready`, the web chat and a list begin: 64 KB at most, 128 KB more where all of them
# are conversations of many with the longest names, besides the seqs of unread mentions; one read proves their ends.
MAX_RECENT = 50


@dataclass(frozen=True, slots=True)
class GroupPage:
    """A page of the actor's groups, sorted by name.

    `next_cursor` is what the next page follows, None when this one is the last. `revision` is that of the actor's
    `user_update` events: the page has what those up to it have told.
    """

    groups: list[GroupSummary]
    next_cursor: str | None = None
    revision: int = 0

    def as_wire(self) -> dict[str, Any]:
        wire: dict[str, Any] = {"groups": [group.as_wire() for group in self.groups], "revision": self.revision}
        return {**wire, "nextCursor": self.next_cursor} if self.next_cursor else wire


async def list_group_ids(*, user_id: str) -> set[str]:
    """Return the ids of the user's groups, by one consistent read; checks no permission."""
    return await memberships.find_group_ids(user_id)


async def list_group_ids_of_users(*, user_ids: Iterable[str]) -> dict[str, set[str]]:
    """Return the ids of each user's groups, by user id; users without groups are left out. Checks no permission."""
    return await memberships.find_group_ids_of_users(user_ids)


async def list_groups(*, actor: Actor, cursor: str | None = None, limit: int = MAX_RECENT) -> GroupPage:
    """Return a page of the actor's groups in the order of their ids, of `limit` at most, after the one of the cursor.

    Whoever reads all pages has every group that they were in all the time, whatever was written meanwhile.
    """
    revision = await users.get_revision(user_id=actor.user_id)
    rows, next_cursor = await memberships.list_own_rows(actor.user_id, after=cursor, limit=limit)
    found, heads = await asyncio.gather(
        memberships.to_memberships(actor.user_id, rows), find_heads(list(map(memberships.group_id_of, rows)))
    )
    return GroupPage(await _summarise(found, heads), next_cursor, revision)


async def list_names(*, actor: Actor, group_ids: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return {"id", "name", "kind"} of those of these groups that the actor is a member of, by id."""
    found = await memberships.find_memberships(actor.user_id, group_ids)
    peers = await peers_of(found)
    return {m.group.id: {"id": m.group.id, "name": name_for(m, peers), "kind": m.group.kind} for m in found}


async def list_recent_groups(*, actor: Actor, including: Iterable[str] = ()) -> tuple[list[GroupSummary], bool]:
    """Return the actor's groups that were written to last, and these, sorted by name; and whether there are more."""
    ids = await list_group_ids(user_id=actor.user_id)
    recent = await find_recent(ids, including=including, limit=MAX_RECENT)
    return await list_summaries(actor=actor, group_ids=recent), len(ids) > len(recent)


async def find_recent(group_ids: Collection[str], *, including: Iterable[str] = (), limit: int) -> set[str]:
    """Return `limit` of these groups at most, those that were written to last, and those of `including` among them.

    By hints, which lag a moment and which Redis may have lost: then the choice is another one.
    """
    ids = set(group_ids)
    if len(ids) <= limit:
        return ids
    hints = await head_hints().get(ids)
    by_time = sorted(ids, key=lambda group_id: (-hints[group_id].at if group_id in hints else 0.0, group_id))
    return {*by_time[:limit], *(ids & set(including))}


async def list_summaries(*, actor: Actor, group_ids: Iterable[str]) -> list[GroupSummary]:
    """Return those of these groups that the actor is a member of, at their logs' ends, sorted by name."""
    ids = set(group_ids)
    found, heads = await asyncio.gather(_find_memberships(actor, ids), find_heads(ids))
    return await _summarise(found, heads)


async def list_summaries_at(*, actor: Actor, heads: Mapping[str, Position]) -> list[GroupSummary]:
    """Return those of these groups that the actor is a member of, at the positions `heads`, sorted by name."""
    return await _summarise(await _find_memberships(actor, heads), heads)


async def _find_memberships(actor: Actor, group_ids: Collection[str]) -> list[Membership]:
    # Before the rows are read: a mark that is written in between would wait no longer, and not be in the row.
    await read_marks().write(MarkKey(actor.user_id, group_id) for group_id in group_ids)
    return await memberships.find_memberships(actor.user_id, group_ids)


async def _summarise(found: list[Membership], heads: Mapping[str, Position]) -> list[GroupSummary]:
    peers = await peers_of(found)
    written = await read_marks().write(map(_mark_key, found))
    read = {key: m.read_mark for m in found if (key := _mark_key(m)).group_id in heads}
    marks = {key.group_id: read_marks().newest(key, written.get(key, mark)) for key, mark in read.items()}
    marks |= await mark_alls.find_unknown(marks, heads)
    summaries = []
    for membership in found:
        group = membership.group
        if group.id in marks:
            summaries.append(_summary(membership, heads[group.id], peers, marks[group.id]))
    return sorted(summaries, key=lambda summary: (not summary.is_notes, summary.name.casefold(), summary.id))


def _mark_key(membership: Membership) -> MarkKey:
    return MarkKey(membership.member.user_id, membership.group.id)


def _summary(
    membership: Membership, head: Position, peers: Mapping[str, Sequence[Peer]], read: ReadMark
) -> GroupSummary:
    group, member = membership.group, membership.member
    return GroupSummary(
        id=group.id,
        name=name_for(membership, peers),
        kind=group.kind,
        role=member.role,
        head=head.seq,
        read=read.seq,
        unread=read.unread(head),
        peer_id=membership.peer_id,
        mentions=read.mentions,
        unread_alls=read.unread_alls(head),
        version=read.details.version,
        peers=peers.get(group.id, ()),
        peer_count=len(membership.peer_ids),
        own=membership.own_settings,
        group=group,
    )


async def get_head_position(*, group_id: str) -> Position:
    """Return the position of the log's end; checks no permission, raises `NotFound` when there is no such group.

    Those of many groups that are asked for at the same moment are read together.
    """
    head = await head_loader().load(group_id)
    if head is None:
        raise NotFound
    return head


async def get_read_mark(*, actor: Actor, group_id: str, parent_id: str | None = None) -> ReadMark:
    """Return the actor's read mark of the group, or of the thread of `parent_id`; seq 0 when there is none.

    The caller has checked that the actor is a member.
    """
    key = MarkKey(actor.user_id, group_id, parent_id)
    written = await read_marks().write([key])
    return written.get(key) or await mark_rows.find_read_mark(group_id, actor.user_id, parent_id)


async def get_read_marks(*, group_id: str, user_ids: Iterable[str], parent_id: str) -> dict[str, ReadMark]:
    """Return the read marks of these users of a thread, by user id; checks no permission."""
    found = await find_read_marks(keys=[MarkKey(user_id, group_id, parent_id) for user_id in user_ids])
    return {key.user_id: mark for key, mark in found.items()}


async def find_read_marks(*, keys: Collection[MarkKey]) -> dict[MarkKey, ReadMark]:
    """Return these read marks, a hundred in one read; seq 0 where there is none. Checks no permission."""
    await read_marks().write(keys)
    return await mark_rows.find_read_marks(keys)


async def get_group(*, actor: Actor, group_id: str) -> Group:
    """Return a group; raises `NotFound` unless the actor is a member."""
    return await require_group(actor=actor, group_id=group_id)


async def get_group_detail(*, actor: Actor, group_id: str) -> dict[str, Any]:
    """Return a group with what the actor has of it, in wire form: a `GroupSummary` with what `Group` has.

    Raises `NotFound` unless the actor is a member.
    """
    found, heads = await asyncio.gather(_find_memberships(actor, [group_id]), find_heads([group_id]))
    summaries = await _summarise(found, heads)
    if not summaries:
        raise NotFound
    group = found[0].group
    count = {} if group.member_count is None else {"memberCount": group.member_count}
    return {**group.as_wire(), **count, **summaries[0].as_wire()}


async def find_group(*, group_id: str) -> Group | None:
    """Return the group, or None; checks no permission."""
    return await models.find_group(group_id)


@dataclass(frozen=True, slots=True)
class MemberPage:
    """A page of a group's members; `next_cursor` is what the next page follows, None when this one is the last."""

    members: list[Member]
    next_cursor: str | None = None


async def list_members(
    *, actor: Actor, group_id: str, cursor: str | None = None, limit: int = MAX_MEMBERS
) -> MemberPage:
    """Return a page of a group's members in the order of their user ids, of `limit` at most, after that of the cursor.

    Raises `NotFound` unless the actor is a member.
    """
    await require_member(actor=actor, group_id=group_id)
    found = await models.list_members(group_id, after=cursor, limit=limit + 1)
    page = found[:limit]
    return MemberPage(page, page[-1].user_id if len(found) > limit else None)


async def members_among(*, group_id: str, user_ids: Iterable[str]) -> set[str]:
    """Return the ids of those of the users who are members of the group; checks no permission."""
    return set(await models.find_members(group_id, user_ids))


async def count_members(*, group_id: str, limit: int) -> int:
    """Return how many members the group has, or `limit` when it has more; checks no permission."""
    return await models.count_members(group_id, limit=limit)
