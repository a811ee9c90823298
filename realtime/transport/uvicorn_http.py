"""uvicorn's HTTP protocol with a guard of the requests that open a websocket, which are parsed once.

`uvicorn --http realtime.transport.uvicorn_http:GuardedHttpProtocol`. What passes goes on to uvicorn and the
application; refused here are only requests to which uvicorn would give no response, or a wrong one.
"""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .uvicorn_websocket import DirectProtocol

_BODY_HEADERS = frozenset((b"content-length", b"transfer-encoding"))
# Within the limits of `websockets`: 128 headers, lines of 8,192 bytes.
_MAX_HEADERS, _MAX_LENGTH = 100, 8000


class GuardedHttpProtocol(HttpToolsProtocol):
    """Serves HTTP as uvicorn does."""

    def handle_websocket_upgrade(self) -> None:
        if self.flow.write_paused or (self.cycle and not self.cycle.response_complete):
            # The response to an earlier request is still to be written: it would end up between websocket frames.
            self.transport.abort()
            return
        if not self._is_within_limits():
            self.send_400_response(
                f"A websocket opens with a path in ASCII, no body, {_MAX_HEADERS} headers at most, and short ones."
            )
            return
        if self.scope["method"] == "GET" and self.ws_protocol_class is DirectProtocol:
            self._hand_over()
        else:
            # uvicorn writes the request anew for the websocket's protocol, which refuses the method.
            super().handle_websocket_upgrade()
        # Break the reference cycle between the two: the collector would be slow to.
        self.parser = None  # type: ignore[assignment]

    def _hand_over(self) -> None:
        """Have the websocket's protocol go on with the request as it is parsed: an eighth of what opening one costs."""
        self.connections.discard(self)
        protocol = DirectProtocol(self.config, self.server_state, self.app_state)
        protocol.connection_made(self.transport)
        protocol.request_received(self.url, self.headers)
        self.transport.set_protocol(protocol)

    def _is_within_limits(self) -> bool:
        """Whether `websockets` would parse it; uvicorn sends no response to a request that it would not."""
        # Some devices announce a body of no bytes.
        has_body = any(name in _BODY_HEADERS and value != b"0" for name, value in self.headers)
        longest = max(len(self.url), *(len(name) + len(value) for name, value in self.headers))
        is_short = len(self.headers) <= _MAX_HEADERS and longest <= _MAX_LENGTH
        return not has_body and is_short and self.url.isascii()
