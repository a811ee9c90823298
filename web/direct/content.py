"""What the page shows: who was chosen so far, and who is found by a name."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from groups.direct import MAX_PEOPLE
from users import selectors as users
from users.actor import Actor
from users.names import distinct_names
from users.user import User

_SHOWN = 20


def _address(user_ids: list[str]) -> str:
    return f"{reverse('web:new-direct')}?{urlencode({'with': user_ids}, doseq=True)}"


async def choice(actor: Actor, user_ids: list[str], search: str) -> dict[str, Any]:
    """Return the context of the page for those who were chosen, in their order, and what was typed to find more."""
    known = await users.get_seen_users(actor=actor, user_ids=user_ids)
    chosen = [known[user_id] for user_id in user_ids if user_id in known and user_id != actor.user_id]
    ids = [user.id for user in chosen]
    is_full = len(ids) >= MAX_PEOPLE - 1
    found = [] if is_full else (await users.find_users(actor=actor, query=search, limit=_SHOWN)).users
    others = [user for user in found if user.id not in ids and user.id != actor.user_id]
    labels = distinct_names({user.id: user.name for user in [*chosen, *others]})

    def row(user: User, then: list[str]) -> dict[str, Any]:
        return {"user": user, "name": labels[user.id], "url": _address(then)}

    return {
        "actor": actor,
        "chosen": [row(user, [id_ for id_ in ids if id_ != user.id]) for user in chosen],
        "found": [row(user, [*ids, user.id]) for user in others],
        "query": search,
        "is_full": is_full,
        "most": MAX_PEOPLE,
    }
