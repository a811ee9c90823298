"""Messages as lists of several groups show them: who wrote what and when, without the actions on them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext

from users import selectors as users


async def names_of(messages: Iterable[Mapping[str, Any]], others: Iterable[str] = ()) -> dict[str, str]:
    """Return the names of the authors, and of these others, by user id."""
    known = await users.get_users(user_ids={*(message["userId"] for message in messages), *others})
    return {user_id: user.name for user_id, user in known.items()}


def excerpt(message: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return a message with its HTML for components/excerpt.html."""
    at = datetime.fromisoformat(message["createdAt"])
    return {**message, "author": name_in(names, message["userId"]), "at": at}


def name_in(names: Mapping[str, str], user_id: str) -> str:
    return names.get(user_id, gettext("Someone who has left"))
