"""Opens Engine.IO websockets: each starts a new session or upgrades one that began with polling."""

from collections.abc import Callable, Mapping

from foundation.limits.connections import anonymous_connections
from realtime.transport.endpoint import Query
from realtime.transport.request import ADDRESS
from realtime.transport.websocket import SocketHandler

from . import packets
from .contract import SessionError
from .server import Server
from .upgrade import Upgrade


class EngineIOEndpoint:
    """Implements `realtime.transport.endpoint.Endpoint`.

    `get_server` is called for each websocket, since each event loop has its own server.
    """

    # Sessions have a heartbeat of their own, on every transport.
    needs_pings = False

    def __init__(self, get_server: Callable[[], Server]) -> None:
        self._get_server = get_server

    def new_handler(self, query: Query, credentials: Mapping[str, str]) -> SocketHandler | None:
        is_new = "sid" not in query and query.get("EIO") == [packets.VERSION]
        if not is_new or query.get("transport") != ["websocket"]:
            return None
        if anonymous_connections.is_full(credentials.get(ADDRESS, "")):
            return None
        return self._get_server().open_session(credentials, transport="websocket", base64=_wants_base64(query))

    async def find_handler(self, query: Query, credentials: Mapping[str, str]) -> SocketHandler | None:
        if "sid" not in query or query.get("transport") != ["websocket"]:
            return None
        server, sid = self._get_server(), query["sid"][0]
        try:
            await server.transport_of(sid)
        except SessionError:
            return None
        return Upgrade(server, sid, base64=_wants_base64(query))


def _wants_base64(query: Query) -> bool:
    return query.get("b64", ["0"]) != ["0"]
