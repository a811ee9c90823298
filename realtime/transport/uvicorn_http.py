"""uvicorn's HTTP protocol with a fast path for websockets: their handshake without ASGI (docs/decisions/0010).

`uvicorn --http realtime.transport.uvicorn_http:DirectHttpProtocol`. The fast path serves only plain, valid handshakes
at an endpoint that has a handler at once. All other requests go on to uvicorn and the application, which also refuse
what is wrong; refused here are only requests to which uvicorn would give no response.
"""

import re
from collections.abc import Mapping
from urllib.parse import parse_qs

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from websockets.utils import accept_key

from .direct_socket import DirectSocket, new_protocol
from .endpoint import ENDPOINTS, Endpoint
from .request import credentials_of, headers_of, is_allowed_origin
from .uvicorn_websocket import start_pings
from .websocket import SocketHandler

# RFC 6455, section 4.1: sixteen bytes in base64.
_KEY = re.compile(r"[A-Za-z0-9+/]{22}==")
_BODY_HEADERS = frozenset((b"content-length", b"transfer-encoding"))
# Within the limits of `websockets`: 128 headers, lines of 8,192 bytes.
_MAX_HEADERS, _MAX_LENGTH = 100, 8000
_RESPONSE = (
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {}\r\n\r\n"
)


class DirectHttpProtocol(HttpToolsProtocol):
    """Serves HTTP as uvicorn does, and opens websockets at the endpoints of the lifespan's state (`ENDPOINTS`)."""

    def handle_websocket_upgrade(self) -> None:
        if self.flow.write_paused or (self.cycle and not self.cycle.response_complete):
            # The response to an earlier request is still to be written: it would end up between websocket frames.
            self.transport.abort()
            return
        if not self._is_within_limits():
            self.send_400_response(f"A websocket opens with no body, {_MAX_HEADERS} headers at most, and short ones.")
            return
        path, _, query = self.url.decode("latin-1").partition("?")
        endpoint: Endpoint | None = self.app_state.get(ENDPOINTS, {}).get(path)
        headers = headers_of(self.scope)
        if (
            endpoint
            and self._is_plain(headers)
            and (handler := endpoint.new_handler(parse_qs(query), credentials_of(self.scope, headers)))
        ):
            self._accept(headers["sec-websocket-key"], handler, pings=endpoint.needs_pings)
        else:
            super().handle_websocket_upgrade()
        # Break the reference cycle between the two: the collector would be slow to.
        self.parser = None  # type: ignore[assignment]

    def _is_within_limits(self) -> bool:
        """Whether `websockets` would parse it; uvicorn sends no response to a request that it would not."""
        # Some devices announce a body of no bytes.
        has_body = any(name in _BODY_HEADERS and value != b"0" for name, value in self.headers)
        longest = max(len(self.url), *(len(name) + len(value) for name, value in self.headers))
        return not has_body and len(self.headers) <= _MAX_HEADERS and longest <= _MAX_LENGTH

    def _is_plain(self, headers: Mapping[str, str]) -> bool:
        return (
            self.scope["method"] == "GET"
            and not self.root_path
            and headers.get("sec-websocket-version") == "13"
            and _KEY.fullmatch(headers.get("sec-websocket-key", "")) is not None
            # No header came twice: of two Origins, which one would count?
            and len(headers) == len(self.headers)
            and is_allowed_origin(headers)
        )

    def _accept(self, key: str, handler: SocketHandler, *, pings: bool) -> None:
        self.connections.discard(self)
        protocol = new_protocol(self.config.ws_max_size)
        socket = DirectSocket(protocol, self.transport, handler, self.connections)
        self.transport.set_protocol(socket)
        socket.start(_RESPONSE.format(accept_key(key)).encode())
        if pings:
            start_pings(socket, self.config)
