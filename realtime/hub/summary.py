"""The figures of a hub: who is connected to it, and where."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from heapq import nlargest

from .connection import Connection
from .room import Room

# How many rooms are named.
LARGEST = 5


@dataclass(frozen=True, slots=True)
class HubSummary:
    """Rooms are those that somebody is in; `largest` has the names of some and their connections, the largest first.

    `resume_reads` counts the reads of logs for clients that came back, since the start.
    """

    users: int
    connections: int
    by_transport: Counter[str]
    rooms: int
    room_connections: int
    largest: list[tuple[str, int]]
    resume_reads: int


def summarize(by_user: Mapping[str, set[Connection]], rooms: Mapping[str, Room], resume_reads: int) -> HubSummary:
    # An empty room is only kept for whoever comes back soon.
    sizes = {name: len(room.members) for name, room in rooms.items() if room.members}
    return HubSummary(
        users=len(by_user),
        connections=sum(map(len, by_user.values())),
        by_transport=Counter(connection.transport for connections in by_user.values() for connection in connections),
        rooms=len(sizes),
        room_connections=sum(sizes.values()),
        largest=nlargest(LARGEST, sizes.items(), key=lambda item: item[1]),
        resume_reads=resume_reads,
    )
