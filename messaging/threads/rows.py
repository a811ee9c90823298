"""The rows of the threads that people follow, and their queries; all reads are strongly consistent.

What a person has of a thread is a row of their own partition (`memberships#<userId>`), `thread#<groupId>#<root's seq>`.
A second one, `recent#<time of the last reply>#<groupId>#<root's seq>`, puts the thread into their list while they
follow it and it has replies. `follow#<root's seq>#<userId>` in the group's partition says whose row there is; it stays
when the person stops. The row of the root 0 has where its person has left the group. Those of one person and thread
change in one transaction. Each query raises what `store.call` raises.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import NamedTuple

from pynamodb.expressions.condition import Condition
from pynamodb.transactions import TransactWrite

from dynamodb import store
from foundation.backoff import backoff
from foundation.errors import Unavailable
from foundation.tasks import map_some_at_a_time
from groups import memberships, models
from groups.item_pages import delete_items, item_pages
from groups.log.entry import Entry
from groups.rows import GroupRow

from .following import Following

_ATTEMPTS = 8
# Seconds between attempts.
_BACKOFF_BASE, _BACKOFF_CAP = 0.01, 0.1
# How many people's rows are erased at a time.
_MAX_CONCURRENT = 4
_RECENT, _THREAD, _FOLLOW = "recent#", "thread#", "follow#"


class ThreadKey(NamedTuple):
    """Whose row it is, of the thread of which root."""

    user_id: str
    group_id: str
    root_seq: int

    @property
    def row(self) -> tuple[str, str]:
        return memberships.partition(self.user_id), f"{_THREAD}{self.group_id}#{self.root_seq}"

    def recent_item(self, at: str) -> str:
        return f"{_RECENT}{at}#{self.group_id}#{self.root_seq}"


def leaving_key(user_id: str, group_id: str) -> ThreadKey:
    """Return the key of the row that says where a person has left a group, for threads that they had no row of."""
    return ThreadKey(user_id, group_id, 0)


class RecentThread(NamedTuple):
    """A thread in a person's list; `place` is where it stands there."""

    group_id: str
    root_seq: int
    last_reply: int
    place: str


def _to_following(row: GroupRow) -> Following:
    number = row.attribute_values.get
    return Following(
        since=number("since"),
        by_hand=number("by_hand"),
        until=number("until") or 0,
        last_reply=number("seq") or 0,
        last_at=row.created_at or "",
        version=number("version") or 0,
    )


def _to_row(key: ThreadKey, following: Following) -> GroupRow:
    return GroupRow(
        *key.row,
        since=following.since,
        by_hand=following.by_hand,
        until=following.until or None,
        seq=following.last_reply or None,
        created_at=following.last_at or None,
        version=following.version + 1,
    )


# --- reads -----------------------------------------------------------------------------------------------------------
async def find(keys: Iterable[ThreadKey]) -> dict[ThreadKey, Following]:
    """Return what these people have of these threads, a hundred in one `BatchGetItem`."""
    by_row = {key.row: key for key in keys}
    found = {by_row[row.group_id, row.item]: _to_following(row) for row in await models.get_rows(by_row)}
    return {key: found.get(key, Following()) for key in by_row.values()}


async def find_followers(group_id: str, root_seq: int, user_ids: Iterable[str]) -> set[str]:
    """Return the ids of those of these people who follow a thread."""
    found = await find(ThreadKey(user_id, group_id, root_seq) for user_id in user_ids)
    return {key.user_id for key, following in found.items() if following.began is not None}


async def list_keys(group_id: str, root_seq: int) -> list[ThreadKey]:
    """Return whose rows there are of this thread, whether or not they follow it now."""
    return [_to_key(group_id, item) async for page in item_pages(group_id, f"{_FOLLOW}{root_seq}#") for item in page]


def _to_key(group_id: str, item: str) -> ThreadKey:
    _, root_seq, user_id = item.split("#", 2)
    return ThreadKey(user_id, group_id, int(root_seq))


async def list_own(user_id: str, group_id: str) -> dict[ThreadKey, Following]:
    """Return what a person has of the threads of a group."""
    prefix = f"{_THREAD}{group_id}#"

    def query() -> list[GroupRow]:
        own = memberships.partition(user_id)
        return list(GroupRow.query(own, GroupRow.item.startswith(prefix), consistent_read=True))

    found = await store.call(query)
    return {ThreadKey(user_id, group_id, int(row.item.removeprefix(prefix))): _to_following(row) for row in found}


