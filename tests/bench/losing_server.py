"""The server, except that it drops every thirtieth batch of events."""

import itertools
from typing import Any

from chatproject.asgi import application
from realtime.hub.connection import Connection

__all__ = ["application"]

_deliver = Connection.deliver
_batch_numbers = itertools.count(1)


def deliver_most(connection: Connection, *batch: Any) -> None:
    if next(_batch_numbers) % 30:
        _deliver(connection, *batch)


Connection.deliver = deliver_most  # type: ignore[method-assign,assignment]
