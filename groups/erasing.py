"""Erases what is left of a deleted group: its log and its rows. What deletes the group's files first is above.

Each call goes on where one before has ended; a row in the partition `deletions` says that there is more to do.
"""

from collections.abc import Callable, Sequence
from typing import Any

from dynamodb import store

from . import creations, models
from .followers.services import forget_group
from .log.entry import Entry
from .rows import GroupRow

# A write of a batch takes so many rows.
_BATCH = 25


async def erase_group(group_id: str) -> None:
    """Delete what followers have of a deleted group, its log and its rows, and then the note that it is to be erased.

    The row of its creation stays: a late retry must not create the group again.
    """
    await forget_group(group_id)
    while await store.call(_erase_batch, Entry, lambda: _entries(group_id)):
        pass
    while await store.call(_erase_batch, GroupRow, lambda: _rows(group_id)):
        pass
    await store.call(models.deletion_row(group_id).delete)


def _erase_batch(table: Any, find: Callable[[], Sequence[Any]]) -> int:
    found = find()
    with table.batch_write() as batch:
        for row in found:
            batch.delete(row)
    return len(found)


def _entries(group_id: str) -> list[Entry]:
    return list(Entry.query(group_id, consistent_read=True, limit=_BATCH))


def _rows(group_id: str) -> list[GroupRow]:
    # One more, since that of the creation is passed over.
    rows = GroupRow.query(group_id, consistent_read=True, limit=_BATCH + 1)
    return [row for row in rows if row.item != creations.ITEM][:_BATCH]
