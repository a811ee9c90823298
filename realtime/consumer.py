"""The base of an application's consumers: one serves one client, whatever its transport."""

from collections.abc import Callable, Mapping
from typing import Any

from foundation.limits.connections import anonymous_connections
from realtime.hub.connection import Connection
from realtime.jsonsocket.connection import JsonConnection
from realtime.transport.request import ADDRESS
from realtime.transport.websocket import SocketHandler
from realtime.transport.websocket_consumer import Query, WebSocketConsumer

from .application import Handshake
from .client_event import ClientEvent, declared_events
from .dispatcher import EventDispatcher


class EventConsumer(EventDispatcher, WebSocketConsumer):
    """A Channels consumer whose methods are the events of its clients (`realtime.application.Consumer`).

    `as_asgi()` serves plain JSON over a websocket; for Socket.IO, `SocketIOConnection` makes one for each namespace
    that a client connects. Events are declared with `realtime.client_event.event`; any other name is refused.
    """

    # The JSON protocol has no heartbeat of its own; every client library answers pings.
    needs_pings = True
    # Seconds until a client of the JSON protocol must have sent `connect`, and the bytes that its frames may have.
    connect_timeout = 45.0
    max_payload = 1_000_000

    events: Mapping[str, ClientEvent] = {}
    accepted = False
    _on_accept: Callable[[], None] | None = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.events = {**cls.events, **declared_events(cls)}

    async def find_handler(self, query: Query, credentials: Mapping[str, str]) -> SocketHandler | None:
        if anonymous_connections.is_full(credentials.get(ADDRESS, "")):
            return None
        return JsonConnection(self, credentials, self.connect_timeout, self.max_payload)

    def open(self, connection: Connection, on_accept: Callable[[], None]) -> None:
        self.connection, self._on_accept = connection, on_accept

    def accept(self) -> None:
        """Tell the client that it is accepted; nothing more when `connect` is called again."""
        on_accept, self._on_accept = self._on_accept, None
        self.accepted = True
        if on_accept:
            on_accept()

    async def connect(self, handshake: Handshake) -> None:
        """Call `accept`, or raise `AppError` to refuse the client."""
        self.accept()

    async def disconnect(self) -> None:
        """Clean up after a client that was accepted."""

    def emit(self, event: str, data: Any) -> None:
        """Send the client an event."""
        self.connection.emit(event, data)
