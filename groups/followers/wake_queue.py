"""The groups that are to be followed, in Redis: one sorted set of group ids by when each is due, in Redis's own time.

Who takes a group makes it due again when the lease is over: if that process dies, another one takes it then. A lease
can be outlived, so it only saves work; what must not happen twice is conditional in the store.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import redis.asyncio as redis
from django.conf import settings

from foundation.per_loop import PerLoop
from foundation.redis_retry import no_retry

# Into how many partitions the directory of groups is divided (`places`).
PARTITIONS = 256
# Seconds from one slice of a busy group to the next, so that its place is written at most once in that time.
REST = 0.4
_TIMEOUT = 1.0

_NOW = "local time = redis.call('TIME'); local now = time[1] + time[2] / 1000000\n"
# Of a group that somebody has taken ('0'), it is noted that it must be looked at again ('1'). One that rests is due at
# the end of that; who takes it then forgets it, unless it was woken.
_WAKE = f"""{_NOW}
for i = 2, #ARGV do
  local due, state = redis.call('ZSCORE', KEYS[1], ARGV[i]), redis.call('HGET', KEYS[2], ARGV[i])
  if not due then
    redis.call('ZADD', KEYS[1], string.format('%.6f', now), ARGV[i])
  elseif state == 'resting' then
    redis.call('HDEL', KEYS[2], ARGV[i])
  elseif state then
    redis.call('HSET', KEYS[2], ARGV[i], '1')
  elseif tonumber(due) > now + ARGV[1] then
    redis.call('ZADD', KEYS[1], string.format('%.6f', now + ARGV[1]), ARGV[i])
  end
end"""
_TAKE = f"""{_NOW}
local until_ = string.format('%.6f', now + ARGV[2])
local ids = {{}}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, ARGV[1])) do
  if redis.call('HGET', KEYS[2], id) == 'resting' then
    redis.call('ZREM', KEYS[1], id)
    redis.call('HDEL', KEYS[2], id)
  else
    redis.call('ZADD', KEYS[1], until_, id)
    redis.call('HSET', KEYS[2], id, '0')
    table.insert(ids, id)
  end
end
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
return {{until_, ids, first[2] and string.format('%.6f', first[2] - now) or ''}}"""
_FINISH = f"""{_NOW}
local due, rest, again = redis.call('ZSCORE', KEYS[1], ARGV[1]), tonumber(ARGV[4]), tonumber(ARGV[3])
if not due or tonumber(due) ~= tonumber(ARGV[2]) then return 0 end
local woken = redis.call('HGET', KEYS[2], ARGV[1]) == '1'
if again or woken then redis.call('HDEL', KEYS[2], ARGV[1]) else redis.call('HSET', KEYS[2], ARGV[1], 'resting') end
if not again or (woken and again > rest) then again = rest end
redis.call('ZADD', KEYS[1], string.format('%.6f', now + again), ARGV[1])
for i = 3, #KEYS do
  local since = ARGV[i + 2]
  if since == '' then redis.call('ZREM', KEYS[i], ARGV[1]) else redis.call('ZADD', KEYS[i], since, ARGV[1]) end
