"""The contract between the protocols and an application: who may connect, and what its events do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from foundation.cookies import parse_cookies
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
        # As pages do. Python's own parser stops at the first odd cookie, and another site of the domain may set one.
        return parse_cookies(self.headers.get("cookie", ""))


class Consumer(Protocol):
    """Serves one client in one namespace, on any transport; `realtime.consumer.EventConsumer` is the base class."""

    @property
    def accepted(self) -> bool:
        """Whether `connect` has accepted the client."""
        ...

    def open(self, connection: Connection, on_accept: Callable[[], None]) -> None:
        """Serve this connection from now on; `on_accept` tells the client that it is accepted."""
        ...

    async def connect(self, handshake: Handshake) -> None:
        """Accept the client, send it what it needs first, and join its rooms.

        Raises `AppError` to refuse it. An error after it was accepted is sent to the client, and `connect` called
        again, unless that is `ReconnectRequired` or not retryable.
        """
        ...

    async def receive_event(self, event: Any, arguments: list[Any], acknowledge: Acknowledge | None) -> None:
        """Handle one event; `acknowledge`, now or later, if the client asked for an acknowledgement."""
        ...

    async def disconnect(self) -> None:
        """Clean up after a client that was accepted and has gone."""
        ...


# Makes the consumer of a new connection.
ConsumerFactory = Callable[[], Consumer]
