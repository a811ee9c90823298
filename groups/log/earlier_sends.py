"""Finding the first try of a repeated send that lies far back in the log.

The appender itself reads only the last entries: nobody could append while it read further back.
"""

import asyncio

from foundation.errors import Invalid, NotFound
from foundation.per_loop import PerLoop

from . import queries
from .appender import cached_state
from .state import RECENT_ENTRIES

# How many entries back an appender reads itself.
NEAR_ENTRIES = 2 * RECENT_ENTRIES
ENTRIES_A_READ = 5000
# What one search reads at most: 20,000 entries, and 4 MB, since one read ends after 1 MB.
MAX_READS = 4
_TOO_FAR_BACK = (
    "This lies too far back: whether the message was sent before, among {count} of the entries since, is not known. "
    "It is not sent again. If the group does not have it, send it with the last seq of the group as `after`."
)
# Searches under way at a time: long searches wait for each other, so that nobody else waits for them.
_searches: PerLoop[asyncio.Semaphore] = PerLoop(lambda: asyncio.Semaphore(2))


def find_remembered_send(group_id: str, *, user_id: str, client_id: str) -> int | None:
    """Return the seq of a send that this process has in memory; None does not mean that the log lacks it."""
    state = cached_state(group_id)
    return state.seq_of_send(user_id, client_id) if state else None


def is_covered(group_id: str, after: int) -> bool:
    """Return whether this process has all sends since `after` in memory: then nothing needs to be read."""
    state = cached_state(group_id)
    return state is not None and state.covers_sends(after)


async def find_distant_end(group_id: str, after: int) -> int | None:
    """Return the seq of the log's end when sends since `after` must be searched for here, None when the appender can.

    Raises `NotFound` when there is no such group.
    """
    if is_covered(group_id, after):
        return None
    state = cached_state(group_id)
    end = state.seq if state else await _end(group_id)
    return end if end - after > NEAR_ENTRIES else None


async def find_earlier_send(
    group_id: str, *, user_id: str, client_id: str, after: int, end: int
) -> tuple[int | None, int]:
    """Search the entries after `after` up to `end` for a send, `MAX_READS` reads at most.

    Returns its seq, or None, and the seq up to which the search was complete. Raises `Invalid` (`after`) when it is not
    among the entries read and there are more: storing the message could store it twice.
    """
    async with _searches():
        # Oldest first: a retry's first try is usually soon after `after`.
        searched = after
        for _ in range(MAX_READS):
            seq, searched = await queries.find_send(
                group_id, user_id, client_id, first=searched + 1, last=end, limit=ENTRIES_A_READ
            )
            if seq or searched >= end:
                return seq, seq or end
    raise Invalid("Some fields are not valid.", fields={"after": [_TOO_FAR_BACK.format(count=end - searched)]})


async def _end(group_id: str) -> int:
    head = await queries.last_entry(group_id)
    if head is None:
        raise NotFound
    return int(head.seq)
