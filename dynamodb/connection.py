"""One kept-alive HTTP/1.1 connection to the endpoint: a request at a time, and its whole answer or an error."""

import asyncio
from dataclasses import dataclass
from typing import cast

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from .errors import NoResponse, Stale

# DynamoDB's largest answer holds 16 MB of items; as JSON they are longer.
MAX_ANSWER_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """`headers` have lower-case names."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes


class HttpConnection(asyncio.Protocol):
    """Whatever goes wrong ends it: half an answer, or one that nobody waits for, must not meet the next request."""

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Answer] | None = None
        self._parser = HttpResponseParser(self)
        self._received = 0
        self._headers: dict[bytes, bytes] = {}
        self._body: list[bytes] = []
        self.idle_since = 0.0

    @property
    def usable(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    async def exchange(self, request: bytes, *, seconds: float) -> Answer:
        """Send a request and return its answer; raises `NoResponse` when none comes in time, `Stale` when it ended."""
        if self._transport is None or not self.usable:
            raise Stale("the connection is closed")
        loop = asyncio.get_running_loop()
        self._waiting = loop.create_future()
        self._received = 0
        self._transport.write(request)
        timer = loop.call_later(seconds, self._expire)
        try:
            return await self._waiting
        except BaseException:  # cancelled, too
            self.abort()
            raise
        finally:
            timer.cancel()
            self._waiting = None

    def abort(self) -> None:
        if self._transport:
            self._transport.abort()

    def _expire(self) -> None:
        self._fail(NoResponse("it took too long"))

    def _fail(self, error: NoResponse) -> None:
        if self._waiting and not self._waiting.done():
            self._waiting.set_exception(error)
        self.abort()

    # --- asyncio's side ----------------------------------------------------------------------------------------------
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are one in all but name.
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        kind = NoResponse if self._received else Stale
        self._fail(kind(f"the connection ended ({error or 'closed by the other side'})"))

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        if self._waiting is None:
            self.abort()
        elif self._received > MAX_ANSWER_BYTES:
            self._fail(NoResponse("the answer is too large"))
        else:
            try:
                self._parser.feed_data(data)
            except (HttpParserError, HttpParserUpgrade) as error:
                self._fail(NoResponse(f"the answer is not HTTP ({error})"))

    # --- the parser's side -------------------------------------------------------------------------------------------
    def on_message_begin(self) -> None:
        self._headers, self._body = {}, []
        if self._waiting and self._waiting.done():
            self.abort()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.lower()] = value

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        if self._waiting and not self._waiting.done():
            answer = Answer(self._parser.get_status_code(), self._headers, b"".join(self._body))
            self._waiting.set_result(answer)
            if not self._parser.should_keep_alive() and self._transport:
                self._transport.close()
