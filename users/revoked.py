"""Session revocation: ended sessions are kept in Redis until their last token has expired, and so are users who went.

With them go users whose standing has changed (their role, or whether they may come in): each process reads them anew.

A signed token cannot be withdrawn, so every process refuses the tokens of ended sessions instead. It polls Redis every
`POLL_INTERVAL` seconds, so that sockets and downloads end within two, and writes back those that Redis lacks. A poll
reads what is new, and how many there are; only if that is another number than here are all of them compared.
"""

import asyncio
import heapq
import logging
import time
from collections.abc import Callable, Container, Iterable, Mapping
from itertools import islice
from typing import Any

import redis.asyncio as redis
from django.conf import settings

from foundation.per_loop import PerLoop
from foundation.pools import counted
from foundation.redis_retry import no_retry
from foundation.tasks import cancel_and_wait

from . import user_cache

logger = logging.getLogger(__name__)

POLL_INTERVAL = 0.5
# A sorted set of session ids, and of users as the keys below write them; the score is when the session's last token
# expires, in seconds since 1970.
REDIS_KEY = f"{settings.NAMESPACE}:revoked-sessions"
# Beside it a stream of the latest of them, in the order in which they ended; whoever misses some finds another number
# of all.
_LATEST = ":latest"
_MAX_LATEST = 2_000
# How many are read or written at a time when all are compared: nobody should have the loop for long.
_PAGE = 2_000

# How long a user who went or changed is remembered at least, in seconds: longer than `user_cache` has them as before.
_USER_SECONDS = 3600
# In the stream, as the time until which something is over: it is not any more.
_NEVER = 0

OnRevoked = Callable[[set[str]], None]


def is_over(ended: Container[str], *, session_id: str, user_id: str) -> bool:
    """Return whether a session is over: it is among the ended ones, or all sessions of its user are."""
    return session_id in ended or _user_key(user_id) in ended or is_deactivated(ended, user_id=user_id)


def is_deactivated(ended: Container[str], *, user_id: str) -> bool:
    """Return whether the user was deactivated lately; their row says so for ever."""
    return _deactivated_key(user_id) in ended


def standings_in(ended: Iterable[str]) -> dict[str, int]:
    """Return the new standings, by user id, that are among what a listener is told."""
    told = [key.removeprefix(_CHANGED).rpartition(":") for key in ended if key.startswith(_CHANGED)]
    standings: dict[str, int] = {}
    for user_id, _, standing in told:
        standings[user_id] = max(int(standing), standings.get(user_id, 0))
    return standings


# No session's id has a colon before these words end.
_CHANGED, _DEACTIVATED = "changed:", "deactivated:"


def _user_key(user_id: str) -> str:
    return f"user:{user_id}"


def _deactivated_key(user_id: str) -> str:
    return f"{_DEACTIVATED}{user_id}"


def _forget_changed(ended: set[str]) -> None:
    for user_id, standing in standings_in(ended).items():
        user_cache.forget(user_id, standing)


