"""What was set aside of what is due: listed, and tried again, for whoever runs the server."""

import time

from dynamodb import store
from foundation.errors import NotFound

from . import rows
from .rows import Placed

MAX_LISTED = 1_000


async def list_aside() -> list[Placed]:
    """Return the entries that were set aside, the oldest first, MAX_LISTED at most; raises `Unavailable`."""
    return await rows.list_aside(MAX_LISTED)


async def retry(item: str | None) -> int:
    """Let what was set aside be tried again, now: the entry with this item, or None: all. Returns how many.

    Raises `NotFound` if there is no such entry, `Unavailable`.
    """
    found = [placed for placed in await list_aside() if item in (None, placed.item)]
    if item is not None and not found:
        raise NotFound(f"Nothing was set aside as {item}.")
    return sum([await _take_up(placed) for placed in found])


async def _take_up(placed: Placed) -> bool:
    try:
        await rows.take_up(placed, int(time.time() * 1000))
    except store.ConditionFailed:
        return False  # somebody else did
    return True
