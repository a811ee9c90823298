"""The Channels consumer that opens a websocket at an endpoint, on any ASGI server."""

import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from channels.consumer import AsyncConsumer, get_handler_name
from channels.exceptions import StopConsumer

from foundation.limits.address import client_address
from foundation.limits.connections import RETRY_AFTER, anonymous_connections

from .asgi_socket import AsgiSocket
from .endpoint import Endpoint
from .request import credentials_of, headers_of, is_allowed_origin
from .uvicorn_websocket import EXTENSION
from .websocket import SocketHandler

logger = logging.getLogger(__name__)


class WebSocketConsumer(AsyncConsumer):  # type: ignore[misc] # channels has no types
    """Checks the Origin, and accepts the websocket when the endpoint has a handler for it.

    It has no channel of its own: the hub subscribes once for all connections of the process.
    """

    socket: AsgiSocket | None = None

    def __init__(self, endpoint: Endpoint) -> None:
        super().__init__()
        self.endpoint = endpoint

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        """Handle the server's messages until the websocket is gone."""
        self.scope, self.base_send = scope, send
        try:
            with contextlib.suppress(StopConsumer):
                while True:
                    await self.dispatch(await receive())
        finally:
            # After an error the server closes the websocket, and tells nobody.
            self._lose(1011)

    async def dispatch(self, message: dict[str, Any]) -> None:
        # Channels' own dispatch hops to a thread before every frame to close SQL connections; there are none.
        await getattr(self, get_handler_name(message))(message)

    async def websocket_connect(self, message: dict[str, Any]) -> None:
        handler = await self._handler()
        if handler is None:
            await self._refuse()
            return
        await self.base_send({"type": "websocket.accept"})
        direct = self.scope.get("extensions", {}).get(EXTENSION)
        if direct:
            direct.detach(handler, pings=self.endpoint.needs_pings)
            raise StopConsumer
        self.socket = AsgiSocket(handler, self.base_send)
        handler.opened(self.socket)

    async def _refuse(self) -> None:
        """Refuse with 403, or with 429 while the client's address may open no more; some servers know only 403."""
        if "websocket.http.response" in self.scope.get("extensions", {}) and anonymous_connections.is_full(
            client_address(self.scope)
        ):
            headers = [(b"retry-after", b"%d" % RETRY_AFTER)]
            await self.base_send({"type": "websocket.http.response.start", "status": 429, "headers": headers})
            await self.base_send({"type": "websocket.http.response.body", "body": b""})
            raise StopConsumer
        await self.base_send({"type": "websocket.close"})

    async def _handler(self) -> SocketHandler | None:
        headers = headers_of(self.scope)
        if not is_allowed_origin(headers):
            logger.info("websocket refused: origin %s is not in ALLOWED_ORIGINS", headers.get("origin"))
            return None
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        credentials = credentials_of(self.scope, headers)
        return self.endpoint.new_handler(query, credentials) or await self.endpoint.find_handler(query, credentials)

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        if self.socket:
            await self.socket.reading.wait()
            text = message.get("text")
            # The socket's handler: an upgrade may have replaced the one that opened it.
            self.socket.handler.frame_received(text if text is not None else message.get("bytes") or b"")

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        self._lose(message.get("code", 1006))
        raise StopConsumer

    def _lose(self, code: int) -> None:
        socket, self.socket = self.socket, None
        if socket:
            socket.stop()
            socket.handler.lost(code)
