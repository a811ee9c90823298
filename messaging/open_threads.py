"""Who has a thread open: a connection that asked for its state gets it again, as `thread_state`, whenever it changes.

What a process does for it is bounded: a connection has its last few threads open, and a thread that changes often is
read once in `INTERVAL` seconds for all of them. No message waits for it. A state may be left out, because the store was
away or the client reads slowly; the next one comes, and the changes themselves are always sent.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Collection, Sequence
from typing import Any

import orjson

from foundation.log_throttle import LogThrottle
from foundation.per_loop import PerLoop
from foundation.tasks import create_background_task
from realtime.hub.change import Change
from realtime.hub.connection import Connection
from realtime.hub.event_batch import EventBatch, TransientEvent
from realtime.hub.hub import get_hub

from . import selectors
from .events import MessageDeleted, MessageEdited, MessageSent, PinChanged, ReactionsChanged, ThreadChanged

logger = logging.getLogger(__name__)

MAX_OPEN = 10
# Seconds between two states of a thread.
INTERVAL = 0.25
# These do not say whether their message is a reply.
_BESIDE = frozenset((ReactionsChanged.name, PinChanged.name))
_EVENTS = _BESIDE | {MessageSent.name, MessageEdited.name, MessageDeleted.name}


class OpenThreads:
    """The threads that connections of this process have open, by the id of the message that opened each."""

    def __init__(self) -> None:
        self._by_connection: dict[Connection, OrderedDict[str, str]] = {}
        self._connections: dict[str, dict[Connection, None]] = {}
        # The ids of the replies that were sent last, whose reactions change a state.
        self._shown: dict[str, frozenset[str]] = {}
        # Whose state is due, by thread; None is everybody's.
        self._due: dict[str, set[str] | None] = {}
        # The threads whose states are being sent.
        self._sending: set[str] = set()
        self._log_throttle = LogThrottle()

    def open(self, connection: Connection, group_id: str, state: dict[str, Any]) -> None:
        """Send later states of this thread to the connection, which has just got this one."""
        if group_id not in connection.rooms:
            return
        parent_id: str = state["root"]["id"]
        threads = self._by_connection.setdefault(connection, OrderedDict())
        threads[parent_id] = group_id
        threads.move_to_end(parent_id)
        self._connections.setdefault(parent_id, {})[connection] = None
        self._shown[parent_id] = _ids(state)
        if len(threads) > MAX_OPEN:
            self._close(connection, threads.popitem(last=False)[0])
        get_hub().watch(group_id, self._on_changes)

    def drop(self, connection: Connection) -> None:
        """Forget a connection that is gone."""
        for parent_id in self._by_connection.pop(connection, ()):
            self._close(connection, parent_id)

    def changed(self, group_id: str, parent_id: str, *, for_user: str | None = None) -> None:
        """Send the state of this thread soon to those who have it open here, or to this user alone."""
        if parent_id not in self._connections:
            return
        if parent_id not in self._due:
            self._due[parent_id] = {for_user} if for_user else None
            if parent_id not in self._sending:
                self._sending.add(parent_id)
                create_background_task(self._send_due(group_id, parent_id))
        elif for_user is None:
            self._due[parent_id] = None
        elif (users := self._due[parent_id]) is not None:
            users.add(for_user)

    def _close(self, connection: Connection, parent_id: str) -> None:
        connections = self._connections.get(parent_id, {})
        connections.pop(connection, None)
        if not connections:
            self._connections.pop(parent_id, None)
            self._shown.pop(parent_id, None)

    def _on_changes(self, group_id: str, changes: Sequence[Change]) -> None:
        if not self._connections:
            return
        for change in changes:
            if change.event in _EVENTS:
                for parent_id in self._threads_of(change):
                    self.changed(group_id, parent_id)

    def _threads_of(self, change: Change) -> list[str]:
        """Return the threads that a change is of."""
        data = orjson.loads(change.data)
        if change.event in _BESIDE:
            message_id = data["messageId"]
            return [message_id, *(parent for parent, shown in self._shown.items() if message_id in shown)]
        message = data.get("message", data)
        return [message.get("parentId") or message["id"]]

    async def _send_due(self, group_id: str, parent_id: str) -> None:
        """Send states of one thread, one after another, for as long as something changes in it."""
        try:
            while parent_id in self._due:
                await asyncio.sleep(INTERVAL)
                users = self._due.pop(parent_id)
                await self._try_to_send(group_id, parent_id, users)
        finally:
            self._sending.discard(parent_id)

    async def _try_to_send(self, group_id: str, parent_id: str, users: Collection[str] | None) -> None:
        try:
            await self._send(group_id, parent_id, users)
        except Exception as error:  # the store may be away: the changes were sent, and the next state is
            if self._log_throttle.should_log():
                logger.warning("the state of a thread could not be sent: %r", error)

    async def _send(self, group_id: str, parent_id: str, users: Collection[str] | None) -> None:
        here = self._connections.get(parent_id, {})
        connections = [one for one in here if group_id in one.rooms and (users is None or one.user_id in users)]
        user_ids = {one.user_id for one in connections}
        states = await selectors.thread_states(group_id=group_id, parent_id=parent_id, user_ids=user_ids)
        for state in states.values():
            self._shown[parent_id] = _ids(state)
        for connection in connections:
            state = states[connection.user_id]
            event = ThreadChanged(state)
            batch = EventBatch([TransientEvent(event.name, orjson.dumps(event.data()), state["head"])])
            await connection.prepare(batch)
            # The user may have been removed meanwhile, and what this shows deleted.
            if group_id in connection.rooms and not self._is_due(parent_id, connection.user_id):
                connection.deliver_transient(batch)

    def _is_due(self, parent_id: str, user_id: str) -> bool:
        """Return whether a newer state follows."""
        if parent_id not in self._due:
            return False
        users = self._due[parent_id]
        return users is None or user_id in users


def _ids(state: dict[str, Any]) -> frozenset[str]:
    return frozenset(message["id"] for message in state["messages"])


# The threads that are open in the running event loop.
open_threads = PerLoop(OpenThreads)
