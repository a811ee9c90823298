"""A room: the connections of one log in this process, to which its changes are delivered in the log's order."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence

from foundation.counters import sockets

from .change import Change, Position
from .connection import Connection
from .event_batch import EventBatch, TransientEvent
from .log_source import LogSource
from .room_memory import RoomMemory

logger = logging.getLogger(__name__)

# How many seconds changes wait for a missing one before that is read from the log.
GAP_TIMEOUT = 0.1


class Room:
    """Delivers each change once and in order, whatever the link drops, repeats or reorders."""

    def __init__(self, name: str, source: LogSource, on_left: Callable[[str], None]) -> None:
        self.name = name
        self.members: dict[Connection, None] = {}
        # How many connections are about to join: keeps the room while it has no members.
        self.joining = 0
        self.empty_since = time.monotonic()
        self.last_received = float("-inf")
        self._source = source
        self._on_left = on_left
        self._position: Position | None = None
        self._loading: asyncio.Task[Position] | None = None
        self._fetching: asyncio.Task[None] | None = None
        # Whether it lacks a change that is known to be in the log.
        self._has_gap = False
        # Called with the room's name and the changes, after each delivery (`Hub.watch`).
        self.watcher: Callable[[str, Sequence[Change]], None] | None = None
        # Changes past a gap, or received before the room is loaded, by seq.
        self._pending: dict[int, Change] = {}
        self.memory = RoomMemory(source)

    # --- position ----------------------------------------------------------------------------------------------------
    @property
    def position(self) -> Position:
        """The last change that was delivered; only once the room is loaded."""
        if self._position is None:
            raise RuntimeError(f"room {self.name} is not loaded")
        return self._position

    @property
    def loaded(self) -> bool:
        return self._position is not None

    async def load(self) -> None:
        """Start at the log's head, once; changes received meanwhile are delivered after."""
        if self._position is not None:
            return
        if self._loading is None:
            self._loading = asyncio.create_task(self._source.head(self.name))
        try:
            # shield: cancelling one waiter must not cancel the shared task.
            head = await asyncio.shield(self._loading)
        finally:
            if self._loading and self._loading.done():
                self._loading = None
        if self._position is None:
            self._position = head
            self._deliver_pending()

    # --- changes -----------------------------------------------------------------------------------------------------
    def receive(self, changes: Iterable[Change]) -> None:
        """Take changes from a service, the link or the log, in any order: deliver what is next, ignore duplicates."""
        self.last_received = time.monotonic()
        delivered = self._position.seq if self._position else 0
        self._pending.update((change.seq, change) for change in changes if change.seq > delivered)
        if self._position is not None:
            self._deliver_pending()

    def _deliver_pending(self) -> None:
        position = self.position
        for duplicate in [seq for seq in self._pending if seq <= position.seq]:
            del self._pending[duplicate]
        while changes := self._pop_next():
            self._deliver(changes)
        if self._pending:
            asyncio.get_running_loop().call_later(GAP_TIMEOUT, self._fetch_if_stuck, self.position.seq)

    def _pop_next(self) -> list[Change]:
        """Return the changes that follow without a gap and go to the same connections: one with `left` is alone."""
        changes: list[Change] = []
        seq = self.position.seq + 1
        while (change := self._pending.get(seq)) and not (changes and (change.left or changes[-1].left)):
            changes.append(self._pending.pop(seq))
            seq += 1
        return changes

    def _fetch_if_stuck(self, seq: int) -> None:
        if self._pending and self.position.seq == seq:
            self.fetch_gap()

    def _deliver(self, changes: Sequence[Change]) -> None:
        """Deliver changes to all members in one batch, which is encoded once."""
        last = changes[-1]
        self._position = Position(last.seq, last.message_count, last.all_count)
        self.memory.add(changes)
        if last.left:
            self._remove_left(last)
        batch = EventBatch(changes)
        for connection in list(self.members):
            connection.deliver(self.name, batch)
        if last.left:
            self._on_left(self.name)
        if self.watcher:
            self.watcher(self.name, changes)

    def _remove_left(self, change: Change) -> None:
        """Remove the connections of users who leave with this change; it is the last that they get of the room."""
        for connection in [connection for connection in self.members if connection.user_id in change.left]:
            self.members.pop(connection)
            connection.discard_room(self.name)
            if change.leave_data:
                connection.deliver(self.name, EventBatch([TransientEvent(change.event, change.leave_data, change.seq)]))

    # --- the log -----------------------------------------------------------------------------------------------------
    def fetch(self) -> asyncio.Task[None]:
        """Start to read the log from the room's position to its head, unless a read is in progress."""
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.create_task(self._fetch())
        return self._fetching

    def fetch_gap(self) -> None:
        """Read the log: it has a change that did not come."""
        self._note_gap()
        self.fetch()

    def _note_gap(self) -> None:
        if not self._has_gap:
            self._has_gap = True
            sockets.gaps_found += 1

    async def fetch_through(self, seq: int) -> None:
        """Read the log up to `seq`, which a client has from a process that is ahead; it may not exist."""
        # Twice: a read in progress may have begun before the entry was written.
        for _ in range(2):
            if self.position.seq < seq:
                await asyncio.shield(self.fetch())

    async def _fetch(self) -> None:
        try:
            while changes := await self._source.changes(self.name, self.position.seq):
                self._note_gap()
                self.receive(changes)
            if self._has_gap:
                self._has_gap = False
                sockets.gaps_healed += 1
        except Exception:  # the store may be down: the next head check reads again
            logger.exception("room %s could not read its log", self.name)

    # --- memory ------------------------------------------------------------------------------------------------------
    def changes_after(self, seq: int) -> list[Change] | None:
        """Return the changes after `seq` from memory, or None when some of them are not in memory."""
        return [] if seq >= self.position.seq else self.memory.last(self.position.seq - seq)

    def keep(self, changes: Sequence[Change]) -> None:
        """Put changes that were read from the log before those in memory, as far as they adjoin and fit."""
        self.memory.prepend(changes, next_seq=self.position.seq + 1)
