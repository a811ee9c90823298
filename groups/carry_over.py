"""Carries the data of older versions over to what a user has of each group (docs/decisions/0023); may be repeated.

Older versions had the role in the member row alone, the read mark in the group's partition, no count of members, and
no directory of groups (`followers.places`). It may run while this version serves: what this version has written is
never overwritten.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from typing import Any

from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from dynamodb import store

from . import mark_rows, memberships, models
from .followers import places
from .models import DIRECT, GROUP, Member
from .read_mark import ReadMark, to_read_mark
from .rows import GroupRow

# How many writes are under way at a time; what they read is read together.
_CONCURRENCY = 32
# How many rows of the table one read covers.
_PAGE = 1000
# Say that everything was carried over: tables that this version has made begin with them.
_DONE = [("carried over", "memberships"), ("carried over", "directory")]


@dataclass
class Carried:
    """How many memberships and how many groups were carried over, and how many were put into the directory."""

    memberships: int = 0
    groups: int = 0
    listed: int = 0


async def is_done() -> bool:
    return len(await models.get_rows(_DONE)) == len(_DONE)


async def mark_done() -> None:
    for key in _DONE:
        await store.call(GroupRow(*key).save)


async def carry_over() -> Carried:
    """Read the whole table, and write what is missing; return how much that was."""
    carried, limit = Carried(), asyncio.Semaphore(_CONCURRENCY)

    async def carry(row: GroupRow) -> None:
        if row.item == "group":
            async with limit:
                counted, listed = await _count(row.group_id), await _list(row.group_id)
            carried.groups += counted
            carried.listed += listed
        else:
            user_id = row.group_id.removeprefix(memberships.partition(""))
            written = await _carry_user(user_id, sorted(row.groups or ()), limit)
            carried.memberships += written

    async for rows in _pages():
        await asyncio.gather(*map(carry, rows))
    await mark_done()
    return carried


async def _pages() -> AsyncIterator[list[GroupRow]]:
    """Read the rows of groups, and those that list a user's groups."""
    after: dict[str, dict[str, Any]] | None = None

    def scan() -> tuple[list[GroupRow], dict[str, dict[str, Any]] | None]:
        wanted = GroupRow.item.is_in("group", "groups")
        pages = GroupRow.scan(wanted, page_size=_PAGE, consistent_read=True, last_evaluated_key=after).page_iter
        items = next(pages)["Items"]
        return [GroupRow.from_raw_data(item) for item in items], pages.last_evaluated_key

    while True:
        rows, after = await store.call(scan)
        yield rows
        if after is None:
            return


# --- memberships -----------------------------------------------------------------------------------------------------
async def _carry_user(user_id: str, group_ids: list[str], limit: asyncio.Semaphore) -> int:
    async def carry(group_id: str) -> bool:
        async with limit:
            return await _carry(user_id, group_id)

    async with limit:
        own = {m.group.id for m in await memberships.find_memberships(user_id, group_ids)}
    return sum(await asyncio.gather(*(carry(group_id) for group_id in group_ids if group_id not in own)))


async def _carry(user_id: str, group_id: str) -> bool:
    """Write what a user has of a group, while they are a member; return whether there was anything to do."""
    member = await models.find_member(group_id, user_id)
    if member is None:
        return False
    mark, peer_id = await asyncio.gather(_old_mark(group_id, user_id), _peer(group_id, user_id))
    own = memberships.own_row(user_id, group_id)

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            # Both fail when this version has meanwhile removed the user, or changed their role.
            transaction.condition_check(
                GroupRow, member.group_id, models.member_item(user_id), condition=GroupRow.role == member.role
            )
            transaction.update(own, actions=_actions(member, peer_id), condition=GroupRow.role.does_not_exist())

    try:
        await store.call(transact)
    except store.ConditionFailed:
        # Read again: who is a member still must not be left out.
        return await _carry(user_id, group_id) if await _is_missing(user_id, group_id) else False
    if mark.seq:
        await mark_rows.advance_read_mark(group_id, user_id, None, mark)
    return True


async def _is_missing(user_id: str, group_id: str) -> bool:
    return not await memberships.find_memberships(user_id, [group_id])


def _actions(member: Member, peer_id: str | None) -> list[Action]:
    actions: list[Action] = [GroupRow.role.set(member.role), GroupRow.created_at.set(member.joined_at)]
    return [*actions, GroupRow.peer_id.set(peer_id)] if peer_id else actions


async def _old_mark(group_id: str, user_id: str) -> ReadMark:
    key = mark_rows.thread_mark_row(group_id, user_id, "")
    row = await models.get_row(key.group_id, key.item)
    return to_read_mark(row) if row else ReadMark()


async def _peer(group_id: str, user_id: str) -> str | None:
    group = await models.find_group(group_id)
    if group is None or group.kind != DIRECT:
        return None
    return _other(await models.list_members(group_id, limit=2), user_id)


def _other(members: Iterable[Member], user_id: str) -> str | None:
    return next((member.user_id for member in members if member.user_id != user_id), None)


# --- counts ----------------------------------------------------------------------------------------------------------
async def _count(group_id: str) -> bool:
    """Write how many members a group has, unless it has that; return whether it was written."""
    group = await models.find_group(group_id)
    if group is None or group.member_count is not None or group.kind not in (GROUP, DIRECT):
        return False
    count = len(await models.list_members(group_id))
    row = models.group_row(group)
    try:
        unknown = GroupRow.member_count.does_not_exist()
        await store.call(lambda: row.update(actions=[GroupRow.member_count.set(count)], condition=unknown))
    except store.ConditionFailed:
        return False
    return True


# --- the directory ---------------------------------------------------------------------------------------------------
async def _list(group_id: str) -> bool:
    """Put a group into the directory unless it is there, or is deleted meanwhile; return whether it was put there."""
    group = await models.find_group(group_id)
    if group is None or await places.find([group_id]):
        return False

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            transaction.condition_check(GroupRow, group_id, "group", condition=GroupRow.group_id.exists())
            transaction.save(places.new_row(group), condition=GroupRow.group_id.does_not_exist())

    try:
        await store.call(transact)
    except store.ConditionFailed:
        # Read again: a group must not be left out because another transaction held its row.
        return await _list(group_id)
    return True