async def list_recent(user_id: str, *, before: str | None, limit: int) -> list[RecentThread]:
    """Return the threads of a person's list, latest activity first, that come after the place `before`."""
    own = memberships.partition(user_id)
    start = models.start_after(own, f"{_RECENT}{before}") if before else None

    def query() -> list[GroupRow]:
        rows = GroupRow.query(
            own,
            GroupRow.item.startswith(_RECENT),
            consistent_read=True,
            scan_index_forward=False,
            limit=limit,
            last_evaluated_key=start,
        )
        return list(rows)

    return [_to_recent(row) for row in await store.call(query)]


def _to_recent(row: GroupRow) -> RecentThread:
    place = row.item.removeprefix(_RECENT)
    _, group_id, root_seq = place.split("#")
    return RecentThread(group_id, int(root_seq), int(row.seq or 0), place)


# --- writes ----------------------------------------------------------------------------------------------------------
async def change(
    key: ThreadKey, rule: Callable[[Following], Following], known: Following | None = None
) -> tuple[Following, Following]:
    """Apply a rule to what a person has of a thread, and return what it was and what it is now.

    `known` is what was read of it. A group that is deleted meanwhile is left as it is. Raises `Unavailable`.
    """
    for delay in backoff(_ATTEMPTS, base=_BACKOFF_BASE, cap=_BACKOFF_CAP):
        before = known or (await find([key]))[key]
        after = rule(before)
        if after == before:
            return before, after
        try:
            await write(key, before, after)
        except store.ConditionFailed:
            if await models.find_group(key.group_id) is None:
                return before, before
            known = None
            await asyncio.sleep(delay)
        else:
            return before, after
    raise Unavailable


async def write(
    key: ThreadKey, before: Following, after: Following, *, as_member: bool = False, while_root: Condition | None = None
) -> None:
    """Write what a person has of a thread, if it is still as it was; raises `ConditionFailed`.

    Also only if they are a member, with `as_member`, and if the root's entry is as `while_root` says.
    """

    def write_rows() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            row = _to_row(key, after)
            if before.version:
                transaction.save(row, condition=GroupRow.version == before.version)
            else:
                transaction.save(row, condition=GroupRow.group_id.does_not_exist())
                transaction.save(GroupRow(key.group_id, f"{_FOLLOW}{key.root_seq}#{key.user_id}"))
                # A group that is being erased has lost this row before anything else.
                transaction.condition_check(GroupRow, key.group_id, "group", condition=GroupRow.kind.exists())
            if as_member:
                member = models.member_item(key.user_id)
                transaction.condition_check(GroupRow, key.group_id, member, condition=GroupRow.role.exists())
            if while_root is not None:
                transaction.condition_check(Entry, key.group_id, key.root_seq, condition=while_root)
            _write_place(transaction, key, before, after)

    await store.call(write_rows)


def _write_place(transaction: TransactWrite, key: ThreadKey, before: Following, after: Following) -> None:
    """Move the thread in the person's list."""
    old = key.recent_item(before.last_at) if before.is_listed else None
    new = key.recent_item(after.last_at) if after.is_listed else None
    own = memberships.partition(key.user_id)
    if old and old != new:
        transaction.delete(GroupRow(own, old))
    if new:
        transaction.save(GroupRow(own, new, seq=after.last_reply))


async def forget(group_id: str) -> None:
    """Erase what people have of the threads of a group that is being deleted; goes on where a call before has ended."""
    async for page in item_pages(group_id, _FOLLOW):
        await map_some_at_a_time(lambda item: _erase(_to_key(group_id, item)), page, _MAX_CONCURRENT)
        await delete_items(group_id, page)


async def forget_person(user_id: str) -> None:
    """Erase what somebody who was removed has of all threads; goes on where a call before has ended."""
    async for page in item_pages(memberships.partition(user_id), _THREAD):
        for item in page:
            group_id, root_seq = item.removeprefix(_THREAD).split("#")
            key = ThreadKey(user_id, group_id, int(root_seq))
            await delete_items(group_id, [f"{_FOLLOW}{key.root_seq}#{user_id}"])
            await _erase(key)


async def _erase(key: ThreadKey) -> None:
    """Erase one row and its place; whoever still handles the group's log may move it meanwhile."""
    for delay in backoff(_ATTEMPTS, base=_BACKOFF_BASE, cap=_BACKOFF_CAP):
        known = (await find([key]))[key]
        if not known.version:
            return
        try:
            await store.call(_delete, key, known)
        except store.ConditionFailed:
            await asyncio.sleep(delay)
        else:
            return
    raise Unavailable


def _delete(key: ThreadKey, known: Following) -> None:
    with TransactWrite(connection=store.connection()) as transaction:
        transaction.delete(GroupRow(*key.row), condition=GroupRow.version == known.version)
        if known.is_listed:
            transaction.delete(GroupRow(key.row[0], key.recent_item(known.last_at)))
