"""Goes round the connected users and compares the rooms they are in with those they should be in.

Entering a room is told over Redis, which may lose it. What is lost is found here, a few users at a time.
"""

import math
from collections import deque
from collections.abc import Callable, Mapping

from .connection import Connection
from .room import Source

# One question to the source takes this many users.
BATCH = 100


class MembershipCheck:
    """Asks after each user once in `period` seconds, spread evenly over the steps between."""

    def __init__(
        self,
        source: Source,
        users: Mapping[str, set[Connection]],
        *,
        missing: Callable[[str, str], None],
        surplus: Callable[[str], None],
    ) -> None:
        self._source, self._users = source, users
        self._missing, self._surplus = missing, surplus
        self._due: deque[str] = deque()

    async def step(self, share: float) -> None:
        """Look at this share of the users, those next who were not looked at for the longest."""
        count = math.ceil(len(self._users) * min(share, 1.0))
        while count > 0:
            if not self._due:
                self._due.extend(self._users)
            asked = [self._due.popleft() for _ in range(min(count, BATCH, len(self._due)))]
            if not asked:
                # Everybody left while the last question was answered.
                return
            count -= len(asked)
            await self._compare([user_id for user_id in asked if user_id in self._users])

    async def _compare(self, user_ids: list[str]) -> None:
        if not user_ids:
            return
        # Noted before the question: who enters a room while it is answered is not in it by mistake.
        before = {c: frozenset(c.rooms) for user_id in user_ids for c in self._users[user_id]}
        should = await self._source.rooms_of(user_ids)
        for connection, rooms in before.items():
            theirs = should.get(connection.user_id, set())
            for name in theirs - connection.rooms:
                self._missing(name, connection.user_id)
            for name in (rooms & connection.rooms) - theirs:
                self._surplus(name)
