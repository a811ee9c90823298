"""Who the two of a direct conversation are: nobody joins or leaves one, so a process asks the store once."""

import asyncio
from collections.abc import Iterable

from . import models

_SIZE = 50_000
_pairs: dict[str, frozenset[str]] = {}


async def find_participants(group_ids: Iterable[str]) -> dict[str, frozenset[str]]:
    """Return the users of each of these direct conversations."""
    wanted = list(group_ids)
    return dict(zip(wanted, await asyncio.gather(*(_participants_of(group_id) for group_id in wanted)), strict=True))


async def _participants_of(group_id: str) -> frozenset[str]:
    known = _pairs.get(group_id)
    if known is None:
        known = frozenset(member.user_id for member in await models.list_members(group_id, limit=2))
        _pairs[group_id] = known
        if len(_pairs) > _SIZE:
            _pairs.pop(next(iter(_pairs)))
    return known
