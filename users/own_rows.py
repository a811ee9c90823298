"""Reads of the rows that apps keep of a user beside the profile, such as drafts; `item` begins with what they are."""

from dynamodb import store

from .models import UserRow, load


async def get_own_rows(user_id: str, *items: str) -> dict[str, UserRow]:
    """Return those of these rows of a user that exist, by item, by one strongly consistent read."""
    return {item: row for (_, item), row in (await load((user_id, item) for item in items)).items()}


async def list_own_rows(user_id: str, prefix: str) -> list[UserRow]:
    """Return a user's rows whose item begins with `prefix`, in its order, by a strongly consistent read."""

    def query() -> list[UserRow]:
        return list(UserRow.query(user_id, UserRow.item.startswith(prefix), consistent_read=True))

    return await store.call(query)


# What apps keep for a user alone: it goes when the user is removed.
_ERASED = (
    "draft#",
    "saved",
    "inbox#",
    "sections",
    "notice",
    "blocked#",
    "provided",
    "later",
    "told#",
    "device#",
    "notifications",
)


async def erase_own_rows(user_id: str) -> None:
    """Delete what was kept for a user alone; may be called again."""

    def erase(prefix: str) -> None:
        with UserRow.batch_write() as batch:
            for row in UserRow.query(user_id, UserRow.item.startswith(prefix), consistent_read=True):
                batch.delete(row)

    for prefix in _ERASED:
        await store.call(erase, prefix)
