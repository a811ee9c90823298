"""Search on behalf of a caller: what they may read at this moment, as it is now, newest or best first."""

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from foundation.cursors import encode_cursor
from foundation.limits import bucket
from foundation.slices import in_slices
from messaging import reading_budget
from users.actor import Actor
from users.sealed_places import seal, unseal

from .by_name import find_named
from .criteria import Criteria
from .documents import PAST_END
from .excerpts import excerpt
from .query import Part, parse
from .ranking import RankedPlace, find_best
from .reading import Result, readable
from .resolving import resolve
from .turns import turn_of
from .walking import Found, Search

Wire = dict[str, Any]

ORDERS = NEWEST, BEST = "newest", "best"
MAX_PAGE = 50
# A page ends with so many bytes of text: an acknowledgement is one packet, in which it may stand as HTML too.
_MAX_BYTES = 60_000
# Seconds after which a page is what was found until then.
_SECONDS = 1.0
# Of the longest place in a list, in bytes.
_PLACE_SIZE = 3 * len(str(PAST_END)) + 10


@dataclass(frozen=True, slots=True)
class _Listed:
    """What was found, in order, one more than a page if there is; the places after all of it, and after each."""

    results: list[Result]
    next_place: str | None
    place_after: Callable[[Result], str]


async def search(
    *, actor: Actor, query: str, order: str = NEWEST, cursor: tuple[str, ...] | None = None, limit: int = 20
) -> Wire:
    """Return a page of the messages that a query finds among all that the actor may read, in one of `ORDERS`.

    {"items": [{"message", "group", "excerpt": [{"text", "match"}]}], "people"?: [user], "morePeople"?, "files"?:
    [{"file", "messageId", "group"}], "moreFiles"?, "nextCursor"?}. `cursor` has the one part of the page before's
    `nextCursor`, of the same actor, query and order. A page that took too long is shorter, also empty, and has one. The
    first page has people and files that are found by their names. Raises `Invalid` (`q`, `cursor`), `RateLimited`,
    `Unavailable`.
    """
    bucket.draw("search", actor.user_id)
    reading_budget.require(actor)
    parts = parse(query)
    # Of a page that took too long it is the place of a message that may be a stranger's: nobody reads it, nor learns by
    # another query what lies behind it.
    bound = (actor.user_id, "search", order, query)
    place = unseal(cursor[0], *bound) if cursor else None
    async with turn_of(actor.user_id):
        page, after = await _search(actor, parts, order, place, limit)
    return page if after is None else {**page, "nextCursor": encode_cursor(seal(after, *bound, size=_PLACE_SIZE))}


async def _search(
    actor: Actor, parts: Sequence[Part], order: str, place: str | None, limit: int
) -> tuple[Wire, str | None]:
    criteria = await resolve(actor, parts)
    find = _find_best if order == BEST else _find_newest
    listed, named = await asyncio.gather(
        find(actor, criteria, place, limit), find_named(actor, criteria) if place is None else _nothing()
    )
    page = _cut(listed.results, limit)
    reading_budget.charge(actor, [{"content": each.message.content} for each in page])
    wire: Wire = {"items": [_wire(each, criteria) async for each in in_slices(page)], **named}
    return wire, listed.place_after(page[-1]) if len(page) < len(listed.results) else listed.next_place


async def _nothing() -> Wire:
    return {}


async def _find_newest(actor: Actor, criteria: Criteria, place: str | None, limit: int) -> _Listed:
    deadline = time.monotonic() + _SECONDS
    results: list[Result] = []
    found = Found([], min(criteria.below, int(place) if place else PAST_END))
    while found.below is not None and len(results) <= limit:
        found = await Search(criteria, found.below, limit + 1 - len(results), deadline).run()
        results += await readable(actor, criteria, found.hits)
        if time.monotonic() > deadline:
            break
    return _Listed(results, None if found.below is None else str(found.below), lambda each: str(each.place))


async def _find_best(actor: Actor, criteria: Criteria, place: str | None, limit: int) -> _Listed:
    at = RankedPlace.parse(place) if place else RankedPlace(criteria.below)
    results, window, after = await find_best(actor, criteria, at, limit)
    return _Listed(results, after.as_text() if after else None, lambda each: window.after(each).as_text())


def _cut(results: Sequence[Result], limit: int) -> list[Result]:
    """Return the first results that make a page: it does not end between two of the same place."""
    size, count = 0, 0
    for each in results[:limit]:
        size += len(each.message.content.encode())
        if count and size > _MAX_BYTES:
            break
        count += 1
    while 1 < count < len(results) and results[count - 1].place == results[count].place:
        count -= 1
    while count < len(results) and count and results[count - 1].place == results[count].place:
        count += 1
    return list(results[:count])


def _wire(result: Result, criteria: Criteria) -> Wire:
    content = excerpt(result.message.content, criteria.texts)
    return {"message": result.message.as_wire(), "group": result.group, "excerpt": content}
