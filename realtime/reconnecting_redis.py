"""A connection to Redis that is pinged, and replaced when it is lost or Redis does not respond."""

import asyncio
from collections.abc import Callable
from typing import Any

import redis.asyncio as redis

from .redis_connection import RedisConnection

_RETRY_SECONDS = 0.5
PING_SECONDS = 2.0
# After so many pings in a row without anything received, the connection is replaced.
_MAX_UNANSWERED = 2


class ReconnectingRedis:
    """`on_open` gets each new connection; `on_lost` is called when it is lost, and after each failed attempt.

    `on_error` gets everything that goes wrong, however often: it should throttle what it logs.
    """

    def __init__(
        self,
        url: str,
        *,
        on_push: Callable[[list[Any]], None],
        on_open: Callable[[RedisConnection], None],
        on_lost: Callable[[], None],
        on_error: Callable[[str, Exception | None], None],
    ) -> None:
        self._url, self._on_push = url, on_push
        self._on_open, self._on_lost, self._on_error = on_open, on_lost, on_error
        self._connection: RedisConnection | None = None
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while True:
            try:
                self._connection = await RedisConnection.open(self._url, self._on_push, self._on_refusal)
                self._on_open(self._connection)
                await self._wait_until_lost(self._connection)
            except (redis.RedisError, OSError) as error:
                self._on_error("Redis cannot be reached", error)
            self._connection = None
            self._on_lost()
            await asyncio.sleep(_RETRY_SECONDS)

    async def _wait_until_lost(self, connection: RedisConnection) -> None:
        while not connection.lost.done() and connection.ping() < _MAX_UNANSWERED:
            await asyncio.wait([connection.lost], timeout=PING_SECONDS)
        self._on_error("the connection to Redis was lost", None)
        await connection.close(timeout=0)

    def _on_refusal(self, error: Exception) -> None:
        self._on_error("Redis refused a command", error)

    async def close(self, *, timeout: float) -> None:
        """Close the connection once everything is written, or after `timeout` seconds."""
        self._task.cancel()
        await asyncio.wait([self._task], timeout=timeout)
        if self._connection:
            await self._connection.close(timeout=timeout)
