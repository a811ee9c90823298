"""The server, except that it drops every thirtieth frame."""

import itertools
from typing import Any

from chatproject.asgi import application
from realtime.hub.connection import Connection

__all__ = ["application"]

_deliver = Connection.deliver
_frame_numbers = itertools.count(1)


def deliver_most(connection: Connection, *frame: Any) -> None:
    if next(_frame_numbers) % 30:
        _deliver(connection, *frame)


Connection.deliver = deliver_most  # type: ignore[method-assign,assignment]
