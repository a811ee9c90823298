"""Sessions that ended before their tokens do: kept in Redis until then, and known to every process within seconds.

A token cannot be called back; what can be done is to remember the session that it belongs to. Each process looks every
`LOOK_EVERY` seconds, which is less than the leeway that expiry has.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

import redis.asyncio as redis
from django.conf import settings

from realtime.per_loop import PerLoop

logger = logging.getLogger(__name__)

LOOK_EVERY = 2.0
_KEY = f"{settings.NAMESPACE}:revoked-sessions"

OnRevoked = Callable[[set[str]], None]


class RevokedSessions:
    """The ended sessions as this process knows them; while Redis is away, those that it knew."""

    def __init__(self) -> None:
        self._redis = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2)
        self._known: dict[str, float] = {}
        self._listeners: list[OnRevoked] = []
        self._watching: asyncio.Task[None] | None = None

    def __contains__(self, session_id: str) -> bool:
        return session_id in self._known

    def listen(self, on_revoked: OnRevoked) -> None:
        """Call back with the ids of sessions that have just ended, here or elsewhere."""
        self._listeners.append(on_revoked)
        self.watch()

    def watch(self) -> None:
        if self._watching is None:
            self._watching = asyncio.create_task(self._watch())

    async def revoke(self, session_id: str, expires_at: int) -> None:
        """End a session everywhere; `expires_at` is when its token would have run out, in seconds of the epoch."""
        self._learn({session_id: expires_at + settings.TOKEN_LEEWAY})
        try:
            await self._redis.zadd(_KEY, {session_id: expires_at + settings.TOKEN_LEEWAY})
        except redis.RedisError:
            logger.warning("a session ended here alone: Redis does not answer")

    def _learn(self, found: dict[str, float]) -> None:
        fresh = found.keys() - self._known.keys()
        self._known |= found
        if fresh:
            for listener in self._listeners:
                listener(set(fresh))

    async def _watch(self) -> None:
        while True:
            try:
                await self._look()
            except redis.RedisError:
                logger.debug("ended sessions cannot be read: Redis does not answer")
            await asyncio.sleep(LOOK_EVERY)

    async def _look(self) -> None:
        present = time.time()
        self._known = {session: until for session, until in self._known.items() if until > present}
        await self._redis.zremrangebyscore(_KEY, "-inf", present)
        found: Any = await self._redis.zrange(_KEY, 0, -1, withscores=True)
        self._learn({session.decode(): float(until) for session, until in found})

    async def close(self) -> None:
        if self._watching:
            self._watching.cancel()
        await self._redis.aclose()


revoked_sessions = PerLoop(RevokedSessions)
