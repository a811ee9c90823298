"""uvicorn's websocket protocol, with a way past ASGI: between session and transport, frames stay as they are.

`uvicorn --ws realtime.uvicorn_websocket:DirectProtocol`. An ASGI message in each direction costs a queue, a task's
wake-up and an encoding of the same bytes for each client; on other servers frames travel so (docs/decisions/0010).
"""

import asyncio
import logging
from typing import Any

from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from .frame import Encoded
from .websocket import Owner

logger = logging.getLogger(__name__)
# uvicorn writes a line for each websocket with its address, and in that the session's id, which is a secret;
# and websockets one more that it is open, and one that it is closed.
_quiet = logging.getLogger(f"{__name__}.handshakes")
_quiet.setLevel(logging.WARNING)

# Where an application finds the way, in its scope's extensions.
EXTENSION = "websocket.direct"
_UNEXPECTED = 1011


class DirectProtocol(WebSocketsSansIOProtocol):
    """An application that has accepted may take the socket over, and return while the socket lives on."""

    taken_over = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.logger = self.conn.logger = _quiet

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if not self.handshake_complete:
            extensions: dict[Any, Any] = self.scope["extensions"] or {}
            self.scope["extensions"] = {**extensions, EXTENSION: self}  # type: ignore[dict-item] # ours

    def take_over(self, owner: Owner, *, pings: bool) -> None:
        """Hand the socket, and every frame from now on, to the owner; without `pings` none is sent by itself."""
        socket = DirectSocket(self, owner)
        waiting: asyncio.Queue[Any] = self.queue
        self.taken_over = True
        # The base class tells its events to a queue and waits at an event; both are the socket now.
        self.queue = self.writable = socket  # type: ignore[assignment]
        # It would stop reading after each frame until the application has fetched it.
        self.read_paused = True
        self.transport.resume_reading()
        if not pings:
            self.stop_keepalive()
        # What only the handshake needed.
        del self.scope, self.request, self.response
        owner.opened(socket)
        while not waiting.empty():
            socket.put_nowait(waiting.get_nowait())

    async def run_asgi(self) -> None:
        try:
            await self.app(self.scope, self.receive, self.send)
        except ClientDisconnected:
            pass
        except BaseException:
            logger.exception("the application failed on a websocket")
            self.send_500_response()
        if not self.handshake_complete:
            self.send_500_response()
        if not self.taken_over and self.close_timer is None:
            self.transport.close()

    def close(self, code: int, reason: str) -> None:
        """Start the closing handshake; a peer that does not answer is cut off after a while."""
        if self.close_sent or self.transport.is_closing():
            return
        self.conn.send_close(code, reason)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.transport.resume_reading()
        # Not `close`: that waits until the peer has read what was written.
        self.close_timer = self.loop.call_later(self.close_timeout, self.transport.abort)


class DirectSocket:
    """The socket of a protocol that was taken over (`realtime.websocket.Socket`)."""

    __slots__ = ("_lost", "_protocol", "owner", "ready")

    def __init__(self, protocol: DirectProtocol, owner: Owner) -> None:
        self._protocol, self.owner = protocol, owner
        self.ready = protocol.writable.is_set()
        self._lost = False

    # --- what sessions call ------------------------------------------------------------------------------------------
    def write(self, encoded: Encoded) -> None:
        if not self._lost and not self._protocol.close_sent:
            self._protocol.transport.write(encoded.frames)

    def close(self, code: int, reason: str = "") -> None:
        if not self._lost:
            self._protocol.close(code, reason)

    def pause(self) -> None:
        self._protocol.transport.pause_reading()

    def resume(self) -> None:
        if not self._lost:
            self._protocol.transport.resume_reading()

    # --- what the protocol calls: its queue of events, and its event of being writable -------------------------------
    def put_nowait(self, event: dict[str, Any]) -> None:
        if self._lost:
            return
        if event["type"] == "websocket.receive":
            try:
                self.owner.frame_received(event["text"] if "text" in event else event["bytes"])
            except Exception:  # a bug must cost this client its connection, not take the server's loop
                logger.exception("a frame could not be handled")
                self.close(_UNEXPECTED)
        elif event["type"] == "websocket.disconnect":
            self._lost = True
            self.owner.lost(event["code"])

    def clear(self) -> None:
        self.ready = False

    def set(self) -> None:
        self.ready = True
        if not self._lost:
            self.owner.writable()
