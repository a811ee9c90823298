"""The hub of a process: its rooms, and the link between it and the other processes.

The link tells a change quickly, the log tells it surely: a hub needs the link only to be fast.
"""

import asyncio
import logging
import time
from collections import defaultdict
from collections.abc import Coroutine
from typing import Any, TypeVar

from django.conf import settings
from django.utils.module_loading import import_string

from foundation.log_throttle import LogThrottle
from foundation.per_loop import PerLoop

from .change import Change, Position
from .connection import Connection
from .frame import Frame, TransientEvent
from .head_check import HeadCheck
from .link import Link, Message
from .membership_check import MembershipCheck
from .room import Room, Source
from .shared_reads import SharedReads

logger = logging.getLogger(__name__)
T = TypeVar("T")

EVERYONE = "everyone"
# Reads of logs for those who come back that are under way at a time.
MAX_READS = 8
# An empty room is followed a little longer, for those who come back at once.
EMPTY_ROOM_SECONDS = 60.0

_source: Source | None = None


def follow(source: Source) -> None:
    """Say once, at start-up, whose logs the rooms follow."""
    global _source  # noqa: PLW0603 - set once by the application, read by every hub of the process
    _source = source


def _topic(room: str) -> str:
    return f"room:{room}"


class Hub:
    """Owns the rooms of one event loop; `publish` and `broadcast_transient` never block and never fail."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._rooms: dict[str, Room] = {}
        self._users: dict[str, set[Connection]] = defaultdict(set)
        self._reads: SharedReads[list[Change] | None] = SharedReads(MAX_READS)
        link: type[Link] = import_string(settings.HUB_LINK)
        self._head_check = HeadCheck(source, self._rooms)
        # When the link was away, what the others posted meanwhile is in the logs.
        self._link = link(self._on_message, self._head_check.check_all)
        self._link.subscribe(EVERYONE)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._membership_check = MembershipCheck(
            source, self._users, missing=lambda name, user_id: self._admit(name, [user_id]), surplus=self._follow_up
        )
        self._log_throttle = LogThrottle()
        self._run(self._head_check.run())
        self._run(self._watch())

    # --- connections -------------------------------------------------------------------------------------------------
    def add(self, connection: Connection) -> None:
        """Make a signed-in connection known, so that rooms which its user joins can find it."""
        self._users[connection.user_id].add(connection)

    def remove(self, connection: Connection) -> None:
        """Forget a connection that is gone."""
        for name in list(connection.rooms):
            self.leave(connection, name)
        self._users[connection.user_id].discard(connection)
        if not self._users[connection.user_id]:
            del self._users[connection.user_id]

    def knows(self, connection: Connection) -> bool:
        return connection in self._users.get(connection.user_id, ())

    def summary(self) -> dict[str, int]:
        """Return how many connections and rooms there are, and how many reads those who came back have cost."""
        return {"connections": len(self.connections()), "rooms": len(self._rooms), "resumeReads": self._reads.made}

    def connections(self) -> list[Connection]:
        """Return every signed-in connection of this process."""
        return [connection for mine in self._users.values() for connection in mine]

    def enter(self, connection: Connection, name: str, *, known: int = 0) -> bool:
        """Bring a connection into a room that is followed already, as `join` does, or say that it takes time."""
        room = self._rooms.get(name)
        if room is None or not room.loaded or room.position.seq < known or not self._link.hears(_topic(name)):
            return False
        self._add_to_room(connection, name, room)
        return True

    async def join(self, connection: Connection, name: str, *, known: int = 0) -> Room:
        """Bring a connection into a room, brought to what it has `known`; it gets each change after the position."""
        room = self._rooms.get(name)
        if room is None:
            room = self._rooms[name] = Room(name, self._source, self._on_left)
        room.entering += 1
        # Subscribed before the position is read: nothing can fall between the two.
        try:
            await self._link.subscribed(_topic(name))
            await room.load()
            await room.reach(known)
        finally:
            room.entering -= 1
            self._forget_unloaded(name, room)
        self._add_to_room(connection, name, room)
        return room

    def _add_to_room(self, connection: Connection, name: str, room: Room) -> None:
        if not connection.closed:
            room.members[connection] = None
            connection.rooms.add(name)

    def _forget_unloaded(self, name: str, room: Room) -> None:
        if not room.loaded and not room.entering:
            del self._rooms[name]
            self._link.unsubscribe(_topic(name))

    def leave(self, connection: Connection, name: str) -> None:
        connection.rooms.discard(name)
        connection.drop_held(name)
        room = self._rooms.get(name)
        if room:
            room.members.pop(connection, None)
            if not room.members:
                room.empty_since = time.monotonic()

    async def changes_between(self, name: str, since: int, until: int) -> list[Change] | None:
        """Return the changes after `since` up to `until`, or None when the log does not hold them."""
        remembered = self._rooms[name].since(since)
        if remembered is not None:
            return [change for change in remembered if change.seq <= until]
        return await self._reads.read((name, since, until), lambda: self._read(name, since, until))

    async def _read(self, name: str, since: int, until: int) -> list[Change] | None:
        room = self._rooms[name]
        erasures, found = room.erasures, list[Change]()
        while since < until:
            changes = await self._source.changes(name, since)
            if not changes:
                return None
            found += [change for change in changes if change.seq <= until]
            since = changes[-1].seq
        # The next who comes back finds it in memory, unless something of it was erased while it was read.
        if room.erasures == erasures:
            room.remember(found)
        return found

    def position(self, name: str) -> Position:
        """Return where a loaded room stands in its log."""
        return self._rooms[name].position

    def members(self, name: str) -> int:
        """Return how many connections of this process are in the room."""
        room = self._rooms.get(name)
        return len(room.members) if room else 0

    def present(self, name: str) -> list[Connection]:
        """Return the connections of this process in the room."""
        room = self._rooms.get(name)
        return list(room.members) if room else []

    # --- out ---------------------------------------------------------------------------------------------------------
    def publish(self, name: str, changes: list[Change]) -> None:
        """Serve the room here at once, and tell the other processes."""
        room = self._rooms.get(name)
        if room:
            room.receive(changes)
        for change in changes:
            if change.joined:
                self._admit(name, change.joined)
                self._link.publish(EVERYONE, {"type": "joined", "room": name, "users": list(change.joined)})
        self._link.publish(
            _topic(name), {"type": "changes", "room": name, "changes": [change.packed() for change in changes]}
        )

    def broadcast_transient(self, name: str, event: str, data: bytes, *, sender: str, at: int) -> None:
        """Tell the room something that is not kept and may be lost; the sender's own connections do not get it.

        `at` is where the log ends: a room that has not come so far may hold somebody who has left, and is not told.
        """
        self._broadcast_transient_here(name, event, data, sender, at)
        message = {"type": "transient", "room": name, "event": event, "data": data, "sender": sender, "at": at}
        self._link.publish(_topic(name), message)

    def _broadcast_transient_here(self, name: str, event: str, data: bytes, sender: str, at: int) -> None:
        room = self._rooms.get(name)
        if room and room.loaded and room.position.seq >= at:
            frame = Frame([TransientEvent(event, data)])
            for connection in list(room.members):
                if connection.user_id != sender:
                    connection.deliver_if_idle(name, frame)

    # --- in ----------------------------------------------------------------------------------------------------------
    def _on_message(self, message: Message) -> None:
        """Take a message of another process."""
        room = self._rooms.get(message["room"])
        match message["type"]:
            case "changes" if room:
                room.receive([Change.unpacked(packed) for packed in message["changes"]])
            case "transient" if room:
                self._broadcast_transient_here(
                    message["room"], message["event"], message["data"], message["sender"], message["at"]
                )
            case "joined":
                self._admit(message["room"], message["users"])

    def _admit(self, name: str, user_ids: list[str] | tuple[str, ...]) -> None:
        for user_id in user_ids:
            for connection in list(self._users.get(user_id, ())):
                if name not in connection.rooms:
                    self._run(self._source.admit(connection, name))

    def _follow_up(self, name: str) -> None:
        """Somebody is in a room who should not be: the log says when they left, and ends it in its order."""
        room = self._rooms.get(name)
        if room and room.loaded:
            room.fetch()

    def _on_left(self, name: str, user_ids: tuple[str, ...]) -> None:
        room = self._rooms.get(name)
        if room and not room.members:
            room.empty_since = time.monotonic()

    # --- watch -------------------------------------------------------------------------------------------------------
    async def _watch(self) -> None:
        """Let go of empty rooms every few seconds, and ask the store after some users."""
        while True:
            await asyncio.sleep(settings.ROOM_CHECK_INTERVAL)
            self._forget_empty()
            try:
                await self._membership_check.step(settings.ROOM_CHECK_INTERVAL / settings.MEMBERSHIP_CHECK_INTERVAL)
            except Exception:  # the store may be down: others are looked at next time, and these when it is their turn
                if self._log_throttle.should_log():
                    logger.exception("it could not be found out who should be in which room")

    def _forget_empty(self) -> None:
        long_ago = time.monotonic() - EMPTY_ROOM_SECONDS
        for name, room in list(self._rooms.items()):
            if not room.members and not room.entering and room.loaded and room.empty_since < long_ago:
                del self._rooms[name]
                self._link.unsubscribe(_topic(name))

    async def close(self) -> None:
        """Stop following; connections are not ended here."""
        for task in list(self._tasks):
            task.cancel()
        await self._link.close()

    def _run(self, coroutine: Any) -> None:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception():
            logger.error("a task of the hub failed", exc_info=task.exception())


def _make_hub() -> Hub:
    if _source is None:
        raise RuntimeError("realtime.hub.hub.follow() has not been called")
    return Hub(_source)


# The hub of the running event loop.
get_hub = PerLoop(_make_hub)


async def close_hub() -> None:
    """Close the running loop's hub, if it has one: before the loop ends, or the loop may wait for it for ever."""
    if hub := get_hub.pop():
        await hub.close()


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """Run a command's coroutine on a loop of its own; what it publishes leaves before the loop ends."""

    async def main() -> T:
        try:
            return await coroutine
        finally:
            await close_hub()

    return asyncio.run(main())
