"""Shares over Redis which users are connected to each process.

A process is a node. It writes a sorted set of its users, scored by the version of their last change, so that the others
read only what is new, and a hash of each user's rooms. Both expire when the node is silent. A node that finds its own
keys expired takes a new name and writes all of its users: under the old name, others would miss those that expired.
"""

import secrets
import sys
import time
from collections import deque
from typing import Any

import redis.asyncio as redis
from django.conf import settings

from foundation.pools import counted
from foundation.redis_retry import no_retry

from .clock import Clock
from .user_presence import GONE, RANK, STATUSES, UserPresence, UserPresences, merge

# A score is the version times this, plus the status; the member "" carries the version itself.
_STEP, _VERSION = 4, 3
_TIMEOUT = 1.0
# Of each node: its users' scores.
Scores = dict[str, dict[str, int]]


class Exchange:
    """The users' presence on all nodes, as last read: while Redis is down, this one keeps what it has."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._redis = counted(
            redis.Redis.from_url(
                settings.REDIS_URL,
                socket_timeout=_TIMEOUT,
                socket_connect_timeout=_TIMEOUT,
                decode_responses=True,
                retry=no_retry(),  # the next sync is the next try
            )
        )
        self._prefix = f"{settings.NAMESPACE}:presence"
        self._lifetime = int(settings.PRESENCE_EXPIRY * 1000)
        # When the other nodes were last read, by the clock.
        self.synced_at = float("-inf")
        # The version up to which each of the other nodes was read.
        self._versions: dict[str, int] = {}
        self._nodes: dict[str, UserPresences] = {}
        self._start_node({})

    def _start_node(self, own: UserPresences) -> None:
        self._node = secrets.token_hex(6)
        self._nodes[self._node] = own
        self._version = 0
        self._unsent = set(own)
        self._removed: deque[tuple[float, str]] = deque()

    def presence_of(self, user_id: str) -> UserPresence:
        """Return the user's presence on all nodes together; `GONE` if they are on none."""
        return merge([presences[user_id] for presences in self._nodes.values() if user_id in presences])

    def is_elsewhere(self, user_id: str) -> bool:
        """Return whether another node has the user, as last read."""
        return any(user_id in presences for node, presences in self._nodes.items() if node != self._node)

    def set_user(self, user_id: str, presence: UserPresence) -> None:
        """Set a user's presence on this node."""
        self._nodes[self._node][user_id] = presence
        self._unsent.add(user_id)

    def remove(self, user_id: str) -> None:
        """Take a user off this node."""
        self._nodes[self._node].pop(user_id, None)
        self._removed.append((self._clock(), user_id))
        self._unsent.add(user_id)

    async def sync(self) -> set[str]:
        """Write what is new here, read what is new there, and return the ids of users whose presence may have changed.

        Raises `RedisError`: then nothing is lost, the next call writes it.
        """
        others = await self._write()
        return await self._read(others)

    # --- out ---------------------------------------------------------------------------------------------------------
    async def _write(self) -> list[str]:
        """Write what is new, put off the expiry, and return the names of the other nodes."""
        sending, self._unsent = self._unsent, set()
        first = self._version == 0
        self._version += bool(sending) or first
        try:
            async with self._redis.pipeline(transaction=True) as call:
                self._queue(call, sending)
                results = await call.execute()
        except BaseException:
            self._unsent |= sending
            raise
        others = set(results[-1])
        if not results[0] and not first:
            await self._rename()
        return sorted(others - {self._node})

    def _queue(self, call: Any, sending: set[str]) -> None:
        scores, rooms = self._keys(self._node)
        own = self._nodes[self._node]
        base = self._version * _STEP
        call.pexpire(scores, self._lifetime)
        call.zadd(scores, {**{u: base + RANK[own.get(u, GONE).status] for u in sending}, "": base + _VERSION})
        if here := {u: " ".join(own[u].rooms) for u in sending & own.keys()}:
            call.hset(rooms, mapping=here)
        if gone := sending - own.keys():
            call.hdel(rooms, *gone)
        if forgettable := self._forgettable(own):
            call.zrem(scores, *forgettable)
        call.pexpire(scores, self._lifetime)
        call.pexpire(rooms, self._lifetime)
        call.sadd(self._prefix, self._node)
        call.smembers(self._prefix)

    def _forgettable(self, own: UserPresences) -> set[str]:
        """Return users removed so long ago that every node has read it, or will read this one in full."""
        long_ago, forgettable = self._clock() - settings.PRESENCE_EXPIRY, set()
        while self._removed and self._removed[0][0] < long_ago:
            forgettable.add(self._removed.popleft()[1])
        return forgettable - own.keys() - {user_id for _, user_id in self._removed}

    async def _rename(self) -> None:
        """Write all users under a new name: the old keys had expired, and now hold only the last changes."""
        old = self._node
        self._start_node(self._nodes.pop(old))
        await self._forget(old)
        await self._write()

    async def _forget(self, node: str) -> None:
        async with self._redis.pipeline(transaction=True) as call:
            call.delete(*self._keys(node))
            call.srem(self._prefix, node)
            await call.execute()

    # --- in ----------------------------------------------------------------------------------------------------------
    async def _read(self, others: list[str]) -> set[str]:
        if self._clock() - self.synced_at > settings.PRESENCE_EXPIRY / 2:
            # Nodes may have forgotten users removed meanwhile: read every node in full.
            self._versions.clear()
        scores = await self._scores(others)
        rooms = await self._rooms(scores)
        changed: set[str] = set()
        for node in self._nodes.keys() - {self._node, *scores}:
            changed |= self._nodes.pop(node).keys()
            self._versions.pop(node, None)
        for node, user_scores in scores.items():
            changed |= self._update(node, user_scores, rooms[node])
        self.synced_at = self._clock()
        return changed

    async def _scores(self, others: list[str]) -> Scores:
        """Return for each living node its version, and the scores of users that changed since it was last read."""
        async with self._redis.pipeline(transaction=False) as call:
            for node in others:
                version = self._versions.get(node)
                since = "-inf" if version is None else version * _STEP + _VERSION
                call.zrangebyscore(self._keys(node)[0], since, "+inf", withscores=True)
            results = await call.execute()
        by_node = {
            node: {user: int(score) for user, score in result} for node, result in zip(others, results, strict=True)
        }
        # A living node's result holds at least its version.
        if dead := [node for node, scores in by_node.items() if not scores]:
            await self._redis.srem(self._prefix, *dead)
        return {node: scores for node, scores in by_node.items() if scores}

    async def _rooms(self, scores: Scores) -> dict[str, dict[str, str | None]]:
        """Return for each node the rooms of its users that are not offline, as one string; None if the user left."""
        present = {n: [u for u, score in users.items() if u and score % _STEP] for n, users in scores.items()}
        async with self._redis.pipeline(transaction=False) as call:
            for node, users in present.items():
                if users:
                    call.hmget(self._keys(node)[1], users)
            results = iter(await call.execute() if any(present.values()) else ())
        return {node: dict(zip(users, next(results), strict=True)) if users else {} for node, users in present.items()}

    def _update(self, node: str, scores: dict[str, int], rooms: dict[str, str | None]) -> set[str]:
        """Update a node's users with what was read, or replace them if the node was read in full."""
        full = node not in self._versions
        before = self._nodes.get(node, {})
        presences = self._nodes[node] = {} if full else before
        self._versions[node] = scores.pop("") // _STEP
        for user_id, score in scores.items():
            text = rooms.get(user_id)
            if text is None:
                presences.pop(user_id, None)
            else:
                presences[user_id] = UserPresence(STATUSES[score % _STEP], frozenset(map(sys.intern, text.split())))
        return scores.keys() | before.keys() if full else set(scores)

    def _keys(self, node: str) -> tuple[str, str]:
        return f"{self._prefix}:{node}", f"{self._prefix}:{node}:rooms"

    async def close(self) -> None:
        """Take this node's users off at once, if Redis can be reached; otherwise they expire."""
        try:
            await self._forget(self._node)
        except redis.RedisError:
            pass  # they expire
        finally:
            await self._redis.aclose()
