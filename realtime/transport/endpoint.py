"""What serves a path at which websockets are opened."""

from collections.abc import Mapping
from typing import Protocol

from .websocket import SocketHandler

# Where the server's fast path finds the endpoints, by path, in the state that an application's lifespan sets up.
ENDPOINTS = "websocket.endpoints"
# A request's query, as `urllib.parse.parse_qs` returns it.
Query = Mapping[str, list[str]]


class Endpoint(Protocol):
    """Chooses the handler of a new websocket, whose Origin has been checked before (`realtime.transport.request`)."""

    @property
    def needs_pings(self) -> bool:
        """Whether the server sends websocket pings: a protocol with a heartbeat of its own needs none."""
        ...

    def new_handler(self, query: Query, credentials: Mapping[str, str]) -> SocketHandler | None:
        """Return a new handler, or None for a websocket that needs `find_handler`, or is to be refused.

        A client's address may have only so many that have not signed in yet (`foundation.limits.connections`).
        """
        ...

    async def find_handler(self, query: Query, credentials: Mapping[str, str]) -> SocketHandler | None:
        """Return a handler for a session that exists already, maybe in another process; None refuses the websocket."""
        ...
