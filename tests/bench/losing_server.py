"""The server, but it keeps every thirtieth frame of a room to itself."""

import itertools
from typing import Any

from chatproject.asgi import application
from realtime.hub.connection import Connection

__all__ = ["application"]

_deliver = Connection.deliver
_numbers = itertools.count(1)


def deliver_most(connection: Connection, *frame: Any) -> None:
    if next(_numbers) % 30:
        _deliver(connection, *frame)


Connection.deliver = deliver_most  # type: ignore[method-assign,assignment]