class RevokedSessions:
    """The ended sessions that this process knows; while Redis is down, those read before and those ended here."""

    def __init__(self, key: str = REDIS_KEY) -> None:
        self._key, self._latest_key = key, f"{key}{_LATEST}"
        self._redis = counted(
            redis.Redis.from_url(
                settings.REDIS_URL,
                socket_timeout=2,
                socket_connect_timeout=2,
                retry=no_retry(),  # the next poll retries, and signing out must not wait
            )
        )
        self._known: dict[str, float] = {}
        # The known ones by their expiry, as a heap; a session whose expiry has moved is in it twice.
        self._expiries: list[tuple[float, str]] = []
        # The id of the last entry of the stream that was read.
        self._last_id = "0-0"
        # Whether something was told while Redis was down: the number of all may be right by chance.
        self._is_untold = False
        self._listeners: list[OnRevoked] = [_forget_changed]
        self._polling: asyncio.Task[None] | None = None

    def __contains__(self, session_id: object) -> bool:
        return session_id in self._known

    def add_listener(self, on_revoked: OnRevoked) -> None:
        """Call `on_revoked` with what has just ended, in this process or another; `is_over` reads it."""
        self._listeners.append(on_revoked)
        self.start_polling()

    def start_polling(self) -> None:
        """Poll Redis in a task until `close`; further calls do nothing."""
        if self._polling is None:
            self._polling = asyncio.create_task(self._poll_forever())

    async def revoke_user(self, user_id: str) -> bool:
        """End all sessions of a user everywhere, those that begin later too, as `revoke` does."""
        return await self.revoke(_user_key(user_id), int(time.time()) + _USER_SECONDS)

    async def deactivate_user(self, user_id: str) -> bool:
        """End all sessions of a user everywhere until `reinstate_user`, as `revoke` does.

        What Redis did not take, or loses, no process writes back: tell of the change by `change_user` too.
        """
        return await self.revoke(_deactivated_key(user_id), int(time.time()) + _USER_SECONDS)

    async def reinstate_user(self, user_id: str) -> bool:
        """Undo `deactivate_user` for sessions that begin from now on, as soon as `revoke` does."""
        return await self._tell(_deactivated_key(user_id), _NEVER)

    async def change_user(self, user_id: str, standing: int) -> bool:
        """Have every process read a user anew whose standing has become this one, as soon as `revoke` does."""
        return await self._tell(f"{_CHANGED}{user_id}:{standing}", int(time.time()) + _USER_SECONDS)

    async def revoke(self, session_id: str, expires_at: int) -> bool:
        """End a session everywhere; `expires_at` is its presented token's `exp`, in seconds since 1970.

        It ends at once in this process, and within `POLL_INTERVAL` in the others. Return False while Redis is down:
        then they hear of it when it is back, unless this process ends before.
        """
        return await self._tell(session_id, _last_token_expiry(expires_at))

    async def _tell(self, key: str, until: int) -> bool:
        """Tell all processes that this is over until then, or `_NEVER`; return False while Redis is down."""
        self._take({key: float(until)})
        self.start_polling()
        try:
            async with self._redis.pipeline() as pipeline:
                if until == _NEVER:
                    pipeline.zrem(self._key, key)
                else:
                    pipeline.zadd(self._key, {key: until}, gt=True)
                entry = {"session": key, "until": until}
                pipeline.xadd(self._latest_key, entry, maxlen=_MAX_LATEST)  # type: ignore[arg-type] # Redis takes both
                await pipeline.execute()
        except redis.RedisError as error:
            self._is_untold = True
            logger.warning("a session ended in this process only, in the others once Redis takes it (%r)", error)
            return False
        return True

    async def begin(self, user_id: str, session_id: str) -> None:
        """Note a new session of the user, and end the oldest ones beyond MAX_SESSIONS; while Redis is down, neither."""
        key, now = f"{settings.NAMESPACE}:sessions:{user_id}", time.time()
        try:
            async with self._redis.pipeline() as pipeline:
                pipeline.zremrangebyscore(key, "-inf", now - settings.SESSION_LIFETIME)
                pipeline.zadd(key, {session_id: now})
                pipeline.expire(key, settings.SESSION_LIFETIME)
                pipeline.zrange(key, 0, -settings.MAX_SESSIONS - 1)
                surplus = [session.decode() for session in (await pipeline.execute())[-1]]
            if surplus:
                await self._redis.zrem(key, *surplus)
        except redis.RedisError as error:
            logger.warning("the sessions of a user are not counted: Redis does not answer (%r)", error)
            return
        for session in surplus:
            await self.revoke(session, 0)

    async def poll(self) -> None:
        """Read the sessions that have ended lately from Redis, and add those it lacks; raises `redis.RedisError`."""
        now = time.time()
        self._drop_expired(now)
        # One transaction, as in `revoke`: the number is that of exactly these entries.
        async with self._redis.pipeline() as pipeline:
            pipeline.zremrangebyscore(self._key, "-inf", now)
            pipeline.xrange(self._latest_key, min=f"({self._last_id}", max="+")
            pipeline.zcount(self._key, f"({now}", "+inf")
            _, entries, count = await pipeline.execute()
        if entries:
            self._last_id = entries[-1][0].decode()
            latest = {entry[b"session"].decode(): float(entry[b"until"]) for _, entry in entries}
            self._take({session: until for session, until in latest.items() if until > now or until == _NEVER})
        if count != len(self._known) or self._is_untold:
            await self._compare_all()
            self._is_untold = False

    def _drop_expired(self, now: float) -> None:
        while self._expiries and self._expiries[0][0] <= now:
            _, session = heapq.heappop(self._expiries)
            if self._known.get(session, now + 1) <= now:
                del self._known[session]

    async def _compare_all(self) -> None:
        """Read all ended sessions, and write those that ended while Redis was down, or were lost by it since."""
        stored: dict[str, float] = {}
        while page := await self._read_page(len(stored)):
            stored |= page
            self._add(page)
        missing = {session: until for session, until in self._known.items() if stored.get(session, 0.0) < until}
        for session in [session for session in missing if session.startswith(_DEACTIVATED)]:
            # Another process may have reinstated them; if not, `changed:` is written, and their row says so.
            del missing[session]
            if session not in stored:
                self._known.pop(session, None)
        for start in range(0, len(missing), _PAGE):
            await self._redis.zadd(self._key, dict(islice(missing.items(), start, start + _PAGE)), gt=True)

    async def _read_page(self, start: int) -> dict[str, float]:
        members: Any = await self._redis.zrange(self._key, start, start + _PAGE - 1, withscores=True)
        return {session.decode(): float(until) for session, until in members}

    async def close(self) -> None:
        await cancel_and_wait(self._polling)
        await self._redis.aclose()

    async def _poll_forever(self) -> None:
        while True:
            try:
                await self.poll()
            except redis.RedisError:
                logger.debug("Redis is down: ended sessions are neither read nor written.")
            await asyncio.sleep(POLL_INTERVAL)

    def _take(self, told: Mapping[str, float]) -> None:
        """Take what was told last of each."""
        for session in [session for session, until in told.items() if until == _NEVER]:
            # In the heap it stays until its time, when nothing is found under it.
            self._known.pop(session, None)
        self._add({session: until for session, until in told.items() if until != _NEVER})

    def _add(self, sessions: Mapping[str, float]) -> None:
        new = sessions.keys() - self._known.keys()
        # A session that is revoked twice stays revoked until the later expiry.
        for session, until in sessions.items():
            if until > self._known.get(session, 0.0):
                self._known[session] = until
                heapq.heappush(self._expiries, (until, session))
        if new:
            for listener in self._listeners:
                listener(set(new))


def _last_token_expiry(expires_at: int) -> int:
    """Return when the last token of a session that ends now has expired; `expires_at` is the presented token's `exp`.

    The presented token may not be the last. The local issuer's cookie is renewed for one lifetime, and a process that
    has not yet read of the end goes on renewing it. Two lifetimes suffice if every process reads of it within one.

    Clerk issues tokens of one minute until Clerk itself ends the session. The page's script asks for that at sign-out;
    if the request failed, the sign-in page repeats it when it next sees the session, for which two lifetimes (a day by
    default) leave time. There is no certain bound: Clerk's dashboard sets how long its sessions last.
    """
    two_lifetimes_on: int = int(time.time()) + 2 * settings.LOCAL_TOKEN_LIFETIME
    leeway: int = settings.TOKEN_LEEWAY
    return max(expires_at, two_lifetimes_on) + leeway


revoked_sessions = PerLoop(RevokedSessions)
