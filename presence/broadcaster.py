"""The background task that publishes presence: each client gets each change in its groups once."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Collection

import orjson
import redis.asyncio as redis
from django.conf import settings

from foundation.log_throttle import LogThrottle
from foundation.per_loop import PerLoop
from foundation.tasks import cancel_and_wait
from realtime.hub.broadcast import broadcast_once
from realtime.hub.connection import Connection
from realtime.hub.hub import Hub, get_hub

from .events import PresenceChanged
from .group_sizes import GroupSizes
from .state import PresenceState, presence_state
from .user_presence import ONLINE, RANK, UserPresence

logger = logging.getLogger(__name__)

# The users whose changes are published together.
MAX_CHANGES_AT_ONCE = 250
# In so many turns each user's rooms are looked at, changed or not: the sizes of groups expire.
_TURNS_OF_A_ROUND = 120

# What a user's presence is made of, as far as it may change between two turns: of each connection its id, its status
# and the version of its rooms.
_Seen = list[tuple[str, str, int]]


class PresenceBroadcaster:
    """Publishes the changes of `state` to the connections of one hub, for the rooms that a connection is in."""

    def __init__(self, hub: Hub, state: PresenceState, sizes: GroupSizes) -> None:
        self._hub, self._state, self._sizes = hub, state, sizes
        # By user id: the status and the rooms that were collected last, and which of the rooms are small.
        self._collected: dict[str, tuple[str, set[str], frozenset[str]]] = {}
        # By user id: what was seen when it was collected; and the users still to be looked at in this round.
        self._seen: dict[str, _Seen] = {}
        self._round: list[str] = []
        self._size_changes = 0
        # Connections that could not take a change.
        self._lagging: set[Connection] = set()
        self._log_throttle = LogThrottle()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Run every PRESENCE_INTERVAL until `close`."""
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while True:
            try:
                await self.run_once()
            except Exception:  # a bug must not end presence for good
                logger.exception("presence could not be published")
            await asyncio.sleep(settings.PRESENCE_INTERVAL)

    async def run_once(self) -> None:
        """Collect this process's users, sync with the other processes, and publish the changes that are due.

        Without Redis, publishes what happens in this process alone.
        """
        self._collect()
        await self._sync()
        self._resend()
        self._publish()

    async def wait_for_sizes(self) -> None:
        """Wait until the sizes of groups that are being looked up are known."""
        await self._sizes.wait_for_lookups()

    # --- in ----------------------------------------------------------------------------------------------------------
    def _collect(self) -> None:
        """Set the presence of each user that is connected to this process, from the state of their connections."""
        here: dict[str, list[Connection]] = defaultdict(list)
        for connection in self._hub.connections():
            if connection.state.status and not connection.closed:
                here[connection.user_id].append(connection)
        for user_id in self._collected.keys() - here.keys():
            del self._collected[user_id]
            self._seen.pop(user_id, None)
            self._state.remove(user_id)
        self._forget_some(here)
        for user_id, connections in here.items():
            seen = [(each.id, each.state.status, each.rooms_version) for each in connections]
            if self._seen.get(user_id) != seen and self._collect_user(user_id, connections):
                self._seen[user_id] = seen

    def _forget_some(self, here: Collection[str]) -> None:
        """Have a share of the users looked at anew, or all of them once a group's size has passed the limit."""
        if self._size_changes != self._sizes.changes:
            self._size_changes = self._sizes.changes
            self._seen.clear()
        self._round = self._round or list(here)
        for _ in range(min(len(self._round), len(here) // _TURNS_OF_A_ROUND + 1)):
            self._seen.pop(self._round.pop(), None)

    def _collect_user(self, user_id: str, connections: list[Connection]) -> bool:
        """Set a user's presence; return whether the sizes of all their groups are known."""
        status, rooms = connections[0].state.status, connections[0].rooms
        for other in connections[1:]:
            status, rooms = max(status, other.state.status, key=RANK.__getitem__), rooms | other.rooms
        small = self._sizes.small_groups(rooms)
        if small is None:
            # Each size that is known later would be published separately.
            return False
        if self._collected.get(user_id) != (status, rooms, small):
            self._collected[user_id] = (status, set(rooms), small)
            self._state.set_user(user_id, UserPresence(status, small))
        return True

    async def _sync(self) -> None:
        try:
            await self._state.sync()
        except redis.RedisError as error:
            if self._log_throttle.should_log():
                logger.warning("presence of other processes stays as last known: Redis does not answer (%r)", error)

    # --- out ---------------------------------------------------------------------------------------------------------
    def _publish(self) -> None:
        updates: dict[str, dict[str, str]] = defaultdict(dict)
        # Without connections nothing is sent: there is nothing to spread over several turns.
        limit = MAX_CHANGES_AT_ONCE if self._collected else None
        for change in self._state.apply(limit):
            for room in change.audience:
                updates[room][change.user_id] = change.after.status

        def data_for(rooms: tuple[str, ...]) -> bytes:
            users: dict[str, str] = {}
            for room in rooms:
                users |= updates[room]
            return orjson.dumps(PresenceChanged(users).data())

        self._lagging |= broadcast_once(self._hub, PresenceChanged.name, updates, data_for)

    def _resend(self) -> None:
        """Send a snapshot to connections that could not take a change, once they take something again."""
        for connection in list(self._lagging):
            if connection.keeps_up:
                users = self._state.snapshot(connection.rooms)
                connection.emit_or_close(PresenceChanged.name, PresenceChanged(users, all=True).data())
            if connection.keeps_up or connection.closed:
                self._lagging.discard(connection)

    # --- connections -------------------------------------------------------------------------------------------------
    def add(self, connection: Connection) -> None:
        """Count a connection from now on, as online; its client gets a snapshot of its rooms at the same time."""
        connection.state.status = connection.state.status or ONLINE
        self._lagging.discard(connection)

    def send_room(self, connection: Connection, room: str) -> None:
        """Send the presence of a room's users to a connection that was just added to it."""
        if users := self._state.snapshot([room]):
            connection.emit(PresenceChanged.name, PresenceChanged(users).data())

    async def close(self) -> None:
        """Stop, and take this process's users off the other processes at once."""
        await cancel_and_wait(self._task)
        self._sizes.close()
        await self._state.close()


def _start() -> PresenceBroadcaster:
    broadcaster = PresenceBroadcaster(get_hub(), presence_state(), GroupSizes())
    broadcaster.start()
    return broadcaster


# The broadcaster of the running event loop; the first call starts it.
presence_broadcaster = PerLoop(_start)


async def close_presence() -> None:
    """Close the running loop's broadcaster, if it has one, and forget its state."""
    if broadcaster := presence_broadcaster.pop():
        await broadcaster.close()
        presence_state.pop()
