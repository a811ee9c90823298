"""Who is told of whose presence, and when: those who share a group, once each, of what changed, together."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable

import orjson
import redis.asyncio as redis
from django.conf import settings

from foundation.log_throttle import LogThrottle
from foundation.per_loop import PerLoop
from realtime.hub.broadcast import broadcast_once
from realtime.hub.connection import Connection
from realtime.hub.hub import get_hub

from .events import PresenceChanged
from .exchange import GONE, RANK, Mark
from .group_sizes import GroupSizes
from .state import board

logger = logging.getLogger(__name__)

# How many people a client is told of when it connects, and how many changes one round tells.
MAX_SNAPSHOT = 1000
MAX_TOLD_AT_ONCE = 250


class PresenceTeller:
    """Looks round this process's connections every PRESENCE_INTERVAL, exchanges what is new, and tells it."""

    def __init__(self) -> None:
        self._board = board()
        self._sizes = GroupSizes()
        # Of each user here: the status and the rooms that were looked at, and which of them are small.
        self._marked: dict[str, tuple[str, set[str], frozenset[str]]] = {}
        self._behind: set[Connection] = set()
        self._log_throttle = LogThrottle()
        self._watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while True:
            try:
                self._look_round()
                await self._compare()
                self._catch_up()
                self._tell()
            except Exception:  # a bug must not end presence for good
                logger.exception("presence could not be told")
            await asyncio.sleep(settings.PRESENCE_INTERVAL)

    # --- here --------------------------------------------------------------------------------------------------------
    def _look_round(self) -> None:
        """Mark everybody who is here, as their connections are now."""
        here: dict[str, list[Connection]] = defaultdict(list)
        for connection in get_hub().connections():
            if connection.state.status and not connection.closed:
                here[connection.user_id].append(connection)
        for user_id in self._marked.keys() - here.keys():
            del self._marked[user_id]
            self._board.put(user_id, GONE)
        for user_id, connections in here.items():
            self._mark(user_id, connections)

    def _mark(self, user_id: str, connections: list[Connection]) -> None:
        status, rooms = connections[0].state.status, connections[0].rooms
        for other in connections[1:]:
            status, rooms = max(status, other.state.status, key=RANK.__getitem__), rooms | other.rooms
        small = self._sizes.small(rooms)
        # Half of the rooms would be told again when the others are known.
        if small is not None and self._marked.get(user_id) != (status, rooms, small):
            self._marked[user_id] = (status, set(rooms), small)
            self._board.put(user_id, Mark(status, small))

    async def _compare(self) -> None:
        try:
            await self._board.compare()
        except redis.RedisError as error:
            if self._log_throttle.should_log():
                logger.warning("presence of other processes stays as last known: Redis does not answer (%r)", error)

    # --- told --------------------------------------------------------------------------------------------------------
    def _tell(self) -> None:
        told: dict[str, dict[str, str]] = defaultdict(dict)
        # Where nobody listens yet, a round takes in everything.
        most = MAX_TOLD_AT_ONCE if self._marked else -1
        for shift in self._board.settle(most):
            for room in shift.audience:
                told[room][shift.user_id] = shift.after.status

        def data_for(rooms: tuple[str, ...]) -> bytes:
            users: dict[str, str] = {}
            for room in rooms:
                users |= told[room]
            return orjson.dumps(PresenceChanged(users).data())

        self._behind |= broadcast_once(get_hub(), PresenceChanged.name, told, data_for)

    def _catch_up(self) -> None:
        """Tell those who could not take a change how things are, once they take something again."""
        for connection in list(self._behind):
            if connection.idle:
                connection.emit(PresenceChanged.name, PresenceChanged(self.snapshot(connection.rooms), True).data())
            if connection.idle or connection.closed:
                self._behind.discard(connection)

    def snapshot(self, rooms: Iterable[str]) -> dict[str, str]:
        """Return the status of the people in the rooms who are not offline, those of the smallest rooms first."""
        found: dict[str, str] = {}
        for people in sorted(map(self._board.people_in, rooms), key=len):
            for user_id in people - found.keys():
                if len(found) == MAX_SNAPSHOT:
                    return found
                found[user_id] = self._board.status_of(user_id)
        return found

    def enter(self, connection: Connection) -> dict[str, str]:
        """Count a connection from now on and return what it is to know first."""
        connection.state.status = connection.state.status or "online"
        self._behind.discard(connection)
        return self.snapshot(connection.rooms)

    def show_room(self, connection: Connection, room: str) -> None:
        """Tell someone who has just come into a room of the people in it."""
        if users := self.snapshot([room]):
            connection.emit(PresenceChanged.name, PresenceChanged(users).data())

    async def close(self) -> None:
        while not self._watching.done():
            # The Redis client may take a cancellation for its own time-out: then it must be said again.
            self._watching.cancel()
            await asyncio.wait([self._watching], timeout=0.2)
        self._sizes.close()
        await self._board.exchange.close()
        board.pop()


presence_teller = PerLoop(PresenceTeller)


async def close_presence() -> None:
    """Stop telling; the users of this process are gone from it at once."""
    if teller := presence_teller.pop():
        await teller.close()


async def set_presence(*, connection: Connection, status: str) -> None:
    """Take a client's word for whether its user is at it; a user is away when all of their connections are."""
    connection.state.status = status
