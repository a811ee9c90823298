"""Who is online, away or offline, as this process publishes it: a drop counts only once it has lasted."""

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings

from foundation.per_loop import PerLoop

from .clock import Clock
from .entries import GONE, RANK, Entry
from .exchange import Exchange

MAX_SNAPSHOT = 1000


@dataclass(frozen=True, slots=True)
class PresenceChange:
    """A user whose entry is another than before."""

    user_id: str
    before: Entry
    after: Entry

    @property
    def audience(self) -> frozenset[str]:
        """The rooms whose members do not know it yet."""
        if self.before.status == self.after.status:
            return self.after.rooms - self.before.rooms
        return self.after.rooms or self.before.rooms


class PresenceState:
    """Every user's presence, as last applied. A rise in status applies at once, a drop only after PRESENCE_GRACE.

    So a client that reconnects quickly is never seen to leave, and one that goes back and forth costs two changes a
    grace at most.
    """

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._exchange = Exchange(clock)
        self._entries: dict[str, Entry] = {}
        self._users_in: dict[str, set[str]] = defaultdict(set)
        self._changed: set[str] = set()
        # Of each user whose status waits to drop: to what, and since when.
        self._pending_drops: dict[str, tuple[str, float]] = {}

    def set_entry(self, user_id: str, entry: Entry) -> None:
        """Set the entry of a user who is connected to this process."""
        self._exchange.set_entry(user_id, entry)
        self._changed.add(user_id)

    def remove(self, user_id: str) -> None:
        """Take off a user whose last connection to this process is gone."""
        self._exchange.remove(user_id)
        self._changed.add(user_id)

    async def sync(self) -> None:
        """Exchange what is new with the other processes; raises `RedisError`, and everybody stays as last known."""
        self._changed |= await self._exchange.sync()

    def apply(self, limit: int | None = None) -> list[PresenceChange]:
        """Apply what is due and return the changes, of `limit` users at most; the rest is for the next call."""
        changes: list[PresenceChange] = []
        for user_id in self._changed | self._pending_drops.keys():
            if len(changes) == limit:
                break
            self._changed.discard(user_id)
            before, after = self._entries.get(user_id, GONE), self._next_entry(user_id)
            if after != before:
                self._store(user_id, before, after)
                changes.append(PresenceChange(user_id, before, after))
        return changes

    def _next_entry(self, user_id: str) -> Entry:
        """Return the entry that the user has from now on: a lower status waits for the grace."""
        before, entry = self._entries.get(user_id, GONE), self._exchange.entry_of(user_id)
        if RANK[entry.status] >= RANK[before.status]:
            self._pending_drops.pop(user_id, None)
            return entry
        now = self._clock()
        status, since = self._pending_drops.get(user_id, ("", 0.0))
        if status != entry.status:
            since = now
            self._pending_drops[user_id] = (entry.status, since)
        if now - since < settings.PRESENCE_GRACE:
            return before if entry == GONE else Entry(before.status, entry.rooms)
        del self._pending_drops[user_id]
        return entry

    def _store(self, user_id: str, before: Entry, after: Entry) -> None:
        if after == GONE:
            del self._entries[user_id]
        else:
            self._entries[user_id] = after
        for room in after.rooms - before.rooms:
            self._users_in[room].add(user_id)
        for room in before.rooms - after.rooms:
            self._users_in[room].discard(user_id)
            if not self._users_in[room]:
                del self._users_in[room]

    @property
    def fresh(self) -> bool:
        """Whether the other processes were read within PRESENCE_EXPIRY; if not, statuses are only the last known."""
        return bool(self._clock() - self._exchange.synced_at < settings.PRESENCE_EXPIRY)

    def status_of(self, user_id: str) -> str:
        """Return "online", "away" or "offline"; offline too when nothing is known of the user."""
        return self._entries.get(user_id, GONE).status

    def snapshot(self, rooms: Iterable[str]) -> dict[str, str]:
        """Return user id to status of those in the rooms who are not offline.

        At most MAX_SNAPSHOT users, those of the smallest rooms first.
        """
        found: dict[str, str] = {}
        for users in sorted((self._users_in.get(room, set()) for room in rooms), key=len):
            for user_id in users - found.keys():
                if len(found) == MAX_SNAPSHOT:
                    return found
                found[user_id] = self.status_of(user_id)
        return found

    async def close(self) -> None:
        """Take this process's users off the other processes at once, and let go of Redis."""
        await self._exchange.close()


# The state of the running event loop.
presence_state = PerLoop(PresenceState)
