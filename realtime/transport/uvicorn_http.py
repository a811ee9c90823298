"""uvicorn's HTTP protocol, with a short way in for websockets: a handshake without ASGI (docs/decisions/0010).

`uvicorn --http realtime.transport.uvicorn_http:DirectHttpProtocol`. Only what is plainly right goes this way: a door
that can say at once who is to own the websocket, and a request that leaves nothing to decide. Everything else goes on
to uvicorn and the application, and is refused there; only what uvicorn has no answer to is refused here.
"""

import re
from collections.abc import Mapping
from urllib.parse import parse_qs

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from websockets.utils import accept_key

from .direct_socket import DirectSocket, new_protocol
from .endpoint import DOORS, Door
from .request import credentials_of, headers_of, is_allowed_origin
from .uvicorn_websocket import begin_pings
from .websocket import Owner

# RFC 6455, section 4.1: sixteen bytes in base64.
_KEY = re.compile(r"[A-Za-z0-9+/]{22}==")
_OF_BODIES = frozenset((b"content-length", b"transfer-encoding"))
_MAX_HEADERS, _MAX_LENGTH = 100, 8000
_ACCEPTED = (
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {}\r\n\r\n"
)


class DirectHttpProtocol(HttpToolsProtocol):
    """Serves HTTP as uvicorn does; a websocket at a door of the lifespan's state (`DOORS`) opens here."""

    def handle_websocket_upgrade(self) -> None:
        if self.flow.write_paused or (self.cycle and not self.cycle.response_complete):
            # It has not read the answer before: that would end up among the frames, and hold them up untold.
            self.transport.abort()
            return
        if not self._is_moderate():
            self.send_400_response(f"A websocket opens with no body, {_MAX_HEADERS} headers at most, and short ones.")
            return
        path, _, query = self.url.decode("latin-1").partition("?")
        door: Door | None = self.app_state.get(DOORS, {}).get(path)
        headers = headers_of(self.scope)
        if door and self._is_plain(headers) and (owner := door.open(parse_qs(query), credentials_of(headers))):
            self._accept(headers["sec-websocket-key"], owner, pings=door.pings)
        else:
            super().handle_websocket_upgrade()
        # It holds this object, which holds it: nobody would notice for a long time that neither is needed any more.
        self.parser = None  # type: ignore[assignment]

    def _is_moderate(self) -> bool:
        """Whether `websockets` would read it; what it would not, uvicorn leaves without an answer."""
        # Some devices announce a body of no bytes.
        body = any(name in _OF_BODIES and value != b"0" for name, value in self.headers)
        longest = max(len(self.url), *(len(name) + len(value) for name, value in self.headers))
        return not body and len(self.headers) <= _MAX_HEADERS and longest <= _MAX_LENGTH

    def _is_plain(self, headers: Mapping[str, str]) -> bool:
        return (
            self.scope["method"] == "GET"
            and not self.root_path
            and headers.get("sec-websocket-version") == "13"
            and _KEY.fullmatch(headers.get("sec-websocket-key", "")) is not None
            # None came twice.
            and len(headers) == len(self.headers)
            and is_allowed_origin(headers)
        )

    def _accept(self, key: str, owner: Owner, *, pings: bool) -> None:
        self.connections.discard(self)
        protocol = new_protocol(self.config.ws_max_size)
        socket = DirectSocket(protocol, self.transport, owner, self.connections)
        self.transport.set_protocol(socket)
        socket.begin(_ACCEPTED.format(accept_key(key)).encode())
        if pings:
            begin_pings(socket, self.config)
