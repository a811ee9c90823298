"""Sessions that ended before their tokens do: kept in Redis until then, and known to every process within seconds.

A token cannot be called back; what can be done is to remember the session that it belongs to, until no token of that
session can be good. Each process looks every `LOOK_EVERY` seconds, which is less than the leeway that expiry has, and
then tells Redis what it knows and Redis does not.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

import redis.asyncio as redis
from django.conf import settings

from foundation.per_loop import PerLoop
from foundation.redis_retry import no_retry

logger = logging.getLogger(__name__)

LOOK_EVERY = 2.0
_KEY = f"{settings.NAMESPACE}:revoked-sessions"

OnRevoked = Callable[[set[str]], None]


class RevokedSessions:
    """The ended sessions as this process knows them; while Redis is away, those that it knew and those it ended."""

    def __init__(self) -> None:
        self._redis = redis.Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=2,
            socket_connect_timeout=2,
            retry=no_retry(),  # the next look is the next try: signing out does not wait for it
        )
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
        """End a session everywhere; `expires_at` is when the token that was shown runs out, in seconds of the epoch.

        Here at once; everywhere else within seconds, or within seconds of Redis being back.
        """
        until = _last_token_ends(expires_at)
        self._learn({session_id: until})
        self.watch()
        try:
            await self._redis.zadd(_KEY, {session_id: until})
        except redis.RedisError:
            logger.warning("a session ended here alone as yet: Redis does not answer")

    def _learn(self, found: Mapping[str, float]) -> None:
        fresh = found.keys() - self._known.keys()
        # Ended twice, it stays ended until the later of both.
        self._known |= {session: max(until, self._known.get(session, until)) for session, until in found.items()}
        if fresh:
            for listener in self._listeners:
                listener(set(fresh))

    async def _watch(self) -> None:
        while True:
            try:
                await self._look()
            except redis.RedisError:
                logger.debug("ended sessions cannot be read or told: Redis does not answer")
            await asyncio.sleep(LOOK_EVERY)

    async def _look(self) -> None:
        present = time.time()
        self._known = {session: until for session, until in self._known.items() if until > present}
        await self._redis.zremrangebyscore(_KEY, "-inf", present)
        members: Any = await self._redis.zrange(_KEY, 0, -1, withscores=True)
        found = {session.decode(): float(until) for session, until in members}
        self._learn(found)
        # What Redis was not there to be told, or has lost since; what has run out was dropped above.
        untold = {session: until for session, until in self._known.items() if found.get(session, 0.0) < until}
        if untold:
            await self._redis.zadd(_KEY, untold)

    async def close(self) -> None:
        if self._watching:
            self._watching.cancel()
        await self._redis.aclose()


def _last_token_ends(expires_at: int) -> int:
    """Return when no token of a session that ends now can be good any more; `expires_at` is of the one that was shown.

    It may not be the last. The local issuer's cookie is renewed for a lifetime, and a process that has yet to hear of
    the end goes on renewing it. Two lifetimes from now are enough if every process hears within one.

    Clerk makes tokens of the session, for a minute each, until Clerk itself ends it. The page's script asks for that on
    signing out; where it could not, the sign-in page does when the session comes by again, and two lifetimes, a day by
    default, leave time for that. Clerk's sessions last as long as its dashboard says: there is no sure bound.
    """
    two_lifetimes_on: int = int(time.time()) + 2 * settings.LOCAL_TOKEN_LIFETIME
    leeway: int = settings.TOKEN_LEEWAY
    return max(expires_at, two_lifetimes_on) + leeway


revoked_sessions = PerLoop(RevokedSessions)
