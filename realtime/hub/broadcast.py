"""Broadcasts a transient event to the members of several rooms, to each connection once."""

from collections import defaultdict
from collections.abc import Callable, Iterable

from .connection import Connection
from .event_batch import EventBatch, TransientEvent
from .hub import Hub


def broadcast_once(
    hub: Hub, event: str, rooms: Iterable[str], data_for: Callable[[tuple[str, ...]], bytes]
) -> set[Connection]:
    """Send the event to each connection of this process that is in one of the rooms, unless its client is slow.

    `data_for` returns the JSON for connections that are in just these of the rooms; it is called once for all of
    them. Returns the connections that were skipped.
    """
    rooms_of: dict[Connection, list[str]] = defaultdict(list)
    for name in rooms:
        for connection in hub.connections_in(name):
            rooms_of[connection].append(name)
    batches: dict[tuple[str, ...], EventBatch] = {}
    skipped = set()
    for connection, names in rooms_of.items():
        key = tuple(names)
        batch = batches.get(key)
        if batch is None:
            batch = batches[key] = EventBatch([TransientEvent(event, data_for(key))])
        if not connection.deliver_transient(batch):
            skipped.add(connection)
    return skipped
