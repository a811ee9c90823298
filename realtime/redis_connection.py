"""One connection to Redis for publishing and subscribing, without a task or a future for each command.

redis-py connects and authenticates, as the URL says; then this protocol replaces redis-py's on the same socket. It is
RESP 3, where pushes come between replies (https://redis.io/docs/latest/develop/reference/protocol-spec/).
"""

import asyncio
from collections.abc import Callable
from typing import Any

import hiredis
import redis.asyncio as redis

from foundation.redis_retry import no_retry

_CONNECT_TIMEOUT = 2.0

OnPush = Callable[[list[Any]], None]
OnError = Callable[[Exception], None]


class RedisConnection(asyncio.Protocol):
    """Writes commands without waiting; `on_push` gets `[kind, channel, payload]`, `on_error` each error reply.

    The future `lost` is done when the connection is closed, for whatever reason.
    """

    def __init__(self, connection: redis.Connection, on_push: OnPush, on_error: OnError) -> None:
        self.lost = asyncio.get_running_loop().create_future()
        # How many pings were sent since something was received.
        self._unanswered = 0
        self._on_push, self._on_error = on_push, on_error
        self._replies = hiredis.Reader()
        self._connection = connection
        # redis-py has no public access to a connection's transport.
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
        """How many bytes wait to be written."""
        return self._transport.get_write_buffer_size()

    def send(self, *command: bytes) -> None:
        self._transport.write(hiredis.pack_command(command))  # type: ignore[arg-type] # its type says one part alone

    def ping(self) -> int:
        """Send a ping, and return how many were sent before it since something was received."""
        unanswered = self._unanswered
        self._unanswered += 1
        self.send(b"PING")
        return unanswered

    async def close(self, *, timeout: float) -> None:
        """Close the connection once everything is written, or after `timeout` seconds."""
        self._transport.close()
        await asyncio.wait([self.lost], timeout=timeout)
        if not self.lost.done():
            self._transport.abort()
        await self._connection.disconnect(nowait=True)

    # --- in ----------------------------------------------------------------------------------------------------------
    def data_received(self, data: bytes) -> None:
        self._unanswered = 0
        self._replies.feed(data)
        while (reply := self._replies.gets()) is not False:
            if isinstance(reply, hiredis.PushNotification):
                self._on_push(reply)
            elif isinstance(reply, hiredis.ReplyError):
                self._on_error(reply)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.lost.done():
            self.lost.set_result(None)
