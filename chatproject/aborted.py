"""ASGI middleware that ends an aborted response at once: what waits in buffers on the way to the client is dropped.

Closing would send it first. To a slow reader the kernel goes on sending megabytes of a download for many seconds after
their access has ended.
"""

import socket
import struct
from asyncio import WriteTransport

from django.core.exceptions import RequestAborted

from .refusal import Application, Receive, Scope, Send

# Linger for no time at all: closing the socket then resets the connection.
_RESET = struct.pack("ii", 1, 0)


class ResetAborted:
    """Wraps the HTTP application, outermost; a response that raises Django's `RequestAborted` resets the connection."""

    def __init__(self, app: Application) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        except RequestAborted:
            transport = _transport_of(send)
            if transport is None:
                raise
            _reset(transport)
            # The server complains of an unfinished response unless it has noticed the end of its connection.
            while (await receive())["type"] != "http.disconnect":
                pass


def _transport_of(send: Send) -> WriteTransport | None:
    """Return the connection under uvicorn's `send`, a method of its request; None on other servers."""
    transport: WriteTransport | None = getattr(getattr(send, "__self__", None), "transport", None)
    return transport


def _reset(transport: WriteTransport) -> None:
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()
