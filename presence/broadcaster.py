"""The background task that publishes presence: each client gets the changes of those it shares a group with, once."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterable

import orjson
import redis.asyncio as redis
from django.conf import settings

from foundation.log_throttle import Seldom
from foundation.per_loop import PerLoop
from realtime.hub.broadcast import spread
from realtime.hub.connection import Connection
from realtime.hub.hub import get_hub

from .events import PresenceChanged
from .exchange import RANK, Entry
from .group_sizes import GroupSizes
from .state import presence_state

logger = logging.getLogger(__name__)

# The users in a snapshot, and the users whose changes are published together.
MAX_SNAPSHOT = 1000
MAX_CHANGES_AT_ONCE = 250


class PresenceBroadcaster:
    """Every PRESENCE_INTERVAL: collects this process's users, syncs with the other processes, publishes the changes."""

    def __init__(self) -> None:
        self._state = presence_state()
        self._sizes = GroupSizes()
        # Of each user here: the status and the rooms that were collected, and which of them are small.
        self._collected: dict[str, tuple[str, set[str], frozenset[str]]] = {}
        self._lagging: set[Connection] = set()
        self._may_complain = Seldom()
        self._task = asyncio.create_task(self._loop())

    async def _loop(self) -> None:
        while True:
            try:
                self._collect()
                await self._sync()
                self._resend()
                self._publish()
            except Exception:  # a bug must not end presence for good
                logger.exception("presence could not be published")
            await asyncio.sleep(settings.PRESENCE_INTERVAL)

    # --- in --------------------------------------------------------------------------------------------------------
    def _collect(self) -> None:
        """Set the entry of everybody who is connected here, as their connections are now."""
        here: dict[str, list[Connection]] = defaultdict(list)
        for connection in get_hub().connections():
            if connection.session.status and not connection.closed:
                here[connection.user_id].append(connection)
        for user_id in self._collected.keys() - here.keys():
            del self._collected[user_id]
            self._state.remove(user_id)
        for user_id, connections in here.items():
            self._collect_user(user_id, connections)

    def _collect_user(self, user_id: str, connections: list[Connection]) -> None:
        status, rooms = connections[0].session.status, connections[0].rooms
        for other in connections[1:]:
            status, rooms = max(status, other.session.status, key=RANK.__getitem__), rooms | other.rooms
        small = self._sizes.small(rooms)
        # With only some sizes known, every later one would be a change of its own.
        if small is not None and self._collected.get(user_id) != (status, rooms, small):
            self._collected[user_id] = (status, set(rooms), small)
            self._state.set_entry(user_id, Entry(status, small))

    async def _sync(self) -> None:
        try:
            await self._state.sync()
        except redis.RedisError as error:
            if self._may_complain():
                logger.warning("presence of other processes stays as last known: Redis does not answer (%r)", error)

    # --- out --------------------------------------------------------------------------------------------------------
    def _publish(self) -> None:
        updates: dict[str, dict[str, str]] = defaultdict(dict)
        # Without connections nothing is sent: there is nothing to spread over several rounds.
        limit = MAX_CHANGES_AT_ONCE if self._collected else None
        for change in self._state.apply(limit):
            for room in change.audience:
                updates[room][change.user_id] = change.after.status

        def data_for(rooms: tuple[str, ...]) -> bytes:
            users: dict[str, str] = {}
            for room in rooms:
                users |= updates[room]
            return orjson.dumps(PresenceChanged(users).data())

        self._lagging |= spread(get_hub(), PresenceChanged.name, updates, data_for)

    def _resend(self) -> None:
        """Send a snapshot to connections that could not take a change, once they take something again."""
        for connection in list(self._lagging):
            if connection.idle:
                connection.emit(PresenceChanged.name, PresenceChanged(self.snapshot(connection.rooms), True).data())
            if connection.idle or connection.closed:
                self._lagging.discard(connection)

    def snapshot(self, rooms: Iterable[str]) -> dict[str, str]:
        """Return the status of those in the rooms who are not offline, the smallest rooms first, at most MAX_SNAPSHOT."""
        found: dict[str, str] = {}
        for users in sorted(map(self._state.users_in, rooms), key=len):
            for user_id in users - found.keys():
                if len(found) == MAX_SNAPSHOT:
                    return found
                found[user_id] = self._state.status_of(user_id)
        return found

    def add(self, connection: Connection) -> dict[str, str]:
        """Count a connection from now on, and return the snapshot of its rooms: user id to status."""
        connection.session.status = connection.session.status or "online"
        self._lagging.discard(connection)
        return self.snapshot(connection.rooms)

    def send_room(self, connection: Connection, room: str) -> None:
        """Send a connection that was just added to a room who is in it."""
        if users := self.snapshot([room]):
            connection.emit(PresenceChanged.name, PresenceChanged(users).data())

    async def close(self) -> None:
        while not self._task.done():
            # The Redis client may swallow a cancellation as its own time-out: repeat it.
            self._task.cancel()
            await asyncio.wait([self._task], timeout=0.2)
        self._sizes.close()
        await self._state.exchange.close()
        presence_state.pop()


presence_broadcaster = PerLoop(PresenceBroadcaster)


async def close_presence() -> None:
    """Stop publishing, and take the users of this process off the other processes at once."""
    if broadcaster := presence_broadcaster.pop():
        await broadcaster.close()


async def set_presence(*, connection: Connection, status: str) -> None:
    """Set the status of one connection, `online` or `away`; a user is away when all of their connections are."""
    connection.session.status = status
