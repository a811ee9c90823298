"""Looks up the people that somebody names in a call."""

from collections.abc import Mapping

from foundation.errors import Invalid
from users import selectors as users
from users.actor import Actor
from users.user import User


async def require_people(actor: Actor, user_ids: list[str], *, field: str) -> dict[str, User]:
    """Return the users by id, by strong reads: someone may have signed in for the first time a moment ago.

    Raises `Invalid`, with `field` among its fields, when some do not exist, are not here any more, or are not the
    actor's to see.
    """
    found = await users.get_seen_users(actor=actor, user_ids=user_ids)
    existing = {user_id: user for user_id, user in found.items() if user.is_active}
    missing = [user_id for user_id in user_ids if user_id not in existing]
    if missing:
        sentences = [f"There is no user {user_id}." for user_id in missing[:10]]
        raise Invalid("Some users do not exist.", fields={field: sentences})
    return existing


def names_in(people: Mapping[str, User]) -> dict[str, str]:
    return {user_id: user.name for user_id, user in people.items()}


async def names_of(user_ids: list[str]) -> dict[str, str]:
    """Return the names by id of those that exist."""
    return names_in(await users.get_users(user_ids=user_ids))
