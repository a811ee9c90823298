"""Counts the driver's connections to MongoDB by its events (the specification "Connection Monitoring and Pooling")."""

import threading

from pymongo.monitoring import (
    ConnectionCheckedInEvent,
    ConnectionCheckedOutEvent,
    ConnectionCheckOutFailedEvent,
    ConnectionCheckOutStartedEvent,
    ConnectionClosedEvent,
    ConnectionCreatedEvent,
    ConnectionPoolListener,
    ConnectionReadyEvent,
    PoolClearedEvent,
    PoolClosedEvent,
    PoolCreatedEvent,
    PoolReadyEvent,
)

from foundation.pools import PoolFigures

# What the driver takes where the URI does not say it (https://www.mongodb.com/docs/manual/reference/connection-string/).
_DEFAULT_SIZE = 100


class PoolListener(ConnectionPoolListener):
    """Counts the pools of one client, which has one for each server of a replica set."""

    def __init__(self) -> None:
        self._open = self._busy = self._max = 0
        self._size = _DEFAULT_SIZE
        # A blocking client calls it on threads.
        self._lock = threading.Lock()

    def figures(self) -> PoolFigures:
        return PoolFigures(self._open, self._busy, self._max)

    def _add(self, *, opened: int = 0, busy: int = 0, limit: int = 0) -> None:
        with self._lock:
            self._open += opened
            self._busy += busy
            self._max += limit

    def pool_created(self, event: PoolCreatedEvent) -> None:
        self._size = event.options.get("maxPoolSize", _DEFAULT_SIZE)
        self._add(limit=self._size)

    def pool_closed(self, event: PoolClosedEvent) -> None:
        self._add(limit=-self._size)

    def connection_created(self, event: ConnectionCreatedEvent) -> None:
        self._add(opened=1)

    def connection_closed(self, event: ConnectionClosedEvent) -> None:
        self._add(opened=-1)

    def connection_checked_out(self, event: ConnectionCheckedOutEvent) -> None:
        self._add(busy=1)

    def connection_checked_in(self, event: ConnectionCheckedInEvent) -> None:
        self._add(busy=-1)

    # --- of no interest ----------------------------------------------------------------------------------------------
    def pool_ready(self, event: PoolReadyEvent) -> None: ...

    def pool_cleared(self, event: PoolClearedEvent) -> None: ...

    def connection_ready(self, event: ConnectionReadyEvent) -> None: ...

    def connection_check_out_started(self, event: ConnectionCheckOutStartedEvent) -> None: ...

    def connection_check_out_failed(self, event: ConnectionCheckOutFailedEvent) -> None: ...
