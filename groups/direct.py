"""Direct conversations: groups of exactly two, with an id made from the pair, which nobody joins or leaves."""

import asyncio
import hashlib
from collections.abc import Iterable

from . import models

_CACHE_SIZE = 50_000
# By group id. Participants never change, so a process reads them once.
_participants: dict[str, frozenset[str]] = {}


def direct_id(one: str, other: str) -> str:
    """Return the id of the conversation of two users, in either order: it can be found without a look-up."""
    pair = "\n".join(sorted((one, other)))
    return "direct_" + hashlib.sha256(pair.encode()).hexdigest()[:24]


async def find_participants(group_ids: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the ids of the two users of each of these direct conversations, by group id."""
    wanted = list(group_ids)
    return dict(zip(wanted, await asyncio.gather(*(_participants_of(group_id) for group_id in wanted)), strict=True))


async def _participants_of(group_id: str) -> frozenset[str]:
    cached = _participants.get(group_id)
    if cached is None:
        cached = frozenset(member.user_id for member in await models.list_members(group_id, limit=2))
        _participants[group_id] = cached
        if len(_participants) > _CACHE_SIZE:
            _participants.pop(next(iter(_participants)))
    return cached
