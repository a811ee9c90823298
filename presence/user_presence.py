"""How the members of a user's rooms see the user: a status, and the rooms."""

from collections.abc import Sequence
from dataclasses import dataclass

OFFLINE, AWAY, ONLINE = "offline", "away", "online"
# From the least to the most present; an index here is the status on Redis.
STATUSES = (OFFLINE, AWAY, ONLINE)
RANK = {status: rank for rank, status in enumerate(STATUSES)}


@dataclass(frozen=True, slots=True)
class UserPresence:
    """A user's status, and the rooms in which it is published."""

    status: str
    rooms: frozenset[str]


GONE = UserPresence(OFFLINE, frozenset())
# By user id.
UserPresences = dict[str, UserPresence]


def merge(presences: Sequence[UserPresence]) -> UserPresence:
    """Merge one user's presences on several nodes: the most present status, and all rooms; `GONE` without any."""
    if len(presences) < 2:
        return presences[0] if presences else GONE
    status = max((presence.status for presence in presences), key=RANK.__getitem__)
    return UserPresence(status, frozenset().union(*(presence.rooms for presence in presences)))
