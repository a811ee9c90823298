"""The rows of read marks, in a user's own partition or, of threads, in the group's; their queries.

Each query raises what `store.call` raises; all reads are strongly consistent.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from dynamodb import store
from foundation.backoff import backoff
from foundation.errors import Unavailable

from . import memberships, models
from .read_mark import MarkKey, ReadMark, to_read_mark
from .rows import GroupRow

_ATTEMPTS = 8
# Seconds between attempts.
_BACKOFF_BASE, _BACKOFF_CAP = 0.01, 0.1


def thread_mark_row(group_id: str, user_id: str, parent_id: str) -> GroupRow:
    return GroupRow(group_id, f"read#{user_id}#{parent_id}")


def _mark_row(group_id: str, user_id: str, parent_id: str | None) -> GroupRow:
    return thread_mark_row(group_id, user_id, parent_id) if parent_id else memberships.own_row(user_id, group_id)


async def find_read_mark(group_id: str, user_id: str, parent_id: str | None = None) -> ReadMark:
    """Return a user's read mark of the group, or of the thread of `parent_id`; seq 0 when there is none."""
    key = _mark_row(group_id, user_id, parent_id)
    row = await models.get_row(key.group_id, key.item)
    return to_read_mark(row) if row else ReadMark()


async def find_read_marks(keys: Iterable[MarkKey]) -> dict[MarkKey, ReadMark]:
    """Return these read marks, a hundred in one `BatchGetItem`; seq 0 where there is none."""
    rows = {key: _mark_row(key.group_id, key.user_id, key.parent_id) for key in keys}
    found = await models.get_rows((row.group_id, row.item) for row in rows.values())
    marks = {(row.group_id, row.item): to_read_mark(row) for row in found}
    return {key: marks.get((row.group_id, row.item), ReadMark()) for key, row in rows.items()}


async def find_own_marks(group_id: str, user_ids: Iterable[str]) -> dict[str, ReadMark]:
    """Return the marks of those of these users who are or were in the group, by user id."""
    keys = {memberships.partition(user_id): user_id for user_id in user_ids}
    rows = await models.get_rows((own, memberships.group_item(group_id)) for own in keys)
    return {keys[row.group_id]: to_read_mark(row) for row in rows if row.created_at}


def _place_actions(mark: ReadMark, *, by_sending: bool = False) -> list[Action]:
    """Return what moves a mark forward. What it has of messages up to there may stay: it counts for nothing."""
    actions: list[Action] = [GroupRow.seq.set(mark.seq), GroupRow.message_count.set(mark.message_count)]
    count = mark.all_count
    actions.append(GroupRow.all_count.remove() if count is None else GroupRow.all_count.set(count))
    if by_sending:
        actions += [GroupRow.marked_at.remove(), GroupRow.own.remove(), GroupRow.own_alls.remove()]
    return [*actions, GroupRow.version.add(1)]


def _moves(mark: ReadMark, *, by_sending: bool) -> Condition:
    """Return the condition that `mark` is further than the stored one, and if sent by then, than what was unread."""
    forward: Condition = GroupRow.seq.does_not_exist() | (GroupRow.seq < mark.seq)
    return forward & (GroupRow.marked_at.does_not_exist() | (GroupRow.marked_at < mark.seq)) if by_sending else forward


def _is_unchanged(mark: ReadMark) -> Condition:
    """Return the condition that the row is as it was when this mark was read."""
    version = mark.details.version
    return GroupRow.version == version if version else GroupRow.version.does_not_exist()


async def repair_read_mark(user_id: str, group_id: str, parent_id: str | None, mark: ReadMark) -> None:
    """Move a member's mark to what they have sent, unless it is there or further; write nothing of a non-member.

    So a group that is deleted meanwhile leaves no mark behind.
    """
    row = _mark_row(group_id, user_id, parent_id)
    forward, actions = _moves(mark, by_sending=True), _place_actions(mark, by_sending=True)

    def transact() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            member = models.member_item(user_id)
            transaction.condition_check(GroupRow, group_id, member, condition=GroupRow.role.exists())
            transaction.update(row, actions=actions, condition=forward)

    def update() -> None:
        row.update(actions=actions, condition=forward & GroupRow.role.exists())

    for delay in backoff(_ATTEMPTS, base=_BACKOFF_BASE, cap=_BACKOFF_CAP):
        try:
            return await store.call(transact if parent_id else update)
        except store.ConditionFailed:
            stored, member = await asyncio.gather(
                find_read_mark(group_id, user_id, parent_id), models.find_member(group_id, user_id)
            )
            if member is None or not stored.is_moved_by(mark.seq):
                return None
            await asyncio.sleep(delay)
    raise Unavailable


