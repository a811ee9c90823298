"""The changes that a client missed while it was away, from the room's memory or from its log."""

from .change import Change
from .log_source import LogSource
from .room import Room
from .shared_reads import SharedReads

# How many reads of logs are in progress at a time.
MAX_READS = 8


class MissedChanges:
    """Serves the clients of all rooms of a hub; those that missed the same changes share one read."""

    def __init__(self, source: LogSource) -> None:
        self._source = source
        self._reads: SharedReads[list[Change] | None] = SharedReads(MAX_READS)

    @property
    def reads(self) -> int:
        """How often a log was read."""
        return self._reads.count

    async def between(self, room: Room, since: int, until: int) -> list[Change] | None:
        """Return the changes of a loaded room after `since` up to `until`, or None when the log ends before `until`."""
        changes = room.changes_after(since)
        if changes is not None:
            return [change for change in changes if change.seq <= until]
        return await self._reads.read((room.name, since, until), lambda: self._read(room, since, until))

    async def _read(self, room: Room, since: int, until: int) -> list[Change] | None:
        rewrites, changes = room.memory.rewrites, list[Change]()
        while since < until:
            page = await self._source.changes(room.name, since)
            if not page:
                return None
            changes += [change for change in page if change.seq <= until]
            since = page[-1].seq
        # Serves the next client from memory, unless a change rewrote an entry during the read.
        if room.memory.rewrites == rewrites:
            room.keep(changes)
        return changes
