"""The Channels consumer that opens a websocket, on any ASGI server."""

import contextlib
import logging
from abc import abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qs

from channels.exceptions import StopConsumer

from foundation.limits import compute
from foundation.limits.address import client_address
from foundation.limits.connections import RETRY_AFTER, anonymous_connections, waiting_handshakes

from .asgi_socket import AsgiSocket
from .consumer import LayerlessConsumer
from .request import credentials_of, headers_of, is_allowed
from .uvicorn_websocket import EXTENSION
from .websocket import SocketHandler

logger = logging.getLogger(__name__)

_ABNORMAL_CLOSURE = 1006
# A request's query, as `urllib.parse.parse_qs` returns it.
Query = Mapping[str, list[str]]


class WebSocketConsumer(LayerlessConsumer):
    """Checks Host and Origin, and accepts the websocket when `find_handler` has a handler for it.

    On our own uvicorn protocol the websocket is then detached, and the consumer is done; on other servers it passes
    the server's messages on to the handler.
    """

    # Whether the server sends websocket pings: a protocol with a heartbeat of its own needs none.
    needs_pings = False
    # The handshake, until the websocket is accepted: an idle connection keeps nothing of it.
    scope: Mapping[str, Any] = {}
    socket: AsgiSocket | None = None

    @abstractmethod
    async def find_handler(self, query: Query, credentials: Mapping[str, str]) -> SocketHandler | None:
        """Return what handles the websocket from now on; None refuses it.

        A client's address may have only so many that have not signed in yet (`foundation.limits.connections`).
        """

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        """Handle the server's messages until the websocket is gone, or detached."""
        self.scope, self.base_send = scope, send
        try:
            with contextlib.suppress(StopConsumer):
                while True:
                    await self.dispatch(await receive())
        finally:
            # After an error the server closes the websocket, and tells nobody.
            self._lose(1011)

    async def websocket_connect(self, message: dict[str, Any]) -> None:
        caller = compute.at_address(self.scope)
        # Without an address it is this process, which asks itself whether it serves.
        if self.scope.get("client") and compute.must_wait(caller, is_request=True):
            await self._wait(caller)
        await compute.metered(caller, self._open())

    async def _wait(self, caller: str) -> None:
        address = client_address(self.scope)
        if not waiting_handshakes.add(address):
            await self._refuse(is_full=True)
            raise StopConsumer
        try:
            await compute.wait_behind(caller, self._has_gone)
        finally:
            waiting_handshakes.remove(address)
        if self._has_gone():
            raise StopConsumer

    def _has_gone(self) -> bool:
        direct = self.scope.get("extensions", {}).get(EXTENSION)
        return direct is not None and direct.disconnected

    async def _open(self) -> None:
        handler = await self._allowed_handler()
        if handler is None:
            await self._refuse(is_full=anonymous_connections.is_full(client_address(self.scope)))
            return
        try:
            await self.send({"type": "websocket.accept"})
        except BaseException:
            # The client has left meanwhile. The handler may have begun something, such as a session.
            handler.lost(_ABNORMAL_CLOSURE)
            raise
        direct = self.scope.get("extensions", {}).get(EXTENSION)
        # Back to those of the class: the handler may keep the consumer for as long as the websocket is open.
        del self.scope
        if direct:
            del self.base_send
            direct.detach(handler, pings=self.needs_pings)
            raise StopConsumer
        self.socket = AsgiSocket(handler, self.base_send)
        handler.opened(self.socket)

    async def _refuse(self, *, is_full: bool) -> None:
        """Refuse with 403, or with 429 while the client's address may open no more; some servers know only 403."""
        if is_full and "websocket.http.response" in self.scope.get("extensions", {}):
            headers = [(b"retry-after", b"%d" % RETRY_AFTER)]
            await self.send({"type": "websocket.http.response.start", "status": 429, "headers": headers})
            await self.send({"type": "websocket.http.response.body", "body": b""})
            raise StopConsumer
        await self.send({"type": "websocket.close"})

    async def _allowed_handler(self) -> SocketHandler | None:
        headers = headers_of(self.scope)
        if not is_allowed(headers):
            logger.info("websocket refused: ALLOWED_HOSTS and ALLOWED_ORIGINS do not have its Host and Origin")
            return None
        query = parse_qs(self.scope["query_string"].decode("latin-1"))
        return await self.find_handler(query, credentials_of(self.scope, headers))

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        if self.socket:
            await self.socket.reading.wait()
            text = message.get("text")
            # The socket's handler: an upgrade may have replaced the one that opened it.
            self.socket.handler.frame_received(text if text is not None else message.get("bytes") or b"")

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        self._lose(message.get("code", _ABNORMAL_CLOSURE))
        raise StopConsumer

    def _lose(self, code: int) -> None:
        socket, self.socket = self.socket, None
        if socket:
            socket.stop()
            socket.handler.lost(code)