async def advance_read_mark(
    group_id: str, user_id: str, parent_id: str | None, mark: ReadMark, *, by_sending: bool = False
) -> tuple[ReadMark, bool]:
    """Move the user's mark to `mark` unless it is there or further; return the stored mark and whether it was moved.

    `by_sending`: to a message of their own, which does not move it if it was there when others were marked unread.
    """
    row = _mark_row(group_id, user_id, parent_id)
    condition, actions = _moves(mark, by_sending=by_sending), _place_actions(mark, by_sending=by_sending)
    for delay in backoff(_ATTEMPTS, base=_BACKOFF_BASE, cap=_BACKOFF_CAP):
        try:
            await store.call(lambda: row.update(actions=actions, condition=condition))
        except store.ConditionFailed:
            stored = await find_read_mark(group_id, user_id, parent_id)
            if not (stored.is_moved_by(mark.seq) if by_sending else stored.seq < mark.seq):
                return stored, False
            # A transaction held the row: the user's role is being changed.
            await asyncio.sleep(delay)
        else:
            return to_read_mark(row), True
    raise Unavailable


async def put_read_mark(key: MarkKey, mark: ReadMark) -> ReadMark | None:
    """Replace the mark, and its details, that had the version in `mark.details`; return the stored one.

    None: it has another version by now, or was never there and is not one of a member.
    """
    row, details = _mark_row(key.group_id, key.user_id, key.parent_id), mark.details
    actions = [*_place_actions(mark), GroupRow.marked_at.set(details.marked_at)]
    for attribute, seqs in (
        (GroupRow.own, details.own),
        (GroupRow.own_alls, details.own_alls),
        (GroupRow.mentions, details.mentions),
    ):
        actions.append(attribute.set(list(seqs)) if seqs else attribute.remove())
    condition = _is_unchanged(mark)
    if key.parent_id is None:
        condition &= GroupRow.role.exists()
    try:
        await store.call(lambda: row.update(actions=actions, condition=condition))
    except store.ConditionFailed:
        return None
    return to_read_mark(row)


async def put_mentions(
    group_id: str, user_id: str, mark: ReadMark, seqs: Iterable[int]
) -> tuple[ReadMark, bool] | None:
    """Replace the mentions of a mark as it was read; return the stored one, and whether its user is a member.

    None: it has another version by now, or the group was deleted.
    """
    row, actions = memberships.own_row(user_id, group_id), _mention_actions(seqs)
    # Who has left may come back: then the same messages are unread as for others.
    condition = _is_unchanged(mark) & GroupRow.created_at.exists()
    try:
        await store.call(lambda: row.update(actions=actions, condition=condition))
    except store.ConditionFailed:
        return None
    return to_read_mark(row), row.role is not None


def _mention_actions(seqs: Iterable[int]) -> list[Action]:
    mentions = sorted(seqs)
    return [GroupRow.mentions.set(mentions) if mentions else GroupRow.mentions.remove(), GroupRow.version.add(1)]


async def put_thread_mentions(key: MarkKey, mark: ReadMark, seqs: Iterable[int]) -> ReadMark | None:
    """Replace the mentions of a thread's mark as it was read, whether or not there is a row; return the stored one.

    None: it has another version by now, or the group was deleted.
    """
    row, actions = _mark_row(key.group_id, key.user_id, key.parent_id), _mention_actions(seqs)

    def create() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            # A group that is being erased has lost this row before anything else.
            transaction.condition_check(GroupRow, key.group_id, "group", condition=GroupRow.kind.exists())
            transaction.update(row, actions=actions, condition=_is_unchanged(mark))

    def update() -> None:
        row.update(actions=actions, condition=_is_unchanged(mark))

    version = mark.details.version
    try:
        await store.call(update if version else create)
    except store.ConditionFailed:
        return None
    # A transaction returns nothing of its rows.
    details = replace(mark.details, version=version + 1, mentions=tuple(sorted(seqs)))
    return to_read_mark(row) if version else replace(mark, details=details)
