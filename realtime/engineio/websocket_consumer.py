"""Opens Engine.IO websockets: each starts a new session or upgrades one that began with polling."""

from collections.abc import Callable, Mapping

from foundation.limits.connections import anonymous_connections
from realtime.transport.request import ADDRESS
from realtime.transport.websocket import SocketHandler
from realtime.transport.websocket_consumer import Query, WebSocketConsumer

from . import packets
from .contract import SessionError
from .server import Server
from .upgrade import Upgrade


class EngineIOWebSocketConsumer(WebSocketConsumer):
    """Has a session handle the websocket, which has a heartbeat of its own on every transport.

    `get_server` is called for each websocket, since each event loop has its own server.
    """

    def __init__(self, get_server: Callable[[], Server]) -> None:
        super().__init__()
        self._server = get_server()

    async def find_handler(self, query: Query, credentials: Mapping[str, str]) -> SocketHandler | None:
        if query.get("transport") != ["websocket"]:
            return None
        wants_base64 = query.get("b64", ["0"]) != ["0"]
        if "sid" in query:
            return await self._upgrade(query["sid"][0], wants_base64, f"address:{credentials.get(ADDRESS, '')}")
        if query.get("EIO") != [packets.VERSION] or anonymous_connections.is_full(credentials.get(ADDRESS, "")):
            return None
        return self._server.open_session(credentials, transport="websocket", base64=wants_base64)

    async def _upgrade(self, sid: str, wants_base64: bool, caller: str) -> Upgrade | None:
        try:
            await self._server.transport_of(sid)
        except SessionError:
            return None
        return Upgrade(self._server, sid, base64=wants_base64, caller=caller)
