"""Whom somebody may see: everybody, but a guest themselves and the people they share a group with.

For a guest, somebody whom they may not see and somebody who does not exist are the same. Who shares a group with whom
is known above: `groups` registers it here.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import replace

from foundation.errors import NotFound

from . import models
from .actor import Actor
from .folding import fold
from .models import places_of
from .name_search import Found, search
from .names import key_of, sort_key
from .sealed_places import seal, unseal
from .user import User

# Up to so many people around a guest, all are read and compared; of more, those who are found among all.
MAX_AROUND = 1_000
_PAGES, _PAGE = 10, 100
_Sharing = Callable[[str, Collection[str]], Awaitable[set[str]]]
_Around = Callable[[str, int], Awaitable[list[str] | None]]


async def _nobody(user_id: str, others: Collection[str]) -> set[str]:
    return set()


async def _no_list(user_id: str, most: int) -> list[str] | None:
    return []


_sharing: _Sharing = _nobody
_around: _Around = _no_list


def use_groups(*, sharing: _Sharing, around: _Around) -> None:
    """Say how to find who shares a group with a user: which of some others, or the ids of all up to a number, or None.

    Each raises `Unavailable`.
    """
    global _sharing, _around
    _sharing, _around = sharing, around


async def seen_among(actor: Actor, user_ids: Iterable[str]) -> set[str]:
    """Return those of the ids that the actor may see; whether they exist is not looked at.

    Nothing is read but for guests. Raises `Unavailable`.
    """
    ids = set(user_ids)
    if not actor.is_guest:
        return ids
    others = ids - {actor.user_id}
    return (ids & {actor.user_id}) | (await _sharing(actor.user_id, others) if others else set())


async def require_seen(actor: Actor, user_id: str) -> None:
    """Raise `NotFound` for somebody whom the actor may not see; `Unavailable`."""
    if not await seen_among(actor, [user_id]):
        raise NotFound


async def find_seen(actor: Actor, query: str, *, limit: int, after: str | None) -> Found:
    """Return a page of the people whom a guest may see, as `name_search.search` does of all.

    Its `last_key` is sealed, and `after` one of these. A page may have fewer than `limit` people, or none, though
    there are more. Raises `Invalid` (`cursor`), `Unavailable`.
    """
    prefix = fold(query.strip().removeprefix("@"))
    place = unseal(after, actor.user_id, prefix) if after else None
    ids = await _around(actor.user_id, MAX_AROUND)
    if ids is None:
        found = await _search_among_all(actor, query, prefix, limit, place)
    else:
        users = await models.get_many({*ids, actor.user_id})
        keyed = _keyed((user for user in users.values() if user.is_active), prefix)
        found = _page(sorted(key for key in keyed if place is None or key > place), keyed, limit)
    return replace(found, last_key=seal(found.last_key, actor.user_id, prefix) if found.last_key else None)


async def _search_among_all(actor: Actor, query: str, prefix: str, limit: int, after: str | None) -> Found:
    """Search among all, and pass over those whom the guest does not see; of no more than some pages at a time.

    Where these end is where the next page goes on, also if nobody was seen.
    """
    seen: dict[str, User] = {}
    place = after
    for _ in range(_PAGES):
        found = await search(query, limit=_PAGE, after=place)
        visible = await seen_among(actor, [user.id for user in found.users])
        seen |= _keyed((user for user in found.users if user.id in visible), prefix)
        place = found.last_key
        if len(seen) > limit or not found.has_more:
            break
    if found.has_more and len(seen) <= limit:
        return Found([seen[key] for key in sorted(seen)], place, True)
    return _page(sorted(seen), seen, limit)


def _keyed(users: Iterable[User], prefix: str) -> dict[str, User]:
    """Return those who are found by a prefix, by the first of their places in the index that it finds."""
    keyed: dict[str, User] = {}
    for user in users:
        all_places = places_of(user.id, user.name, user.handle) if prefix else [sort_key(fold(user.name), user.id)]
        places = [place for place in all_places if key_of(place).startswith(prefix)]
        if places:
            keyed[min(places)] = user
    return keyed


def _page(keys: list[str], users: Mapping[str, User], limit: int) -> Found:
    page = keys[:limit]
    return Found([users[key] for key in page], page[-1] if page else None, len(keys) > limit)