end
return 1"""
# Counts the partitions that were swept: the first round, which also follows when Redis has forgotten, does not wait.
_SWEEP = """
local count = tonumber(redis.call('GET', KEYS[1]) or '0')
if count >= tonumber(ARGV[2]) and not redis.call('SET', KEYS[2], '1', 'NX', 'PX', ARGV[1]) then return -1 end
redis.call('INCR', KEYS[1])
return count"""


@dataclass(frozen=True, slots=True)
class Taken:
    """Groups that were taken together; `until` is what their leases have in common, as Redis wrote it.

    In `next_in` seconds, 0 or less: now, the next of all is due; None if there is none.
    """

    group_ids: list[str]
    until: str = ""
    next_in: float | None = None


class WakeQueue:
    """The queue of all processes; every method raises `redis.RedisError`."""

    def __init__(self) -> None:
        self._redis = redis.Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=_TIMEOUT,
            socket_connect_timeout=_TIMEOUT,
            retry=no_retry(),
            decode_responses=True,
        )
        key = f"{settings.NAMESPACE}:follow"
        self._due, self._keys = key, [key, f"{key}:taken"]
        self._sweep, self._set_aside = [f"{key}:sweep", f"{key}:sweep:last"], f"{key}:set-aside"
        self._wake, self._take, self._finish, self._next = map(
            self._redis.register_script, (_WAKE, _TAKE, _FINISH, _SWEEP)
        )

    async def wake(self, group_ids: Sequence[str]) -> None:
        """Make groups due now, or when they have rested if they are being followed or were a moment ago."""
        if group_ids:
            await self._wake(keys=self._keys, args=[REST, *group_ids])

    async def take(self, limit: int) -> Taken:
        """Take up to `limit` groups that are due, those that wait longest first."""
        until, group_ids, next_in = await self._take(keys=self._keys, args=[limit, settings.FOLLOW_LEASE])
        return Taken(group_ids, until, float(next_in) if next_in else None)

    async def finish(self, group_id: str, until: str, again: float | None, behind: Mapping[str, float | None]) -> None:
        """Return a group: due again in so many seconds, or if it was woken meanwhile or will be, when it has rested.

        It stays as it is if the lease was outlived. `behind` has by follower when the oldest entry was written that it
        has not handled, in seconds since 1970, or None.
        """
        if until:
            sinces = ["" if since is None else since for since in behind.values()]
            args = [group_id, until, "" if again is None else again, REST, *sinces]
            await self._finish(keys=[*self._keys, *map(self._behind, behind)], args=args)

    async def forget(self, group_id: str, names: Sequence[str]) -> None:
        """Remove a group that is being erased."""
        async with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.hdel(self._keys[1], group_id)
            for key in (self._due, *map(self._behind, names)):
                pipeline.zrem(key, group_id)
            await pipeline.execute()

    # --- the sweep ---------------------------------------------------------------------------------------------------
    async def next_partition(self, interval: float) -> tuple[int | None, bool]:
        """Return the partition that this process is to sweep, and whether the next one is due at once.

        There is none while the last one was swept less than `interval` seconds ago.
        """
        args = [max(1, int(interval * 1000)), PARTITIONS]
        count = int(await self._next(keys=self._sweep, args=args))
        return (None, False) if count < 0 else (count % PARTITIONS, count < PARTITIONS - 1)

    async def sweep_anew(self) -> None:
        """Let the next round begin, and not wait."""
        await self._redis.delete(*self._sweep)

    # --- what is behind ----------------------------------------------------------------------------------------------
    async def note_set_aside(self, name: str) -> None:
        await self._redis.hincrby(self._set_aside, name, 1)

    async def forget_set_aside(self, name: str) -> None:
        await self._redis.hdel(self._set_aside, name)

    async def state(self, names: Sequence[str]) -> "QueueState":
        """Return how much waits, in one call."""
        seconds, micros = await self._redis.time()
        now = seconds + micros / 1_000_000
        async with self._redis.pipeline(transaction=False) as pipeline:
            pipeline.zcount(self._due, "-inf", now)
            pipeline.zrangebyscore(self._due, "-inf", now, start=0, num=1, withscores=True)
            pipeline.hgetall(self._set_aside)
            for name in names:
                pipeline.zcard(self._behind(name))
                pipeline.zrange(self._behind(name), 0, 0, withscores=True)
            due, oldest, aside, *behind = await pipeline.execute()
        counts, firsts = behind[::2], behind[1::2]
        return QueueState(
            due=due,
            waited=now - oldest[0][1] if oldest else 0.0,
            behind={name: (count, _score(first)) for name, count, first in zip(names, counts, firsts, strict=True)},
            set_aside={name: int(count) for name, count in aside.items()},
        )

    def _behind(self, name: str) -> str:
        return f"{self._due}:behind:{name}"

    async def clear(self) -> None:
        """Forget everything, as a Redis that was wiped has; for tests."""
        keys = [key async for key in self._redis.scan_iter(f"{self._due}*")]
        if keys:
            await self._redis.delete(*keys)

    async def close(self) -> None:
        await self._redis.aclose()


@dataclass(frozen=True, slots=True)
class QueueState:
    """How many groups are due, and how many seconds the first of them has waited.

    `behind` has by follower how many groups it has not handled to their ends, and since when, in seconds since 1970.
    """

    due: int
    waited: float
    behind: dict[str, tuple[int, float | None]]
    set_aside: dict[str, int]


def _score(found: Sequence[tuple[Any, float]]) -> float | None:
    return found[0][1] if found else None


# The queue as the running event loop reaches it.
wake_queue = PerLoop(WakeQueue)
