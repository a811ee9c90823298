"""Who has left a group by an act of their own: nobody puts them back. They are asked (`asked`), and come back.

The row (`left#<userId>`) is written with the entry of their leaving, and deleted with that of their return; whoever was
removed by somebody else has none. Its `created_at` is when they left. A former version noted in `created_by` who asked.
"""

from collections.abc import Iterable, Mapping

from dynamodb import store

from .asked import MustBeAsked
from .rows import GroupRow


class HasLeft(MustBeAsked):
    """Some of the users to be added have left the group; `user_ids` has them all."""

    def __init__(self, group_id: str, user_ids: Iterable[str], names: Mapping[str, str]) -> None:
        ids = list(user_ids)
        super().__init__(group_id, ids, names, has_left=ids)


def left_row(group_id: str, user_id: str, left_at: str | None = None) -> GroupRow:
    return GroupRow(group_id, f"left#{user_id}", user_id=user_id, created_at=left_at)


async def find_left(group_id: str, user_ids: Iterable[str]) -> dict[str, bool]:
    """Return those of the users who have left, by consistent reads: whether a former version asked each of them."""
    keys = [(group_id, left_row(group_id, user_id).item) for user_id in dict.fromkeys(user_ids)]
    if not keys:
        return {}

    def read() -> dict[str, bool]:
        return {row.user_id or "": row.created_by is not None for row in GroupRow.batch_get(keys, consistent_read=True)}

    return await store.call(read)
