"""Whom a group has asked to join, for those who manage it: a row for each in the group's partition, beside `asked`.

A row counts while the person is asked, by the row in their own partition; what is left of others goes when the list is
read. Whoever has blocked who asked is not asked and has no such row: theirs is `silent`, and counts until they are
members, so that the list tells nobody of it.
"""

from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass

from dynamodb import store

from . import memberships, models
from .rows import GroupRow

PREFIX = "asking#"
# Of the row in the person's own partition.
OWN_PREFIX = "asked#"
_SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody whom a group has asked; `asked_by` is a user id, `asked_at` an ISO time in UTC."""

    user_id: str
    asked_by: str
    asked_at: str


def asking_row(group_id: str, user_id: str, asked_by: str, asked_at: str, *, silent: bool = False) -> GroupRow:
    return GroupRow(
        group_id, f"{PREFIX}{user_id}", created_by=asked_by, created_at=asked_at, kind=_SILENT if silent else None
    )


def user_id_of(row: GroupRow) -> str:
    return row.item.removeprefix(PREFIX)


async def put_silent(group_id: str, user_ids: Collection[str], *, asked_by: str, asked_at: str) -> None:
    """Note these people as asked, who are not told; `asked_at` is that of those who are, which tells them not apart."""

    def put() -> None:
        with GroupRow.batch_write() as batch:
            for user_id in user_ids:
                batch.save(asking_row(group_id, user_id, asked_by, asked_at, silent=True))

    if user_ids:
        await store.call(put)


async def list_asked_by(group_id: str, *, after: str | None, limit: int) -> tuple[list[Asked], str | None]:
    """Return whom the group has asked, in the order of their ids, those that follow `after`, `limit` at most.

    Also returns the id to go on from, if there may be more. One `Query`, and a `BatchGetItem` for fifty people.
    """
    rows = await store.call(_query, group_id, after, limit + 1)
    page = rows[:limit]
    open_ids = await _open_among(group_id, page)
    await _drop(row for row in page if user_id_of(row) not in open_ids)
    found = [
        Asked(user_id_of(row), row.created_by or "", row.created_at or "")
        for row in page
        if user_id_of(row) in open_ids
    ]
    return found, user_id_of(page[-1]) if len(rows) > limit else None


def _query(group_id: str, after: str | None, limit: int) -> list[GroupRow]:
    start = models.start_after(group_id, f"{PREFIX}{after}") if after else None
    condition = GroupRow.item.startswith(PREFIX)
    return list(GroupRow.query(group_id, condition, consistent_read=True, limit=limit, last_evaluated_key=start))


async def _open_among(group_id: str, rows: Iterable[GroupRow]) -> set[str]:
    """Return who is asked, or seems to be, and is no member."""
    silent = {user_id_of(row): row.kind == _SILENT for row in rows}
    keys = [(memberships.partition(user_id), f"{OWN_PREFIX}{group_id}") for user_id in silent]
    members = [(group_id, models.member_item(user_id)) for user_id in silent]
    known = {(row.group_id, row.item) for row in await models.get_rows([*keys, *members])}
    return {
        user_id
        for (user_id, is_silent), key, member in zip(silent.items(), keys, members, strict=True)
        if (is_silent or key in known) and member not in known
    }


async def _drop(rows: Iterable[GroupRow]) -> None:
    """Delete rows that count for nothing, unless the group has asked anew meanwhile."""
    for row in rows:
        with suppress(store.ConditionFailed):
            await store.call(row.delete, condition=GroupRow.created_at == row.created_at)


async def withdraw(group_id: str, user_id: str) -> bool:
    """Have somebody be asked no more; return whether they were, or seemed to be."""
    row = GroupRow(group_id, f"{PREFIX}{user_id}")
    rows = await models.get_rows([(group_id, row.item)])
    if not await _open_among(group_id, rows):
        return False
    await store.call(GroupRow(memberships.partition(user_id), f"{OWN_PREFIX}{group_id}").delete)
    await store.call(row.delete)
    return True
