"""How a user is seen: a status, and the rooms whose members may know it."""

from collections.abc import Sequence
from dataclasses import dataclass

OFFLINE, AWAY, ONLINE = "offline", "away", "online"
# From the least to the most present; an index here is the status on Redis.
STATUSES = (OFFLINE, AWAY, ONLINE)
RANK = {status: rank for rank, status in enumerate(STATUSES)}


@dataclass(frozen=True, slots=True)
class Entry:
    """A user's status, and the rooms in which it is published."""

    status: str
    rooms: frozenset[str]


GONE = Entry(OFFLINE, frozenset())
# By user id.
Entries = dict[str, Entry]


def merge(entries: Sequence[Entry]) -> Entry:
    """Return the entries of one user as one: the most present status, and all rooms; `GONE` of none."""
    if len(entries) < 2:
        return entries[0] if entries else GONE
    status = max((entry.status for entry in entries), key=RANK.__getitem__)
    return Entry(status, frozenset().union(*(entry.rooms for entry in entries)))
