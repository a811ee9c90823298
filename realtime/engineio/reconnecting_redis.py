"""A connection to Redis that is kept up: dropped when Redis stops answering, and made anew as soon as there is one."""

import asyncio
from collections.abc import Callable
from typing import Any

import redis.asyncio as redis

from .redis_connection import RedisConnection

_RETRY_SECONDS = 0.5
# A Redis that does not answer two pings in a row is reconnected to.
_PING_INTERVAL = 2.0
_MAX_UNANSWERED = 2


class ReconnectingRedis:
    """Calls `on_connect` with each new connection; `on_disconnect` when one is lost, and after each failed attempt.

    `on_error` gets what went wrong, each time: it is for the caller to log it less often.
    """

    def __init__(
        self,
        url: str,
        *,
        on_push: Callable[[list[Any]], None],
        on_connect: Callable[[RedisConnection], None],
        on_disconnect: Callable[[], None],
        on_error: Callable[[str, Exception | None], None],
    ) -> None:
        self._url, self._on_push = url, on_push
        self._on_connect, self._on_disconnect, self._on_error = on_connect, on_disconnect, on_error
        self._connection: RedisConnection | None = None
        self._task = asyncio.create_task(self._keep_connected())

    async def _keep_connected(self) -> None:
        while True:
            try:
                self._connection = await RedisConnection.open(self._url, self._on_push, self._on_refusal)
                self._on_connect(self._connection)
                await self._ping_until_lost(self._connection)
            except (redis.RedisError, OSError) as error:
                self._on_error("Redis cannot be reached", error)
            self._connection = None
            self._on_disconnect()
            await asyncio.sleep(_RETRY_SECONDS)

    async def _ping_until_lost(self, connection: RedisConnection) -> None:
        while not connection.lost.done() and connection.ping() < _MAX_UNANSWERED:
            await asyncio.wait([connection.lost], timeout=_PING_INTERVAL)
        self._on_error("the connection to Redis broke off", None)
        await connection.close(timeout=0)

    def _on_refusal(self, error: Exception) -> None:
        self._on_error("Redis refused a command", error)

    async def close(self, *, timeout: float) -> None:
        """Close the connection once everything is written, or after `timeout` seconds with what is not."""
        self._task.cancel()
        await asyncio.wait([self._task], timeout=timeout)
        if self._connection:
            await self._connection.close(timeout=timeout)
