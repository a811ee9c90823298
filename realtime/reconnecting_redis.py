"""A connection to Redis that is kept: one that says nothing is given up, and made anew as soon as there is a Redis."""

import asyncio
from collections.abc import Callable
from typing import Any

import redis.asyncio as redis

from .redis_connection import RedisConnection

_RETRY_SECONDS = 0.5
# A Redis that says nothing to two questions in a row is given up, and looked for anew.
_BEAT_SECONDS = 2.0
_BEATS = 2


class ReconnectingRedis:
    """`on_open` gets each new connection; `on_away` is called when it is lost, and after each try that brought none.

    What goes wrong is complained of, however often: whoever is told may say so seldom.
    """

    def __init__(
        self,
        url: str,
        *,
        on_push: Callable[[list[Any]], None],
        on_open: Callable[[RedisConnection], None],
        on_away: Callable[[], None],
        complain: Callable[[str, Exception | None], None],
    ) -> None:
        self._url, self._on_push = url, on_push
        self._on_open, self._on_away, self._complain = on_open, on_away, complain
        self._connection: RedisConnection | None = None
        self._keeper = asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        while True:
            try:
                self._connection = await RedisConnection.open(self._url, self._on_push, self._on_refusal)
                self._on_open(self._connection)
                await self._until_silent(self._connection)
            except (redis.RedisError, OSError) as error:
                self._complain("Redis cannot be reached", error)
            self._connection = None
            self._on_away()
            await asyncio.sleep(_RETRY_SECONDS)

    async def _until_silent(self, connection: RedisConnection) -> None:
        while not connection.lost.done() and connection.ping() < _BEATS:
            await asyncio.wait([connection.lost], timeout=_BEAT_SECONDS)
        self._complain("the connection to Redis broke off", None)
        await connection.close(timeout=0)

    def _on_refusal(self, error: Exception) -> None:
        self._complain("Redis refused a command", error)

    async def close(self, *, timeout: float) -> None:
        """Let go of the connection once all is written, or after `timeout` seconds whatever is left."""
        self._keeper.cancel()
        await asyncio.wait([self._keeper], timeout=timeout)
        if self._connection:
            await self._connection.close(timeout=timeout)
