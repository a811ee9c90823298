"""Reads of users; every signed-in user may see all users. Each raises `Unavailable` while DynamoDB is down."""

from collections.abc import Iterable

from foundation.errors import NotFound

from . import models
from .models import User


async def get_user(*, user_id: str) -> User:
    """Return the user; raises `NotFound`."""
    user = await models.get(user_id)
    if user is None:
        raise NotFound
    return user


async def get_users(*, user_ids: Iterable[str]) -> dict[str, User]:
    """Return the users that exist, by id; unknown ids are left out."""
    return await models.get_many(user_ids)


async def find_users(*, query: str = "", limit: int = 20) -> list[User]:
    """Return up to `limit` users whose name starts with `query`, regardless of case, sorted by name."""
    return await models.search(query, limit=limit)


async def get_revision(*, user_id: str) -> int:
    """Return the revision of the user's last `user_update` event, 0 before the first; checks no permission."""
    return await models.get_revision(user_id)
