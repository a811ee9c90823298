"""What was found, as the logs say it now: the index is a moment behind, and knows nobody's membership."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from foundation.slices import Slices
from groups import selectors as groups
from groups.log import queries
from groups.log.entry import Entry
from messaging.models import Message
from users.actor import Actor

from .criteria import Criteria
from .index import Hit


@dataclass(frozen=True, slots=True)
class Result:
    """A message that was found and may be read, and its group as `list_names` has it; `score` where it was ranked."""

    place: int
    message: Message
    group: dict[str, str]
    score: int = 0


async def readable(actor: Actor, criteria: Criteria, hits: Sequence[Hit]) -> list[Result]:
    """Return those that are found as they are in the log now, in the same order."""
    names, entries = await read(actor, hits)
    results, slices = [], Slices()
    for hit in hits:
        entry = entries.get(hit.key) if hit.group_id in names else None
        if entry and entry.kind == "message" and criteria.accepts(message := Message.from_entry(entry)):
            results.append(Result(hit.place, message, names[hit.group_id]))
        await slices.pause()
    return results


async def read(actor: Actor, hits: Sequence[Hit]) -> tuple[dict[str, dict[str, str]], dict[tuple[str, int], Entry]]:
    """Return the groups that the actor is in, and what the logs have, of what was found."""
    if not hits:
        return {}, {}
    naming = groups.list_names(actor=actor, group_ids={hit.group_id for hit in hits})
    return await asyncio.gather(naming, queries.get_entries(hit.key for hit in hits))
