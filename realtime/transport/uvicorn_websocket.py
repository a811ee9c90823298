"""uvicorn's websocket protocol, with a way past ASGI: once a websocket is open, its frames stay as they are.

`uvicorn --ws realtime.transport.uvicorn_websocket:DirectProtocol`. An ASGI message in each direction costs a queue, a
task's wake-up and an encoding of the same bytes for each client; on other servers frames travel so
(docs/decisions/0010).
"""

import logging
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from .direct_socket import DirectSocket, quiet
from .websocket import Owner

logger = logging.getLogger(__name__)

# Where an application finds the way, in its scope's extensions.
EXTENSION = "websocket.direct"


def begin_pings(socket: DirectSocket, config: Config) -> None:
    """Let the server ping the peer as its options say; without a limit of its own, an answer has the interval."""
    if config.ws_ping_interval:
        socket.ping_every(config.ws_ping_interval, config.ws_ping_timeout or config.ws_ping_interval)


class DirectProtocol(WebSocketsSansIOProtocol):
    """An application that has accepted may take the socket over, and return while the socket lives on."""

    taken_over = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # uvicorn writes a line for each websocket with its address, and in that the session's id, which is a secret.
        self.logger = self.conn.logger = quiet

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.handshake_complete:
            extensions: dict[Any, Any] = self.scope["extensions"] or {}
            self.scope["extensions"] = {**extensions, EXTENSION: self}  # type: ignore[dict-item] # ours

    def take_over(self, owner: Owner, *, pings: bool) -> None:
        """Hand the socket, and every frame from now on, to the owner."""
        self.taken_over = True
        self.stop_keepalive()
        # What only the handshake needed; the scope holds this object.
        del self.scope, self.request, self.response
        socket = DirectSocket(self.conn, self.transport, owner, self.connections, ready=self.writable.is_set())
        if not self.disconnected:
            self.connections.discard(self)
            self.transport.set_protocol(socket)
            # It would stop reading after each frame until the application has fetched it.
            self.transport.resume_reading()
        owner.opened(socket)
        if not self.queue.empty() or self.conn.current_size is not None:
            # It is gone already, or spoke before it was let in: then a part may be missing.
            self.transport.abort()
            socket.connection_lost(None)
        elif pings:
            begin_pings(socket, self.config)

    async def run_asgi(self) -> None:
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            pass
        except BaseException:
            logger.exception("the application failed on a websocket")
            self.taken_over = False
        if not self.handshake_complete:
            self.send_500_response()
        if not self.taken_over and self.close_timer is None:
            self.transport.close()
