"""Reads of the rows that apps keep of a user beside the profile, such as drafts; `item` begins with what they are."""

from dynamodb import store

from .models import UserRow, load_rows


async def get_own_rows(user_id: str, *items: str) -> dict[str, UserRow]:
    """Return those of these rows of a user that exist, by item, by one strongly consistent read."""
    return {row.item: row for row in await load_rows(user_id, items)}


async def list_own_rows(user_id: str, prefix: str) -> list[UserRow]:
    """Return a user's rows whose item begins with `prefix`, in its order, by a strongly consistent read."""

    def query() -> list[UserRow]:
        return list(UserRow.query(user_id, UserRow.item.startswith(prefix), consistent_read=True))

    return await store.call(query)
