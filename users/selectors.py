"""Reads of users; every signed-in user may see all users. Each raises `Unavailable` while DynamoDB is down."""

from collections.abc import Iterable
from dataclasses import dataclass

from foundation.cursors import encode_cursor
from foundation.errors import NotFound

from . import handles, models, name_search
from .models import Impersonation
from .user import User


@dataclass(frozen=True, slots=True)
class UserPage:
    """A page of users, in the order of what they were found by; `next_cursor` is None on the last one."""

    users: list[User]
    next_cursor: str | None


async def get_user(*, user_id: str) -> User:
    """Return the user; raises `NotFound`."""
    user = await models.get(user_id)
    if user is None:
        raise NotFound
    return user


async def get_users(*, user_ids: Iterable[str], consistent: bool = False) -> dict[str, User]:
    """Return the users that exist, by id; unknown ids are left out.

    With `consistent`, by strong reads: also someone who signed in a moment ago. The others are cheaper, and will do to
    show names.
    """
    return await models.get_many(user_ids, consistent=consistent)


async def find_users(*, query: str = "", limit: int = 20, cursor: tuple[str, ...] | None = None) -> UserPage:
    """Return a page of the users whose name, a word of it or handle begins with `query`, as `folding` compares them.

    Each is there once, sorted by what has matched; without a query all, sorted by name. It has `limit` users at most;
    `cursor` has the one part of the `next_cursor` of the page before.
    """
    found = await name_search.search(query, limit=limit, after=cursor[0] if cursor else None)
    return UserPage(found.users, encode_cursor(found.last_key) if found.has_more and found.last_key else None)


async def find_by_handle(*, handle: str) -> User | None:
    """Return the user who has this handle, as `handles` compares them, or None."""
    owner_id = await handles.find_owner(handle) if handle else None
    user = await models.get(owner_id) if owner_id else None
    return user if user and handles.key_of(user.handle) == handles.key_of(handle) else None


async def get_revision(*, user_id: str) -> int:
    """Return the revision of the user's last `user_update` event, 0 before the first; checks no permission."""
    return await models.get_revision(user_id)


async def list_impersonations(*, user_id: str) -> list[Impersonation]:
    """Return the sessions in which others acted as the user, the oldest first; checks no permission."""
    return await models.list_impersonations(user_id)
