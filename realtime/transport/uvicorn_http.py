"""uvicorn's HTTP protocol with a guard of the requests that open a websocket, which are parsed once.

`uvicorn --http realtime.transport.uvicorn_http:GuardedHttpProtocol`. What passes goes on to uvicorn and the
application; refused here are only requests to which uvicorn would give no response, or a wrong one.
"""

import asyncio
from collections.abc import Mapping
from time import perf_counter
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from foundation.limits import compute
from foundation.limits.connections import http_connections

from .uvicorn_websocket import DirectProtocol

_BODY_HEADERS = frozenset((b"content-length", b"transfer-encoding"))
# Within the limits of `websockets`: 128 headers, lines of 8,192 bytes.
_MAX_HEADERS, _MAX_LENGTH = 100, 8000


# Of any request: its address and headers in bytes, how many headers, and seconds until they are here.
_MAX_HEAD, _MAX_HEADERS_OF_ANY, _HEAD_SECONDS = 64 * 1024, 200, 15.0
# Seconds of computing that a head has for nothing: an honest one takes a third.
_FREE_HEAD_SECONDS = 0.0003
# Of a header, but for those that carry a session: some are parsed in time that grows with the square of their length.
_MAX_HEADER, _LONG_HEADERS = 8 * 1024, frozenset((b"cookie", b"authorization"))
# Requests that wait for the response to an earlier one; pieces of a body that are counted before they must be larger.
_MAX_PIPELINED, _FREE_PIECES, _MIN_PIECE = 8, 4096, 64


class _Refused(Exception):
    """Raised within the parser, which stops: uvicorn responds with 400, and closes."""


class _OpenTransport:
    """A connection that takes nothing more once it is lost: uvloop raises until the protocol has learnt of that."""

    __slots__ = ("_transport",)

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport

    def write(self, data: bytes) -> None:
        if not self._transport.is_closing():
            self._transport.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class GuardedHttpProtocol(HttpToolsProtocol):
    """Serves HTTP as uvicorn does, to clients that send a head of a fair size in a fair time.

    uvicorn itself waits for ever, and takes a head of any size. The application bounds the bodies that it reads;
    what it does not read counts as the next head.
    """

    _address: str | None = None
    _deadline: asyncio.TimerHandle | None = None
    # The bytes of the head so far: those of whole headers, and those received while it is not complete.
    _in_head = False
    _head_size = _head_received = 0
    _body_size = _body_pieces = 0
    # What a head has cost that is not charged yet.
    _head_seconds = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        address = self.client[0] if self.client else ""
        if not http_connections.add(address):
            transport.abort()
            return
        self._address = address
        self._deadline = self.loop.call_later(_HEAD_SECONDS, self._on_deadline)

    def connection_lost(self, exc: Exception | None) -> None:
        self._release()
        super().connection_lost(exc)

    def _release(self) -> None:
        """Undo `connection_made`: the connection is gone, or a websocket."""
        if self._address is not None:
            http_connections.remove(self._address)
            self._address = None
        if self._deadline:
            self._deadline.cancel()
            self._deadline = None

    # --- deadlines ---------------------------------------------------------------------------------------------------
    def data_received(self, data: bytes) -> None:
        began = perf_counter()
        super().data_received(data)
        self._charge(perf_counter() - began)
        if self._address is None or self.transport.is_closing():
            return
        if self._in_head or not self._is_serving():
            if self._deadline is None:
                self._deadline = self.loop.call_later(_HEAD_SECONDS, self._on_deadline)
            self._head_received += len(data)
            if self._head_received > _MAX_HEAD:
                self.send_400_response("The head of the request is too large.")
        elif self._deadline:
            self._deadline.cancel()
            self._deadline, self._head_received = None, 0

    def _charge(self, seconds: float) -> None:
        """Charge a body to its caller, and to the address what took long before that is known.

        Else the heads of all who have signed in, from an office behind one address, would make strangers there owe.
        """
        caller = compute.noted_caller(self._scope_of_client())
        if caller:
            compute.charge_step(caller, seconds)
            return
        self._head_seconds += seconds
        if self._head_seconds > _FREE_HEAD_SECONDS:
            compute.charge_address(self._scope_of_client(), self._head_seconds)
            self._head_seconds = 0.0

    def _scope_of_client(self) -> Mapping[str, Any]:
        """Return what says who the client is: behind a proxy, only the head of its request does."""
        scope: Mapping[str, Any] | None = self.scope
        return scope or {"client": self.client, "headers": ()}

    def _is_serving(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _on_deadline(self) -> None:
        self._deadline = None
        if self._is_serving():
            # Reading may have stopped until the response to an earlier request is complete.
            self._deadline = self.loop.call_later(_HEAD_SECONDS, self._on_deadline)
        else:
            self.transport.abort()

    # --- sizes -------------------------------------------------------------------------------------------------------
    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head_size, self._body_size, self._body_pieces = True, 0, 0, 0
        self._head_seconds = 0.0

    def on_url(self, url: bytes) -> None:
        self._count_head(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count_head(len(name) + len(value))
        if len(self.headers) >= _MAX_HEADERS_OF_ANY:
            raise _Refused
        if len(value) > _MAX_HEADER and name.lower() not in _LONG_HEADERS:
            raise _Refused
        super().on_header(name, value)

    def _count_head(self, size: int) -> None:
        self._head_size += size
        if self._head_size > _MAX_HEAD:
            raise _Refused

    def on_headers_complete(self) -> None:
        self._in_head = False
        if len(self.pipeline) >= _MAX_PIPELINED:
            raise _Refused
        before = self.cycle
        super().on_headers_complete()
        if self.cycle is not before:
            self.cycle.transport = _OpenTransport(self.transport)  # type: ignore[assignment] # as far as it is used

    def on_body(self, body: bytes) -> None:
        self._body_size += len(body)
        self._body_pieces += 1
        # Each piece costs a call: a body in chunks of one byte would hold everybody up.
        if self._body_pieces > _FREE_PIECES and self._body_size < _MIN_PIECE * self._body_pieces:
            raise _Refused
        super().on_body(body)

    # --- websockets --------------------------------------------------------------------------------------------------

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
        self._release()
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
