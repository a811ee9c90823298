"""Search on behalf of a caller: what they may read at this moment, as it is now, newest first."""

import asyncio
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from foundation.cursors import encode_cursor
from foundation.limits import bucket
from foundation.slices import Slices, in_slices
from groups import selectors as groups
from groups.log import queries
from groups.log.entry import Entry
from messaging import reading_budget
from messaging.models import Message
from users.actor import Actor
from users.sealed_places import seal, unseal

from . import index
from .criteria import Criteria
from .documents import PAST_END
from .excerpts import excerpt
from .index import Hit
from .keys import pairs_of
from .query import Part, parse
from .resolving import resolve
from .turns import turn_of
from .walking import Found, Search

Wire = dict[str, Any]

MAX_PAGE, MAX_FILES = 50, 10
# A page ends with so many bytes of text: an acknowledgement is one packet, in which it may stand as HTML too.
_MAX_BYTES = 60_000
# Seconds after which a page is what was found until then.
_SECONDS = 1.0
# Of so many files by a pair the newest are compared.
_MAX_FILES_COMPARED = 5_000
_MAX_PAIRS_COUNTED = 8
_DIGITS = len(str(PAST_END))


@dataclass(frozen=True, slots=True)
class _Result:
    """A message that was found and may be read, and its group as `list_names` has it."""

    place: int
    message: Message
    group: dict[str, str]


async def search(*, actor: Actor, query: str, cursor: tuple[str, ...] | None = None, limit: int = 20) -> Wire:
    """Return a page of the messages that a query finds among all that the actor may read, newest first.

    {"items": [{"message", "group", "excerpt": [{"text", "match"}]}], "files"?: [{"file", "messageId", "group"}],
    "moreFiles"?, "nextCursor"?}. `cursor` has the one part of the page before's `nextCursor`, of the same actor and
    query. A page that took too long is shorter, also empty, and has one. The first page has files that are found by
    their names. Raises `Invalid` (`q`, `cursor`), `RateLimited`, `Unavailable`.
    """
    bucket.draw("search", actor.user_id)
    reading_budget.require(actor)
    parts = parse(query)
    # Of a page that took too long it is the place of a message that may be a stranger's: nobody reads it, nor learns by
    # another query what lies behind it.
    bound = (actor.user_id, "search", query)
    below = int(unseal(cursor[0], *bound)) if cursor else None
    async with turn_of(actor.user_id):
        page, place = await _search(actor, parts, below, limit)
    return page if place is None else {**page, "nextCursor": encode_cursor(seal(str(place), *bound, size=_DIGITS))}


async def _search(actor: Actor, parts: Sequence[Part], place: int | None, limit: int) -> tuple[Wire, int | None]:
    criteria = await resolve(actor, parts)
    below = min(criteria.below, PAST_END if place is None else place)
    names_files = place is None and any(map(pairs_of, criteria.texts))
    (results, below_next), files = await asyncio.gather(
        _find(actor, criteria, below, limit), _find_files(actor, criteria) if names_files else _no_files()
    )
    page = _cut(results, limit)
    reading_budget.charge(actor, [{"content": each.message.content} for each in page])
    wire: Wire = {"items": [_wire(each, criteria) async for each in in_slices(page)], **files}
    if len(page) < len(results):
        below_next = page[-1].place
    return wire, below_next


async def _find(actor: Actor, criteria: Criteria, below: int, limit: int) -> tuple[list[_Result], int | None]:
    """Return what is found and may be read, one more than `limit` if there is, and where to go on; None: nowhere."""
    deadline = time.monotonic() + _SECONDS
    results: list[_Result] = []
    found = Found([], below)
    while found.below is not None and len(results) <= limit:
        found = await Search(criteria, found.below, limit + 1 - len(results), deadline).run()
        results += await _readable(actor, criteria, found.hits)
        if time.monotonic() > deadline:
            break
    return results, found.below


