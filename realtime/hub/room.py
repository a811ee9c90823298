"""A room: the live connections of one followed log in this process, served strictly in the log's order."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from .change import Change, Position
from .connection import Connection
from .frame import Frame, TransientEvent

logger = logging.getLogger(__name__)

# How many changes a room keeps for those who come back, and how long an early change waits for the missing one.
RING_SIZE = 1000
GAP_PATIENCE = 0.1


class Source(Protocol):
    """The logs that the rooms follow, and what an application does when a user enters one."""

    async def position(self, room: str) -> Position:
        """Return where the log ends, read strongly; raises `NotFound` when there is none."""
        ...

    async def changes(self, room: str, after: int) -> list[Change]:
        """Return changes that follow `after` without a hole, oldest first; none when there are none."""
        ...

    async def ahead(self, positions: dict[str, int]) -> set[str]:
        """Return which logs go on past the given seq."""
        ...

    async def admit(self, connection: Connection, room: str) -> None:
        """Bring a connection into a room that its user has just joined."""
        ...

    async def rooms_of(self, user_ids: list[str]) -> dict[str, set[str]]:
        """Return the rooms that each of these users belongs to, read surely; a hundred users at most."""
        ...


class Room:
    """Delivers each change once and in order, whatever the link drops, repeats or reorders."""

    def __init__(self, name: str, source: Source, on_left: Callable[[str, tuple[str, ...]], None]) -> None:
        self.name = name
        self.members: dict[Connection, None] = {}
        # How many are just entering: the room is needed, although nobody is in it yet.
        self.entering = 0
        self.last_heard = self.empty_since = time.monotonic()
        self._source = source
        self._on_left = on_left
        self._position: Position | None = None
        self._loading: asyncio.Task[Position] | None = None
        self._fetching: asyncio.Task[None] | None = None
        self._early: dict[int, Change] = {}
        self._ring: deque[Change] = deque(maxlen=RING_SIZE)
        # How often something was erased: what was read before must not be remembered after.
        self.erasures = 0

    # --- position ----------------------------------------------------------------------------------------------------
    @property
    def position(self) -> Position:
        """Where this room stands in its log; only once it is loaded."""
        if self._position is None:
            raise RuntimeError(f"room {self.name} is not loaded")
        return self._position

    @property
    def loaded(self) -> bool:
        return self._position is not None

    async def load(self) -> None:
        """Find the log's end, once; what arrives meanwhile waits."""
        if self._position is not None:
            return
        if self._loading is None:
            self._loading = asyncio.create_task(self._source.position(self.name))
        try:
            position = await asyncio.shield(self._loading)
        finally:
            if self._loading and self._loading.done():
                self._loading = None
        if self._position is None:
            self._position = position
            self._deliver_due()

    # --- changes -----------------------------------------------------------------------------------------------------
    def receive(self, changes: Iterable[Change]) -> None:
        """Take changes from wherever they come: deliver what is due, keep what is early, ignore what is known."""
        self.last_heard = time.monotonic()
        known = self._position.seq if self._position else 0
        self._early.update((change.seq, change) for change in changes if change.seq > known)
        if self._position is not None:
            self._deliver_due()

    def _deliver_due(self) -> None:
        position = self.position
        for known in [seq for seq in self._early if seq <= position.seq]:
            del self._early[known]
        while due := self._take_due():
            self._deliver(due)
        if self._early:
            asyncio.get_running_loop().call_later(GAP_PATIENCE, self._mind_gap, self.position.seq)

    def _take_due(self) -> list[Change]:
        """Return the changes that follow without a hole and have the same audience: a leaving is told by itself."""
        due: list[Change] = []
        seq = self.position.seq + 1
        while (change := self._early.get(seq)) and not (due and (change.left or due[-1].left)):
            due.append(self._early.pop(seq))
            seq += 1
        return due

    def _mind_gap(self, seen_at: int) -> None:
        if self._early and self.position.seq == seen_at:
            self.fetch()

    def _deliver(self, due: Sequence[Change]) -> None:
        """Tell changes to everybody in the room: in one frame, made once for all."""
        last = due[-1]
        self._position = Position(last.seq, last.message_count)
        for change in due:
            if change.erases:
                # What was erased must not come back from memory; the log itself holds only what is left.
                self._ring.clear()
                self.erasures += 1
            self._ring.append(change)
        if last.left:
            self._dismiss(last)
        frame = Frame(due)
        for connection in list(self.members):
            connection.deliver(self.name, frame)
        if last.left:
            self._on_left(self.name, last.left)

    def _dismiss(self, change: Change) -> None:
        """Let those go who leave with this change; they hear of their own going alone, and of nothing after it."""
        for connection in [connection for connection in self.members if connection.user_id in change.left]:
            self.members.pop(connection)
            connection.drop_held(self.name)
            connection.rooms.discard(self.name)
            if change.leave_data:
                connection.deliver(self.name, Frame([TransientEvent(change.event, change.leave_data, change.seq)]))

    # --- healing -----------------------------------------------------------------------------------------------------
    def fetch(self) -> asyncio.Task[None]:
        """Read what is missing from the log; one read at a time."""
        if self._fetching is None or self._fetching.done():
            self._fetching = asyncio.create_task(self._fetch())
        return self._fetching

    async def reach(self, seq: int) -> None:
        """Read the log as far as `seq`, if it goes so far: somebody has seen it in a process that is ahead."""
        # Twice, for a read that is under way may have begun before the log went so far.
        for _ in range(2):
            if self.position.seq < seq:
                await asyncio.shield(self.fetch())

    async def _fetch(self) -> None:
        try:
            while changes := await self._source.changes(self.name, self.position.seq):
                self.receive(changes)
        except Exception:  # the store may be down: the next look at the heads tries again
            logger.exception("room %s could not read its log", self.name)

    def remember(self, changes: Sequence[Change]) -> None:
        """Keep changes that were read from the log, as far as they lead up to what is in memory."""
        first = self._ring[0].seq if self._ring else self.position.seq + 1
        for change in reversed(changes):
            if change.seq == first - 1 and len(self._ring) < RING_SIZE:
                self._ring.appendleft(change)
                first = change.seq

    def since(self, seq: int) -> list[Change] | None:
        """Return the changes that follow `seq` from memory, or None when it does not reach back that far."""
        if seq >= self.position.seq:
            return []
        missing = self.position.seq - seq
        if len(self._ring) < missing or self._ring[-missing].seq != seq + 1:
            return None
        return list(self._ring)[-missing:]
