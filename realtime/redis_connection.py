"""One connection to Redis that publishes and hears: no task, no future and no waiting for a message.

redis-py connects and signs in, whatever the address asks for, and hands the socket over. From then on the protocol is
RESP 3, where what others publish comes between the answers (https://redis.io/docs/latest/develop/reference/protocol-spec/).
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
    """Commands go out without waiting; `on_push` gets `[kind, topic, payload]` of each push, `on_error` each refusal.

    `lost` is done when the connection is gone, for whatever reason.
    """

    def __init__(self, connection: redis.Connection, on_push: OnPush, on_error: OnError) -> None:
        self.lost = asyncio.get_running_loop().create_future()
        # How often Redis was asked for a sign of life since the last thing that it said.
        self._unanswered = 0
        self._on_push, self._on_error = on_push, on_error
        self._replies = hiredis.Reader()
        self._connection = connection
        # There is no public way to the transport of a connection that redis-py has opened.
        self._transport: asyncio.Transport = connection._writer.transport  # type: ignore[union-attr,assignment]
        self._transport.set_protocol(self)

    @classmethod
    async def open(cls, url: str, on_push: OnPush, on_error: OnError) -> "RedisConnection":
        """Connect and sign in; raises `redis.RedisError` or `OSError`."""
        patience = {"socket_connect_timeout": _CONNECT_TIMEOUT, "socket_timeout": _CONNECT_TIMEOUT}
        pool = redis.ConnectionPool.from_url(url, protocol=3, retry=no_retry(), **patience)
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
        """How many bytes wait to be taken by Redis."""
        return self._transport.get_write_buffer_size()

    def send(self, *command: bytes) -> None:
        self._transport.write(hiredis.pack_command(command))  # type: ignore[arg-type] # its type says one part alone

    def ping(self) -> int:
        """Ask for a sign of life, and return how many such questions have found none before."""
        silent = self._unanswered
        self._unanswered += 1
        self.send(b"PING")
        return silent

    async def close(self, *, timeout: float) -> None:
        """Let go of the connection once all is written, or after `timeout` seconds whatever is left."""
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
