"""The Channels consumer that opens a websocket for a door, and hands it to whoever is to own it."""

import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs

from channels.consumer import AsyncConsumer, get_handler_name
from channels.exceptions import StopConsumer

from .endpoint import Door
from .request import credentials_of, headers_of, is_allowed_origin
from .uvicorn_websocket import EXTENSION
from .websocket import AsgiSocket, Owner

logger = logging.getLogger(__name__)


class WebSocketConsumer(AsyncConsumer):  # type: ignore[misc] # channels has no types
    """Checks where the request comes from; the door says who owns the websocket, or refuses it.

    It has no channel of its own: the hub subscribes once for all connections of the process.
    """

    owner: Owner | None = None
    socket: AsgiSocket | None = None

    def __init__(self, door: Door) -> None:
        super().__init__()
        self.door = door

    async def __call__(
        self,
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        """Handle what comes, until it is over; without a channel to listen to, one task does."""
        self.scope, self.base_send = scope, send
        with contextlib.suppress(StopConsumer):
            while True:
                await self.dispatch(await receive())

    async def dispatch(self, message: dict[str, Any]) -> None:
        # Channels' own dispatch hops to a thread before every frame to close SQL connections; there are none.
        await getattr(self, get_handler_name(message))(message)

    async def websocket_connect(self, message: dict[str, Any]) -> None:
        headers = headers_of(self.scope)
        if not is_allowed_origin(headers):
            logger.info("socket refused: origin %s is not in ALLOWED_ORIGINS", headers.get("origin"))
            owner = None
        else:
            query = parse_qs(self.scope["query_string"].decode("latin-1"))
            credentials = credentials_of(headers)
            owner = self.door.open(query, credentials) or await self.door.find(query, credentials)
        if owner is None:
            await self.base_send({"type": "websocket.close"})
            return
        await self.base_send({"type": "websocket.accept"})
        direct = self.scope.get("extensions", {}).get(EXTENSION)
        if direct:
            direct.take_over(owner, pings=self.door.pings)
            raise StopConsumer
        self.owner, self.socket = owner, AsgiSocket(owner, self.base_send)
        owner.opened(self.socket)

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        if self.socket:
            await self.socket.reading.wait()
            text = message.get("text")
            # Who owns it may have changed since.
            self.socket.owner.frame_received(text if text is not None else message.get("bytes") or b"")

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        if self.socket:
            self.socket.gone()
            self.socket.owner.lost(message.get("code", 1006))
        raise StopConsumer
