"""The endpoint of the JSON protocol: each websocket is a connection of its own."""

from collections.abc import Mapping
from dataclasses import dataclass

from foundation.limits.connections import anonymous_connections
from realtime.application import Application
from realtime.transport.endpoint import Query
from realtime.transport.request import ADDRESS
from realtime.transport.websocket import SocketHandler

from .connection import JsonConnection


@dataclass(frozen=True, slots=True)
class JsonEndpoint:
    """Implements `realtime.transport.endpoint.Endpoint`; `connect_timeout` in seconds, `max_payload` in bytes."""

    application: Application
    connect_timeout: float
    max_payload: int

    # The protocol has no heartbeat of its own; every client library answers pings.
    needs_pings = True

    def new_handler(self, query: Query, credentials: Mapping[str, str]) -> SocketHandler | None:
        if anonymous_connections.is_full(credentials.get(ADDRESS, "")):
            return None
        return JsonConnection(self.application, credentials, self.connect_timeout, self.max_payload)

    async def find_handler(self, query: Query, credentials: Mapping[str, str]) -> SocketHandler | None:
        return None