async def _readable(actor: Actor, criteria: Criteria, hits: Sequence[Hit]) -> list[_Result]:
    """Return those that are found as they are in the log now: the index is a moment behind."""
    names, entries = await _read(actor, hits)
    results, slices = [], Slices()
    for hit in hits:
        entry = entries.get(hit.key) if hit.group_id in names else None
        if entry and entry.kind == "message" and criteria.accepts(message := Message.from_entry(entry)):
            results.append(_Result(hit.place, message, names[hit.group_id]))
        await slices.pause()
    return results


async def _read(actor: Actor, hits: Sequence[Hit]) -> tuple[dict[str, dict[str, str]], dict[tuple[str, int], Entry]]:
    """Return the groups that the actor is in, and what the logs have, of what was found."""
    if not hits:
        return {}, {}
    naming = groups.list_names(actor=actor, group_ids={hit.group_id for hit in hits})
    return await asyncio.gather(naming, queries.get_entries(hit.key for hit in hits))


def _cut(results: Sequence[_Result], limit: int) -> list[_Result]:
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


def _wire(result: _Result, criteria: Criteria) -> Wire:
    content = excerpt(result.message.content, criteria.texts)
    return {"message": result.message.as_wire(), "group": result.group, "excerpt": content}


# --- files -----------------------------------------------------------------------------------------------------------
async def _no_files() -> Wire:
    return {}


async def _find_files(actor: Actor, criteria: Criteria) -> Wire:
    """Return {"files", "moreFiles"?}: those whose names have all of the texts, of the latest messages."""
    key, count = await _rarest(criteria.texts)
    if not count or criteria.ids is not None:
        return {"files": []}
    hits = await _named(criteria, key, is_common=count >= _MAX_FILES_COMPARED)
    files = await _readable_files(actor, criteria, hits)
    # Nothing else: how many files others have tells of these.
    more = len(files) > MAX_FILES or len(hits) > MAX_FILES
    return {"files": files[:MAX_FILES]} | ({"moreFiles": True} if more else {})


async def _named(criteria: Criteria, key: int, *, is_common: bool) -> list[Hit]:
    """Return the messages with files that are called so; what is common is looked for in the newest of one's own.

    Of somebody in very many groups it is the newest of all: those are not merged.
    """
    group_ids, below, size = criteria.group_ids, criteria.below, _MAX_FILES_COMPARED
    if is_common and len(group_ids) <= index.MAX_MERGED:
        first = max(criteria.first, await index.find_end_of_files(group_ids, below, size) or 0)
        return await index.find_newest_named(group_ids, criteria.matching_names(), (first, below), MAX_FILES + 1)
    first = max(criteria.first, await index.find_end_named(key, size) or 0 if is_common else 0)
    return await index.find_named(key, group_ids, criteria.matching_names(), (first, below), MAX_FILES + 1)


async def _rarest(texts: Iterable[str]) -> tuple[int, int]:
    """Return the pair of the texts that is in the names of the fewest files, and in how many."""
    pairs = sorted({pair for text in texts for pair in pairs_of(text)})
    step = -(-len(pairs) // _MAX_PAIRS_COUNTED)
    counted = pairs[::step]
    counts = await asyncio.gather(*(index.count_named(pair, _MAX_FILES_COMPARED) for pair in counted))
    count, pair = min(zip(counts, counted, strict=True))
    return pair, count


async def _readable_files(actor: Actor, criteria: Criteria, hits: Sequence[Hit]) -> list[Wire]:
    names, entries = await _read(actor, hits)
    files = []
    for hit in hits:
        entry = entries.get(hit.key) if hit.group_id in names else None
        if entry and criteria.accepts_besides_text(message := Message.from_entry(entry)):
            about = {"messageId": message.id, "group": names[hit.group_id]}
            files += [{"file": each, **about} for each in message.attachments if criteria.names_match(each["name"])]
    return files
