"""Drafts as rows of their user, `draft#<groupId>` and `draft#<groupId>#<parentId>`.

A draft that was cleared keeps its row, without content, until DynamoDB deletes it: a late write of an earlier version
must find the version, or it would bring the text back.
"""

import time
from dataclasses import dataclass
from typing import Any

from dynamodb import store
from foundation.ids import now
from users.models import UserRow
from users.own_rows import get_own_rows, list_own_rows

CLEARED_SECONDS = 48 * 3600
_PREFIX = "draft#"


@dataclass(frozen=True, slots=True)
class Draft:
    """A text that is not sent yet; one without `content` was cleared. `version` grows with each write of it."""

    group_id: str
    parent_id: str | None
    content: str
    version: int
    updated_at: str

    def as_wire(self) -> dict[str, Any]:
        """Return {groupId, parentId?, content, version, updatedAt}."""
        parent = {"parentId": self.parent_id} if self.parent_id else {}
        where = {"groupId": self.group_id, **parent}
        return {**where, "content": self.content, "version": self.version, "updatedAt": self.updated_at}


def _item(group_id: str, parent_id: str | None) -> str:
    return f"{_PREFIX}{group_id}#{parent_id}" if parent_id else f"{_PREFIX}{group_id}"


def _to_draft(row: UserRow) -> Draft:
    return Draft(row.group_id or "", row.parent_id, row.content or "", int(row.version or 0), row.updated_at)


async def find_draft(user_id: str, group_id: str, parent_id: str | None) -> Draft | None:
    """Return a draft, or None; one that was cleared is found for two days."""
    item = _item(group_id, parent_id)
    row = (await get_own_rows(user_id, item)).get(item)
    return _to_draft(row) if row else None


async def list_drafts(user_id: str, group_id: str | None = None) -> list[Draft]:
    """Return all drafts of a user, or those of one group and its threads, with those that were cleared."""
    rows = await list_own_rows(user_id, f"{_PREFIX}{group_id or ''}")
    return [_to_draft(row) for row in rows if group_id in (None, row.group_id)]


async def write_draft(
    user_id: str, group_id: str, parent_id: str | None, *, content: str, if_version: int | None
) -> Draft:
    """Write a draft, or clear it (`content` is empty), and return it.

    Raises `store.ConditionFailed` unless the draft has the version `if_version`, 0 standing for none; None is any.
    """
    row = UserRow(user_id, _item(group_id, parent_id))
    # The first version is later than all of a draft whose row DynamoDB has deleted.
    first = time.time_ns() // 1_000_000
    actions: list[Any] = [
        UserRow.version.set((UserRow.version | first) + 1),
        UserRow.group_id.set(group_id),
        UserRow.updated_at.set(now()),
        UserRow.content.set(content) if content else UserRow.content.remove(),
        UserRow.expires_at.remove() if content else UserRow.expires_at.set(int(time.time()) + CLEARED_SECONDS),
    ]
    if parent_id:
        actions.append(UserRow.parent_id.set(parent_id))
    condition = None
    if if_version is not None:
        condition = UserRow.version == if_version if if_version else UserRow.version.does_not_exist()
    await store.call(lambda: row.update(actions=actions, condition=condition))
    return _to_draft(row)


async def forget_draft(user_id: str, draft: Draft) -> None:
    """Delete the row of a draft, unless it was written since."""
    row = UserRow(user_id, _item(draft.group_id, draft.parent_id))
    try:
        await store.call(lambda: row.delete(condition=UserRow.version == draft.version))
    except store.ConditionFailed:
        return
