"""Who has left a group by an act of their own: nobody puts them back. They are asked, and come back by themselves.

The row (`left#<userId>`) is written with the entry of their leaving, and deleted with that of their return; whoever was
removed by somebody else has none. Its `created_at` is when they left, `created_by` who asked them last, if anybody has.
"""

from collections.abc import Iterable, Mapping

from dynamodb import store
from foundation.errors import Forbidden

from .rows import GroupRow


class HasLeft(Forbidden):
    """Some of the users to be added have left the group; `user_ids` has them all."""

    def __init__(self, group_id: str, user_ids: Iterable[str], names: Mapping[str, str]) -> None:
        self.user_ids = list(user_ids)
        sentences = [
            f"{names.get(user_id, user_id)} has left this group, and was asked to come back: /groups/{group_id}/rejoin"
            for user_id in self.user_ids[:10]
        ]
        super().__init__("Who has left a group comes back by an act of their own.", fields={"userIds": sentences})


def left_row(group_id: str, user_id: str, left_at: str | None = None) -> GroupRow:
    return GroupRow(group_id, f"left#{user_id}", user_id=user_id, created_at=left_at)


async def find_left(group_id: str, user_ids: Iterable[str]) -> dict[str, bool]:
    """Return those of the users who have left, by consistent reads: whether each was asked to come back."""
    keys = [(group_id, left_row(group_id, user_id).item) for user_id in dict.fromkeys(user_ids)]
    if not keys:
        return {}

    def read() -> dict[str, bool]:
        return {row.user_id or "": row.created_by is not None for row in GroupRow.batch_get(keys, consistent_read=True)}

    return await store.call(read)


async def ask_back(group_id: str, user_ids: Iterable[str], *, asked_by: str) -> None:
    """Note that these users were asked; one who has come back meanwhile is not."""
    for user_id in user_ids:
        row = left_row(group_id, user_id)
        try:
            await store.call(row.update, [GroupRow.created_by.set(asked_by)], GroupRow.created_at.exists())
        except store.ConditionFailed:
            continue


async def ask_back_who_left(group_id: str, user_ids: Iterable[str], names: Mapping[str, str], *, asked_by: str) -> None:
    """Ask those of the users who have left, and raise `HasLeft`; do nothing if there are none."""
    if has_left := await find_left(group_id, user_ids):
        await ask_back(group_id, has_left, asked_by=asked_by)
        raise HasLeft(group_id, has_left, names)
