"""uvicorn's websocket protocol, from which an application can detach an open websocket: its frames then bypass ASGI.

`uvicorn --ws realtime.transport.uvicorn_websocket:DirectProtocol`. Over ASGI each frame received costs a queue and a
task's wake-up, and each frame sent another encoding of the same text for each client (docs/decisions/0010).
"""

import logging
from collections.abc import Iterable
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.datastructures import Headers
from websockets.http11 import Request
from websockets.protocol import Protocol

from .direct_socket import DirectSocket, new_protocol, quiet_logger
from .websocket import SocketHandler

logger = logging.getLogger(__name__)

# The ASGI extension by which an application finds the protocol of its websocket.
EXTENSION = "websocket.direct"


def start_pings(socket: DirectSocket, config: Config) -> None:
    """Ping the peer as the server's options say; without a timeout of its own, a pong has the interval."""
    if config.ws_ping_interval:
        socket.ping_every(config.ws_ping_interval, config.ws_ping_timeout or config.ws_ping_interval)


class DirectProtocol(WebSocketsSansIOProtocol):
    """An application that has accepted may detach the websocket, and return while it stays open."""

    detached = False
    # Whether the client has sent frames before it was accepted.
    _has_early_frames = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # uvicorn logs the address of each websocket, and with it the sid, which is a secret.
        self.logger = self.conn.logger = quiet_logger

    def request_received(self, url: bytes, headers: Iterable[tuple[bytes, bytes]]) -> None:
        """Go on with a request that another protocol has parsed; only frames come after it."""
        self.conn.parser = Protocol.parse(self.conn)
        next(self.conn.parser)
        named = Headers((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers)
        self.handle_connect(Request(url.decode("latin-1"), named))

    def data_received(self, data: bytes) -> None:
        self._has_early_frames = self.handshake_initiated
        super().data_received(data)

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.handshake_complete:
            extensions: dict[Any, Any] = self.scope["extensions"] or {}
            self.scope["extensions"] = {**extensions, EXTENSION: self}  # type: ignore[dict-item] # ours

    def detach(self, handler: SocketHandler, *, pings: bool) -> None:
        """Give the websocket, and every frame from now on, to the handler."""
        self.detached = True
        self.stop_keepalive()
        # Only the handshake needed them, and the scope refers back to this object.
        del self.scope, self.request, self.response
        socket = DirectSocket(self._parser(), self.transport, handler, self.connections, ready=self.writable.is_set())
        if not self.disconnected:
            self.connections.discard(self)
            self.transport.set_protocol(socket)
            # uvicorn pauses reading after each frame until the application has received it.
            self.transport.resume_reading()
        handler.opened(socket)
        if not self.queue.empty() or self.conn.current_size is not None:
            # It is gone, or has sent something before it was accepted, of which uvicorn may have a part.
            self.transport.abort()
            socket.connection_lost(None)
        elif pings:
            start_pings(socket, self.config)

    def _parser(self) -> Protocol:
        """Return a parser of frames; that of the handshake, which takes 3 KB more, only if it may be within a frame."""
        return self.conn if self._has_early_frames or self.conn.extensions else new_protocol(self.config.ws_max_size)

    async def run_asgi(self) -> None:
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            pass
        except BaseException:
            logger.exception("the application failed on a websocket")
            self.detached = False
        if not self.handshake_complete:
            self.send_500_response()
        if not self.detached and self.close_timer is None:
            self.transport.close()
