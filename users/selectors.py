"""Reads of users; whoever is no guest may see all of them (`sight`).

Each raises `Unavailable` while DynamoDB is down.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from foundation.cursors import encode_cursor
from foundation.errors import NotFound

from . import handles, models, name_search, sight, user_cache
from .actor import Actor
from .models import Impersonation
from .name_search import Found
from .user import Preferences, User


@dataclass(frozen=True, slots=True)
class UserPage:
    """A page of users, in the order of what they were found by; `next_cursor` is None on the last one."""

    users: list[User]
    next_cursor: str | None


async def get_seen_user(*, actor: Actor, user_id: str) -> User:
    """Return a user whom the actor may see; raises `NotFound`."""
    await sight.require_seen(actor, user_id)
    return await get_user(user_id=user_id)


async def get_seen_users(*, actor: Actor, user_ids: Iterable[str]) -> dict[str, User]:
    """Return those of the users whom the actor may see, by id; unknown ids are left out."""
    return await get_users(user_ids=await sight.seen_among(actor, user_ids), consistent=True)


async def get_user(*, user_id: str) -> User:
    """Return the user; raises `NotFound`. It checks no permission."""
    user = await models.get(user_id)
    if user is None:
        raise NotFound
    return user


async def get_users(*, user_ids: Iterable[str], consistent: bool = False) -> dict[str, User]:
    """Return the users that exist, by id; unknown ids are left out. It checks no permission.

    With `consistent`, by strong reads: also someone who signed in a moment ago. The others are cheaper, and will do to
    show names.
    """
    return await models.get_many(user_ids, consistent=consistent)


async def get_addable_by(*, actor: Actor) -> str:
    """Return who may add the actor to groups, one of ADDABLE_BY; raises `NotFound`."""
    return (await get_user(user_id=actor.user_id)).addable_by


async def get_preferences(*, actor: Actor) -> Preferences:
    """Return how the actor wants the web chat to be; raises `NotFound`."""
    user = await get_user(user_id=actor.user_id)
    user_cache.put(user)
    return user.preferences


def known_preferences(*, actor: Actor) -> Preferences:
    """Return the same as this process has read it last: another one may have changed it minutes ago."""
    user = user_cache.get(actor.user_id)
    return user.preferences if user else Preferences()


async def find_users(
    *, actor: Actor, query: str = "", limit: int = 20, cursor: tuple[str, ...] | None = None
) -> UserPage:
    """Return what `find_among_all` does of the users whom the actor may see."""
    if not actor.is_guest:
        return await find_among_all(query=query, limit=limit, cursor=cursor)
    return _page_of(await sight.find_seen(actor, query, limit=limit, after=cursor[0] if cursor else None))


async def find_among_all(*, query: str = "", limit: int = 20, cursor: tuple[str, ...] | None = None) -> UserPage:
    """Return a page of the users whose name, a word of it or handle begins with `query`, as `folding` compares them.

    Each is there once, sorted by what has matched; without a query all, sorted by name. It has `limit` users at most;
    `cursor` has the one part of the `next_cursor` of the page before. It checks no permission.
    """
    return _page_of(await name_search.search(query, limit=limit, after=cursor[0] if cursor else None))


def _page_of(found: Found) -> UserPage:
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
