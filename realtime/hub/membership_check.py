"""Compares the rooms that connections are in with the rooms that their users belong to, a few users at a time.

That a user was added to a room is published over Redis, which may lose it: then it is found here.
"""

import math
from collections import deque
from collections.abc import Callable, Mapping

from .connection import Connection
from .log_source import LogSource

# How many users one read of the source covers.
BATCH = 100


class MembershipCheck:
    """Checks the connected users in turn.

    `on_missing` gets a room and a user who should be in it, `on_surplus` a room that has a connection too many.
    """

    def __init__(
        self,
        source: LogSource,
        users: Mapping[str, set[Connection]],
        *,
        on_missing: Callable[[str, str], None],
        on_surplus: Callable[[str], None],
    ) -> None:
        self._source, self._users = source, users
        self._on_missing, self._on_surplus = on_missing, on_surplus
        self._queue: deque[str] = deque()

    async def check_share(self, share: float) -> None:
        """Check this share of the users (0 to 1), those that were not checked for the longest time."""
        count = math.ceil(len(self._users) * min(share, 1.0))
        while count > 0:
            if not self._queue:
                self._queue.extend(self._users)
            batch = [self._queue.popleft() for _ in range(min(count, BATCH, len(self._queue)))]
            if not batch:
                # All users disconnected during the last read.
                return
            count -= len(batch)
            await self._check([user_id for user_id in batch if user_id in self._users])

    async def _check(self, user_ids: list[str]) -> None:
        if not user_ids:
            return
        # Taken before the read: a room that is joined during it is not surplus.
        before = {c: frozenset(c.rooms) for user_id in user_ids for c in self._users[user_id]}
        rooms_of = await self._source.rooms_of(user_ids)
        for connection, rooms in before.items():
            expected = rooms_of.get(connection.user_id, set())
            for name in expected - connection.rooms:
                self._on_missing(name, connection.user_id)
            for name in (rooms & connection.rooms) - expected:
                self._on_surplus(name)
