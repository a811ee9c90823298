"""One connection to Redis that publishes and subscribes, with no task, future or await for a message.

redis-py connects and authenticates, whatever the URL asks for; then this takes its socket over. The protocol is RESP 3,
in which pushes come between the replies (https://redis.io/docs/latest/develop/reference/protocol-spec/).
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import hiredis
import redis.asyncio as redis

from foundation.redis_retry import no_retry

_CONNECT_TIMEOUT = 2.0

OnPush = Callable[[list[Any]], None]
OnError = Callable[[Exception], None]


class RedisConnection(asyncio.Protocol):
    """Commands are written without waiting; `on_push` gets `[kind, channel, payload]` of each push, `on_error` errors.

    `lost` is done when the connection is gone, for whatever reason.
    """

    def __init__(self, connection: redis.Connection, on_push: OnPush, on_error: OnError) -> None:
        self.lost = asyncio.get_running_loop().create_future()
        # How many pings have been sent since anything came.
        self._unanswered = 0
        self._on_push, self._on_error = on_push, on_error
        self._parser = hiredis.Reader()
        self._connection = connection
        # There is no public way to the transport of a connection that redis-py has opened.
        self._transport: asyncio.Transport = connection._writer.transport  # type: ignore[union-attr,assignment]
        self._transport.set_protocol(self)

    @classmethod
    async def open(cls, url: str, on_push: OnPush, on_error: OnError) -> "RedisConnection":
        """Connect and authenticate; raises `redis.RedisError` or `OSError`."""
        timeouts = {"socket_connect_timeout": _CONNECT_TIMEOUT, "socket_timeout": _CONNECT_TIMEOUT}
        pool = redis.ConnectionPool.from_url(url, protocol=3, retry=no_retry(), **timeouts)
        connection = pool.make_connection()  # type: ignore[no-untyped-call]
        try:
            await connection.connect()
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        return cls(connection, on_push, on_error)

    # --- out ---------------------------------------------------------------------------------------------------------
    @property
    def backlog(self) -> int:
        """How many bytes are buffered because Redis does not read them."""
        return self._transport.get_write_buffer_size()

    def send(self, *command: bytes) -> None:
        # uvloop raises on a transport that is closed although `connection_lost` has not been called yet.
        with contextlib.suppress(RuntimeError):
            self._transport.write(hiredis.pack_command(command))  # type: ignore[arg-type] # its type says one part alone

    def ping(self) -> int:
        """Send a ping, and return how many before it are unanswered."""
        unanswered = self._unanswered
        self._unanswered += 1
        self.send(b"PING")
        return unanswered

    async def close(self, *, timeout: float) -> None:
        """Close once everything is written, or after `timeout` seconds with what is not."""
        self._transport.close()
        await asyncio.wait([self.lost], timeout=timeout)
        if not self.lost.done():
            self._transport.abort()
        await self._connection.disconnect(nowait=True)

    # --- in ----------------------------------------------------------------------------------------------------------
    def data_received(self, data: bytes) -> None:
        self._unanswered = 0
        self._parser.feed(data)
        while (reply := self._parser.gets()) is not False:
            if isinstance(reply, hiredis.PushNotification):
                self._on_push(reply)
            elif isinstance(reply, hiredis.ReplyError):
                self._on_error(reply)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.lost.done():
            self.lost.set_result(None)
