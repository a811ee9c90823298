"""How a new group is stored, though others write the lists of its members at the same time."""

import asyncio
from collections.abc import Callable

from dynamodb import store
from foundation.backoff import backoff
from foundation.errors import Unavailable
from groups.log import queries
from groups.log.entry import Entry

_ATTEMPTS = 20
# Seconds between attempts: a transaction takes about as long as the shortest; all add up to 0.8 s on average.
_BACKOFF_BASE, _BACKOFF_CAP = 0.01, 0.1
_UNKNOWN_ATTEMPTS = 2


async def store_group(first: Entry, transact: Callable[[], None]) -> None:
    """Write a new group; retry when another transaction is writing its members' lists.

    A failed condition is taken for such contention: a condition of `transact` that stays false ends in `Unavailable`.
    Raises `ConditionFailed` when another writer has created the group, `Unavailable` after too many attempts.
    """
    unknown = 0
    delays = backoff(_ATTEMPTS - 1, base=_BACKOFF_BASE, cap=_BACKOFF_CAP)
    for _ in range(_ATTEMPTS):
        try:
            return await store.call(transact)
        except store.ConditionFailed:
            await asyncio.sleep(next(delays, 0))
        except store.OutcomeUnknown:
            unknown += 1
            if unknown == _UNKNOWN_ATTEMPTS:
                raise
        stored = await queries.get_entry(first.group_id, int(first.seq))
        if stored and stored.nonce == first.nonce:
            return None
        if stored:
            raise store.ConditionFailed
    raise Unavailable
