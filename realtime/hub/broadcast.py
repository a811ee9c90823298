"""Telling something to the people of several rooms: each local connection once, however many of the rooms it is in."""

from collections import defaultdict
from collections.abc import Callable, Iterable

from .connection import Connection
from .frame import Frame, TransientEvent
from .hub import Hub


def spread(hub: Hub, event: str, rooms: Iterable[str], data_for: Callable[[tuple[str, ...]], bytes]) -> set[Connection]:
    """Tell what is not kept and may be lost, and return the connections of this process that could not take it.

    `data_for` makes the data for those who are in just these of the rooms: once for all of them.
    """
    shared: dict[Connection, list[str]] = defaultdict(list)
    for name in rooms:
        for connection in hub.present(name):
            shared[connection].append(name)
    frames: dict[tuple[str, ...], Frame] = {}
    behind = set()
    for connection, names in shared.items():
        key = tuple(names)
        frame = frames.get(key)
        if frame is None:
            frame = frames[key] = Frame([TransientEvent(event, data_for(key))])
        if not connection.deliver_if_idle(key[0], frame):
            behind.add(connection)
    return behind
