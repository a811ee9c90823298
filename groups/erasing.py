"""Erases what is left of a deleted group: its log and its rows. What deletes the group's files first is above.

Each call goes on where one before has ended; a row in the partition `deletions` says that there is more to do.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any

from dynamodb import store
from foundation.tasks import map_some_at_a_time

from . import asked, asking, creations, memberships, models
from .followers.services import forget_group
from .log.entry import Entry
from .provided import rows as provided
from .rows import GroupRow

# A write of a batch takes so many rows.
_BATCH = 25
# Of so many people what they have is erased at a time.
_MAX_CONCURRENT = 4

# Erases what somebody who is or was a member has of the group elsewhere; gets their id.
ForgetUser = Callable[[str], Awaitable[None]]


async def erase_group(group_id: str, forget_user: ForgetUser) -> None:
    """Delete what followers have of a deleted group, what people have of it, its log and its rows, and then the note.

    Who has left before is known from the log alone: what they have goes before the entry that names them. The row of
    the group's creation stays: a late retry must not create the group again.
    """
    await forget_group(group_id)
    forgotten: set[str] = set()
    while entries := await store.call(_entries, group_id):
        people = sorted(_members_in(entries) - forgotten)

        async def forget(user_id: str) -> None:
            await store.call(memberships.own_row(user_id, group_id).delete)
            await store.call(asked.asked_row(user_id, group_id).delete)
            if group_id in await provided.list_of(user_id):
                await provided.forget(user_id, group_id)
            await forget_user(user_id)

        await map_some_at_a_time(forget, people, _MAX_CONCURRENT)
        forgotten.update(people)
        await store.call(_delete, Entry, entries)
    while rows := await store.call(_rows, group_id):
        asked_ids = [asking.user_id_of(row) for row in rows if row.item.startswith(asking.PREFIX)]
        await store.call(_delete, GroupRow, [asked.asked_row(user_id, group_id) for user_id in asked_ids])
        await store.call(_delete, GroupRow, rows)
    await store.call(models.deletion_row(group_id).delete)


def _members_in(entries: Iterable[Entry]) -> set[str]:
    """Return who joined or left by these entries."""
    return {user_id for entry in entries if entry.kind == "member" for user_id in entry.roles or {}}


def _delete(table: Any, found: Sequence[Any]) -> None:
    with table.batch_write() as batch:
        for row in found:
            batch.delete(row)


def _entries(group_id: str) -> list[Entry]:
    return list(Entry.query(group_id, consistent_read=True, limit=_BATCH))


def _rows(group_id: str) -> list[GroupRow]:
    # One more, since that of the creation is passed over.
    rows = GroupRow.query(group_id, consistent_read=True, limit=_BATCH + 1)
    return [row for row in rows if row.item != creations.ITEM][:_BATCH]
