"""What stands at a path where websockets are opened."""

from collections.abc import Mapping
from typing import Protocol

from .websocket import Owner

# Where a server that has a short way in finds them, by path, in the state that an application's lifespan sets up.
DOORS = "websocket.doors"
# A request's query, as `urllib.parse.parse_qs` returns it.
Query = Mapping[str, list[str]]


class Door(Protocol):
    """Says who is to own a websocket; where the request came from has been checked (`realtime.transport.request`)."""

    @property
    def pings(self) -> bool:
        """Whether the server itself pings the peers."""
        ...

    def open(self, query: Query, credentials: Mapping[str, str]) -> Owner | None:
        """Return the owner at once, or None: then it has to be found, or the websocket refused."""
        ...

    async def find(self, query: Query, credentials: Mapping[str, str]) -> Owner | None:
        """Return the owner where that takes a while, or None to refuse the websocket."""
        ...
