"""Who searches waits for a turn: of very many searches at once each would run into the time-outs of MongoDB.

A user has two turns at most, so that a few who search much do not keep out the others, who come in order.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

from foundation.errors import RateLimited, Unavailable
from foundation.per_loop import PerLoop

# At once in a process, and of one user.
_AT_ONCE, _OF_USER = 8, 2
# Seconds that a search waits for each turn: clients give up later.
_WAIT = 10.0

_turns = PerLoop(lambda: asyncio.Semaphore(_AT_ONCE))
_own_turns: PerLoop[WeakValueDictionary[str, asyncio.Semaphore]] = PerLoop(WeakValueDictionary)


@asynccontextmanager
async def turn_of(user_id: str) -> AsyncIterator[None]:
    """Hold a turn of a user; raises `RateLimited` if their own searches take too long, `Unavailable` if others do."""
    own = _own_turns().setdefault(user_id, asyncio.Semaphore(_OF_USER))
    if not await _acquired(own):
        raise RateLimited("Other searches of yours are under way: wait for them.", retry_after=1.0)
    try:
        if not await _acquired(_turns()):
            raise Unavailable("Many people search just now: try again in a moment.")
        try:
            yield
        finally:
            _turns().release()
    finally:
        own.release()


async def _acquired(turns: asyncio.Semaphore) -> bool:
    try:
        async with asyncio.timeout(_WAIT):
            return await turns.acquire()
    except TimeoutError:
        return False
