"""One keep-alive HTTP/1.1 connection to the endpoint: one request at a time, its whole response or an error."""

import asyncio
from dataclasses import dataclass
from typing import cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from .errors import NoResponse, StaleConnection

# A response of DynamoDB holds at most 16 MB of items; their JSON is longer.
MAX_RESPONSE_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Response:
    """An HTTP response; the names of `headers` are lower-case. `resent`: an earlier try of it had no response."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes
    resent: bool = False


class HttpConnection(asyncio.Protocol):
    """Any error closes the connection: a late or partial response must not be read as that of the next request."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._response: asyncio.Future[Response] | None = None
        self._parser = HttpResponseParser(self)
        self._received = 0
        self._headers: dict[bytes, bytes] = {}
        self._body: list[bytes] = []
        self.idle_since = 0.0

    @property
    def usable(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    async def send(self, request: bytes, *, read_timeout: float) -> Response:
        """Return the response; raises `NoResponse` after `read_timeout` seconds, or `StaleConnection`."""
        if self._transport is None or not self.usable:
            raise StaleConnection("the connection is closed")
        loop = asyncio.get_running_loop()
        self._response = loop.create_future()
        self._received = 0
        self._transport.write(request)
        timer = loop.call_later(read_timeout, self._expire)
        try:
            return await self._response
        except BaseException:  # cancellation too
            self.abort()
            raise
        finally:
            timer.cancel()
            self._response = None

    def abort(self) -> None:
        if self._transport:
            self._transport.abort()

    def _expire(self) -> None:
        self._fail(NoResponse("it took too long"))

    def _fail(self, error: NoResponse) -> None:
        if self._response and not self._response.done():
            self._response.set_exception(error)
        self.abort()

    # --- asyncio.Protocol --------------------------------------------------------------------------------------------
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports have the interface without the base class.
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        error_class = NoResponse if self._received else StaleConnection
        self._fail(error_class(f"the connection ended ({error or 'closed by the server'})"))

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        if self._response is None:
            self.abort()
        elif self._received > MAX_RESPONSE_BYTES:
            self._fail(NoResponse("the response is too large"))
        else:
            try:
                self._parser.feed_data(data)
            except (HttpParserError, HttpParserUpgrade) as error:
                self._fail(NoResponse(f"the response is not HTTP ({error})"))

    # --- callbacks of the parser -------------------------------------------------------------------------------------
    def on_message_begin(self) -> None:
        self._headers, self._body = {}, []
        if self._response and self._response.done():
            self.abort()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        if self._response and not self._response.done():
            response = Response(self._parser.get_status_code(), self._headers, b"".join(self._body))
            self._response.set_result(response)
            if not self._parser.should_keep_alive() and self._transport:
                self._transport.close()
