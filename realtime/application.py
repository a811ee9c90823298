"""The contract between the transports and an application: who may connect, and what its events do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any, Protocol

from realtime.hub.connection import Connection
from realtime.transport.request import ADDRESS

# Sends a client the arguments of its event's acknowledgement.
Acknowledge = Callable[[list[Any]], None]


@dataclass(frozen=True, slots=True)
class Handshake:
    """What a client connects with: the payload of `connect`, and what `credentials_of` the opening request returned."""

    auth: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Return the client's address, as limits count it."""
        return self.headers.get(ADDRESS, "")

    @property
    def cookies(self) -> dict[str, str]:
        try:
            cookie: SimpleCookie = SimpleCookie(self.headers.get("cookie", ""))
        except CookieError:
            return {}
        return {name: morsel.value for name, morsel in cookie.items()}


class Application(Protocol):
    """Serves one namespace, the same on every transport.

    An application whose events are declared inherits `dispatch` from `realtime.dispatcher.EventDispatcher`.
    """

    async def authenticate(self, connection: Connection, handshake: Handshake) -> None:
        """Set the connection's user, or raise `AppError` to refuse the connection."""
        ...

    async def connect(self, connection: Connection, handshake: Handshake) -> None:
        """Send an accepted client what it needs first, and join its rooms.

        Called again when it raises, unless that is `ReconnectRequired` or an error that is not retryable.
        """
        ...

    async def dispatch(
        self, connection: Connection, event: Any, arguments: list[Any], acknowledge: Acknowledge | None
    ) -> None:
        """Handle one event; `acknowledge`, now or later, if the client asked for an acknowledgement."""
        ...

    async def disconnect(self, connection: Connection) -> None:
        """Clean up after a connection that has closed."""
        ...
