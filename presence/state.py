"""Who is online, away or offline, as this process publishes it: a drop counts only once it has lasted."""

import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

from django.conf import settings

from foundation.per_loop import PerLoop

from .clock import Clock
from .exchange import Exchange
from .user_presence import GONE, RANK, UserPresence

MAX_SNAPSHOT = 1000


@dataclass(frozen=True, slots=True)
class PresenceChange:
    """A change of one user's presence."""

    user_id: str
    before: UserPresence
    after: UserPresence

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
        self._presences: dict[str, UserPresence] = {}
        self._users_in: dict[str, set[str]] = defaultdict(set)
        self._changed: set[str] = set()
        # By user id: the status that a user is about to drop to, and since when.
        self._pending_drops: dict[str, tuple[str, float]] = {}

    def is_elsewhere(self, user_id: str) -> bool:
        """Return whether the user is connected to another process, as last known."""
        return self._exchange.is_elsewhere(user_id)

    def set_user(self, user_id: str, presence: UserPresence) -> None:
        """Set the presence of a user that is connected to this process."""
        self._exchange.set_user(user_id, presence)
        self._changed.add(user_id)

    def remove(self, user_id: str) -> None:
        """Take off a user whose last connection to this process is gone."""
        self._exchange.remove(user_id)
        self._changed.add(user_id)

    async def sync(self) -> None:
        """Exchange changes with the other processes; raises `RedisError`, and then all users stay as last known."""
        self._changed |= await self._exchange.sync()

    def apply(self, limit: int | None = None) -> list[PresenceChange]:
        """Apply what is due and return the changes, of `limit` users at most; the rest is for the next call."""
        changes: list[PresenceChange] = []
        for user_id in self._changed | self._pending_drops.keys():
            if len(changes) == limit:
                break
            self._changed.discard(user_id)
            before, after = self._presences.get(user_id, GONE), self._next_presence(user_id)
            if after != before:
                self._store(user_id, before, after)
                changes.append(PresenceChange(user_id, before, after))
        return changes

    def _next_presence(self, user_id: str) -> UserPresence:
        """Return the presence to publish for the user from now on: a lower status waits for the grace."""
        before, presence = self._presences.get(user_id, GONE), self._exchange.presence_of(user_id)
        if RANK[presence.status] >= RANK[before.status]:
            self._pending_drops.pop(user_id, None)
            return presence
        now = self._clock()
        status, since = self._pending_drops.get(user_id, ("", 0.0))
        if status != presence.status:
            since = now
            self._pending_drops[user_id] = (presence.status, since)
        if now - since < settings.PRESENCE_GRACE:
            return before if presence == GONE else UserPresence(before.status, presence.rooms)
        del self._pending_drops[user_id]
        return presence

    def _store(self, user_id: str, before: UserPresence, after: UserPresence) -> None:
        if after == GONE:
            del self._presences[user_id]
        else:
            self._presences[user_id] = after
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
        return self._presences.get(user_id, GONE).status

    def rooms_of(self, user_id: str, *, most_users: int) -> list[str]:
        """Return the rooms in which the user's presence is published to others, those with the fewest first.

        All of them together have `most_users` users who are there; who is in several counts in each.
        """
        counts = {room: len(self._users_in[room]) for room in self._presences.get(user_id, GONE).rooms}
        shared = sorted((room for room in counts if counts[room] > 1), key=counts.__getitem__)
        sums = accumulate(counts[room] for room in shared)
        return [room for room, users in zip(shared, sums, strict=True) if users <= most_users]

    def snapshot(self, rooms: Iterable[str]) -> dict[str, str]:
        """Return a dict of user id to status for the users of the rooms that are not offline.

        At most MAX_SNAPSHOT users, those of the smallest rooms first.
        """
        statuses: dict[str, str] = {}
        for users in sorted((self._users_in.get(room, set()) for room in rooms), key=len):
            for user_id in users - statuses.keys():
                if len(statuses) == MAX_SNAPSHOT:
                    return statuses
                statuses[user_id] = self.status_of(user_id)
        return statuses

    async def close(self) -> None:
        """Take this process's users off the other processes at once, and close the connections to Redis."""
        await self._exchange.close()


# The state of the running event loop.
presence_state = PerLoop(PresenceState)
