"""Finding a send that lies further back than an appender should read: meanwhile nobody else's could leave."""

import asyncio

from foundation.errors import NotFound
from foundation.per_loop import PerLoop

from . import queries
from .appender import known_state
from .state import RECENT_ENTRIES

# How far back an appender reads itself.
_NEAR = 2 * RECENT_ENTRIES
_ENTRIES_A_READ = 5000
# Reads of long ways back that are under way at a time: who asks for much waits for others who do.
_searches: PerLoop[asyncio.Semaphore] = PerLoop(lambda: asyncio.Semaphore(2))


def find_remembered_send(group_id: str, *, user_id: str, client_id: str) -> int | None:
    """Return the seq of a send if this process remembers it; the log may hold it all the same."""
    state = known_state(group_id)
    return state.seq_of_send(user_id, client_id) if state else None


async def find_distant_end(group_id: str, after: int) -> int | None:
    """Return a seq that the log has reached, if `after` lies further back than is known or an appender should read."""
    state = known_state(group_id)
    if state and state.covers_sends(after):
        return None
    end = state.seq if state else await _end(group_id)
    return end if end - after > _NEAR else None


async def find_earlier_send(
    group_id: str, *, user_id: str, client_id: str, after: int, end: int
) -> tuple[int | None, int]:
    """Return the seq of a send after `after` and up to `end`, or None, and the seq up to which there is no other."""
    async with _searches():
        # A retry follows its first try soon: from the old end on.
        for start in range(after, end, _ENTRIES_A_READ):
            last = min(start + _ENTRIES_A_READ, end)
            found = await queries.find_send(group_id, user_id, client_id, first=start + 1, last=last)
            if found:
                return found, found
    return None, end


async def _end(group_id: str) -> int:
    head = await queries.last_entry(group_id)
    if head is None:
        raise NotFound
    return int(head.seq)
