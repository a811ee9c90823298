"""Reads of users: any signed-in person may see who else is there."""

from collections.abc import Iterable

from foundation.errors import NotFound

from . import models
from .models import User


async def get_user(*, user_id: str) -> User:
    """Raises `NotFound`."""
    user = await models.get(user_id)
    if user is None:
        raise NotFound
    return user


async def get_users(*, user_ids: Iterable[str]) -> dict[str, User]:
    """Return those that exist, by id."""
    return await models.get_many(user_ids)


async def find_users(*, query: str = "", limit: int = 20) -> list[User]:
    """Return users whose name starts with `query`, in the order of their names."""
    return await models.search(query, limit=limit)
