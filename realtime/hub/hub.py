"""The hub of a process: its connections and rooms, and the link to the hubs of the other processes.

The link is fast and may lose anything; the logs have everything, and are read when the link has lost something.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from django.conf import settings

from foundation.log_throttle import LogThrottle
from foundation.per_loop import PerLoop

from .batches import Message
from .change import Change, Position
from .connection import Connection
from .event_batch import EventBatch, TransientEvent
from .head_check import HeadCheck
from .link import Link
from .log_source import LogSource
from .membership_check import MembershipCheck
from .missed_changes import MissedChanges
from .room import Room
from .summary import HubSummary, summarize
from .user_connections import UserConnections

logger = logging.getLogger(__name__)

# The kind of the topics of rooms.
_ROOM = "room"
# How long an empty room is kept, for clients that reconnect at once.
EMPTY_ROOM_SECONDS = 60.0

_source: LogSource | None = None


def set_log_source(source: LogSource) -> None:
    """Set, once at start-up, the source of all hubs of this process."""
    global _source  # noqa: PLW0603 - set once by the application, read by every hub of the process
    _source = source


def _topic(room: str) -> str:
    return f"{_ROOM}:{room}"


class Hub:
    """Owns the rooms of one event loop; `publish` and `broadcast_transient` never block and never fail."""

    def __init__(self, source: LogSource) -> None:
        self._source = source
        self._rooms: dict[str, Room] = {}
        self._missed_changes = MissedChanges(source)
        self._head_check = HeadCheck(source, self._rooms, link_is_up=lambda: self._link.is_up)
        # What the other hubs published while the link was away is read from the logs.
        self._link = Link(self._on_message, on_missed=self._announce_moved, on_return=self._head_check.check_all)
        self._users = UserConnections(self._link)
        self._membership_check = MembershipCheck(
            source,
            self._users.by_user,
            on_missing=lambda name, user_id: self._join_users(name, [user_id]),
            on_surplus=self._fetch,
        )
        self._tasks: set[asyncio.Task[None]] = set()
        self._log_throttle = LogThrottle()
        self._run(self._head_check.run())
        self._run(self._run_periodic_checks())

    # --- connections -------------------------------------------------------------------------------------------------
    def count_of(self, user_id: str) -> int:
        """Return the number of connections of a user."""
        return len(self._users.of(user_id))

    def add(self, connection: Connection) -> None:
        """Add an authenticated connection: from now on it may join rooms, and joins those that its user is added to."""
        # Nothing would remove a closed one: its transport has done so already.
        if not connection.closed:
            self._users.add(connection)

    async def wait_reachable(self, user_id: str) -> None:
        """Return when what other processes publish to a user with a connection here arrives, or Redis is away."""
        await self._users.wait_reachable(user_id)

    def remove(self, connection: Connection) -> None:
        """Remove a connection, from all its rooms too."""
        for name in list(connection.rooms):
            self.leave(connection, name)
        self._users.remove(connection)

    def __contains__(self, connection: Connection) -> bool:
        return connection in self._users.by_user.get(connection.user_id, ())

    def summary(self) -> HubSummary:
        """Return how many are connected and where; it looks at each connection and room."""
        return summarize(self._users.by_user, self._rooms, self._missed_changes.reads)

    def connections(self) -> list[Connection]:
        """Return every connection of this process."""
        return [connection for connections in self._users.by_user.values() for connection in connections]

    def connections_in(self, name: str) -> list[Connection]:
        """Return the connections of this process that are in the room."""
        return list(self._rooms[name].members) if name in self._rooms else []

    # --- joining and leaving -----------------------------------------------------------------------------------------
    def try_join(self, connection: Connection, name: str, *, at_least: int = 0) -> bool:
        """Do what `join` does, but only if that needs no waiting; return whether it was done."""
        room = self._rooms.get(name)
        if room is None or not room.loaded or room.position.seq < at_least or not self._link.is_ready(_topic(name)):
            return False
        self._add_to_room(connection, name, room)
        return True

    async def join(self, connection: Connection, name: str, *, at_least: int = 0) -> Room:
        """Add a connection to a room, loaded up to the seq `at_least`; it gets each change after the room's position.

        A connection that is not in the hub, or is removed from it meanwhile, is not added. Raises what
        `LogSource.head` raises.
        """
        room = self._rooms.get(name)
        if room is None:
            room = self._rooms[name] = Room(name, self._source, self._on_left)
        room.joining += 1
        # Subscribe before the head is read, so that no change is missed in between.
        try:
            await self._link.wait_subscribed(_topic(name))
            await room.load()
            await room.fetch_through(at_least)
        finally:
            room.joining -= 1
            self._drop_unloaded(name, room)
        self._add_to_room(connection, name, room)
        return room

    def _add_to_room(self, connection: Connection, name: str, room: Room) -> None:
        # It may have been removed while the room was loaded: nothing would take it out of the room again.
        if connection in self and not connection.closed:
            room.members[connection] = None
            connection.add_room(name)

    def _drop_unloaded(self, name: str, room: Room) -> None:
        if not room.loaded and not room.joining:
            self._drop(name)

    def _drop(self, name: str) -> None:
        del self._rooms[name]
        self._link.unsubscribe(_topic(name))

    def leave(self, connection: Connection, name: str) -> None:
        """Remove a connection from a room, and drop what it holds of it."""
        connection.discard_room(name)
        room = self._rooms.get(name)
        if room:
            room.members.pop(connection, None)
            self._on_left(name)

    # --- logs --------------------------------------------------------------------------------------------------------
    async def changes_between(self, name: str, since: int, until: int) -> list[Change] | None:
        """Return the changes of a loaded room after `since` up to `until`, or None when the log ends before `until`."""
        return await self._missed_changes.between(self._rooms[name], since, until)

    def position(self, name: str) -> Position:
        """Return the position of a loaded room."""
        return self._rooms[name].position

    def watch(self, name: str, watcher: Callable[[str, Sequence[Change]], None]) -> None:
        """Call this after each delivery of a room that somebody is in; there is one watcher for all rooms."""
        self._rooms[name].watcher = watcher

    # --- out ---------------------------------------------------------------------------------------------------------
    def publish(self, name: str, changes: list[Change]) -> None:
        """Deliver changes to the room in this process at once, and send them to the other processes."""
        room = self._rooms.get(name)
        if room:
            room.receive(changes)
        for change in changes:
            if change.joined:
                self._join_users(name, change.joined)
                self._users.publish_joined(name, change.joined)
        self._link.publish(
            _topic(name), {"type": "changes", "room": name, "changes": [change.packed() for change in changes]}
        )

    def publish_to_user(self, user_id: str, event: str, data: bytes) -> None:
        """Send an event to the user's own connections in all processes; it may be lost, and is in no log."""
        self._users.publish(user_id, event, data)

    def broadcast_transient(self, name: str, event: str, data: bytes, *, sender: str, at: int) -> None:
        """Send the room an event that is not stored and may be lost; the connections of the user `sender` are skipped.

        `at` is the log's head: a room that is behind it may contain users who have left, and gets nothing.
        """
        self._broadcast_transient_here(name, event, data, sender, at)
        message = {"type": "transient", "room": name, "event": event, "data": data, "sender": sender, "at": at}
        self._link.publish(_topic(name), message)

    def _broadcast_transient_here(self, name: str, event: str, data: bytes, sender: str, at: int) -> None:
        room = self._rooms.get(name)
        if room and room.loaded and room.position.seq >= at:
            batch = EventBatch([TransientEvent(event, data)])
            for connection in list(room.members):
                if connection.user_id != sender:
                    connection.deliver_transient(batch)

    # --- in ----------------------------------------------------------------------------------------------------------
    def _on_message(self, message: Message) -> None:
        """Handle a message of another hub."""
        room = self._rooms.get(message.get("room", ""))
        match message["type"]:
            case "changes" if room:
                room.receive([Change.unpacked(packed) for packed in message["changes"]])
            case "transient" if room:
                self._broadcast_transient_here(
                    message["room"], message["event"], message["data"], message["sender"], message["at"]
                )
            case "moved":
                self._fetch(message["room"])
            case "joined":
                self._join_users(message["room"], message["users"])
            case "user":
                self._users.deliver(message["user"], message["event"], message["data"])

    def _announce_moved(self, topics: set[str]) -> None:
        """Have the other hubs read the logs of rooms whose changes could not be sent to them."""
        for topic in topics:
            kind, _, name = topic.partition(":")
            if kind == _ROOM:
                self._link.publish(topic, {"type": "moved", "room": name})

    def _join_users(self, name: str, user_ids: list[str] | tuple[str, ...]) -> None:
        for user_id in user_ids:
            for connection in self._users.of(user_id):
                if name not in connection.rooms:
                    self._run(self._source.on_joined(connection, name))

    def _fetch(self, name: str) -> None:
        """Read the log of a room that lacks a change, of which may be that a connection should have left it."""
        room = self._rooms.get(name)
        if room and room.loaded:
            room.fetch()

    def _on_left(self, name: str) -> None:
        room = self._rooms.get(name)
        if room and not room.members:
            room.empty_since = time.monotonic()

    # --- periodic work -----------------------------------------------------------------------------------------------
    async def _run_periodic_checks(self) -> None:
        """Drop empty rooms and check the memberships of some users, every ROOM_CHECK_INTERVAL."""
        while True:
            await asyncio.sleep(settings.ROOM_CHECK_INTERVAL)
            share = settings.ROOM_CHECK_INTERVAL / settings.MEMBERSHIP_CHECK_INTERVAL
            try:
                self._drop_empty_rooms()
                await self._membership_check.check_share(share)
            except Exception:  # the store may be down: these users are checked again in their turn
                if self._log_throttle.should_log():
                    logger.exception("memberships could not be checked")

    def _drop_empty_rooms(self) -> None:
        expired = time.monotonic() - EMPTY_ROOM_SECONDS
        for name, room in list(self._rooms.items()):
            if not room.members and not room.joining and room.loaded and room.empty_since < expired:
                self._drop(name)

    async def close(self) -> None:
        """Stop all tasks and the link; connections stay open."""
        for task in list(self._tasks):
            task.cancel()
        await self._link.close()

    def _run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception():
            logger.error("a task of the hub failed", exc_info=task.exception())


def _make_hub() -> Hub:
    if _source is None:
        raise RuntimeError("realtime.hub.hub.set_log_source() has not been called")
    return Hub(_source)


# The hub of the running event loop.
get_hub = PerLoop(_make_hub)


async def close_hub() -> None:
    """Close the running loop's hub, if there is one; without this, `asyncio.run` would not end."""
    if hub := get_hub.pop():
        await hub.close()
