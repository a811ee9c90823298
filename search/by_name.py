"""People and files that are called as somebody searches, beside the messages: those whom, and which, they may see."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from foundation.folding import fold_text
from messaging.models import Message
from users import selectors as users
from users.actor import Actor

from . import index
from .criteria import Criteria
from .index import Hit
from .keys import pairs_of
from .reading import read

Wire = dict[str, Any]

MAX_PEOPLE, MAX_FILES = 5, 10
# No name that people are found by is longer.
_MAX_NAME = 64
# Of so many files by a pair the newest are compared.
_MAX_FILES_COMPARED = 5_000
_MAX_PAIRS_COUNTED = 8


async def find_named(actor: Actor, criteria: Criteria) -> Wire:
    """Return {"people"?, "morePeople"?, "files"?, "moreFiles"?}; nothing where no text is searched for."""
    finding = []
    if criteria.texts:
        finding.append(_find_people(actor, criteria))
    if any(map(pairs_of, criteria.texts)):
        finding.append(_find_files(actor, criteria))
    named: Wire = {}
    for found in await asyncio.gather(*finding):
        named |= found
    return named


async def _find_people(actor: Actor, criteria: Criteria) -> Wire:
    """Return {"people", "morePeople"?}: those whom the directory finds by all of the texts, as one name."""
    name = " ".join(criteria.texts)
    if len(name) > _MAX_NAME:
        return {"people": []}
    page = await users.find_users(actor=actor, query=name, limit=MAX_PEOPLE)
    folded = {user.id: fold_text(user.name) for user in page.users}
    people = [user for user in page.users if not any(text in folded[user.id] for text in criteria.no_texts)]
    return {"people": [user.as_wire() for user in people]} | ({"morePeople": True} if page.next_cursor else {})


# --- files -----------------------------------------------------------------------------------------------------------
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
    names, entries = await read(actor, hits)
    files = []
    for hit in hits:
        entry = entries.get(hit.key) if hit.group_id in names else None
        if entry and criteria.accepts_besides_text(message := Message.from_entry(entry)):
            about = {"messageId": message.id, "group": names[hit.group_id]}
            files += [{"file": each, **about} for each in message.attachments if criteria.names_match(each["name"])]
    return files
