"""Tells clients that this process is about to shut down."""

from realtime.hub.hub import get_hub

from .events import ServerDraining

# How many clients a second reconnect to the remaining processes, and over how many seconds at most.
RECONNECTS_PER_SECOND = 200.0
MAX_RECONNECT_SECONDS = 30.0
_FIRST_RECONNECT = 0.2


def announce_shutdown() -> None:
    """Send every client `drain` with the seconds after which to reconnect, spread evenly."""
    connections = get_hub().connections()
    duration = min(MAX_RECONNECT_SECONDS, max(1.0, len(connections) / RECONNECTS_PER_SECOND))
    for index, connection in enumerate(connections):
        event = ServerDraining(round(_FIRST_RECONNECT + duration * index / len(connections), 2))
        connection.emit_or_close(event.name, event.data())
