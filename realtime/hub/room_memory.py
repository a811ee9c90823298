"""A room's memory: its last changes, for clients that reconnect, without content that was edited away or deleted."""

from collections import defaultdict, deque
from collections.abc import Sequence

from .change import Change
from .log_source import LogSource

# How many changes a room keeps.
RING_SIZE = 1000
# How many entries may have been rewritten before the changes in memory are, even if nobody asks for them.
MAX_REWRITTEN = 100


class RoomMemory:
    """Holds consecutive changes. Those of an entry that was rewritten are replaced when they are next asked for.

    Not at once: a member who edits without end would cost each edit a pass over the memory.
    """

    def __init__(self, source: LogSource) -> None:
        self._source = source
        self._ring: deque[Change] = deque(maxlen=RING_SIZE)
        # The last change that rewrote an entry, by the entry's seq, where earlier ones may be as they were.
        self._latest: dict[int, Change] = {}
        # Counts rewriting changes: what was read from the log before one must not be kept after it.
        self.rewrites = 0

    def add(self, changes: Sequence[Change]) -> None:
        """Keep the changes that follow the last one."""
        for change in changes:
            self._ring.append(change)
            if change.rewrites:
                self.rewrites += 1
                self._latest[change.target] = change
        if len(self._latest) > MAX_REWRITTEN:
            self._rewrite()

    def last(self, count: int) -> list[Change] | None:
        """Return the last `count` changes, or None when there are fewer."""
        if len(self._ring) < count:
            return None
        self._rewrite()
        return list(self._ring)[-count:]

    def prepend(self, changes: Sequence[Change], *, next_seq: int) -> None:
        """Put changes before those in memory, or if that is empty before `next_seq`, as far as they adjoin and fit."""
        first = self._ring[0].seq if self._ring else next_seq
        for change in reversed(changes):
            if change.seq == first - 1 and len(self._ring) < RING_SIZE:
                self._ring.appendleft(change)
                first = change.seq

    def _rewrite(self) -> None:
        """Replace what earlier changes say of entries that were rewritten since."""
        if not self._latest:
            return
        places: dict[int, list[int]] = defaultdict(list)
        for place, change in enumerate(self._ring):
            seq = change.target or change.seq
            latest = self._latest.get(seq)
            if latest and change.seq < latest.seq:
                places[seq].append(place)
        for seq, of_entry in places.items():
            rewritten = self._source.rewritten([self._ring[place] for place in of_entry], self._latest[seq])
            for place, change in zip(of_entry, rewritten, strict=True):
                self._ring[place] = change
        self._latest.clear()
