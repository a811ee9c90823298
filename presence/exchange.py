"""What the processes tell each other over Redis about who is connected to them.

A process is a node: a sorted set of its users by the version of their last change, so that the others read only what
is new, and a hash of the rooms that each is seen in. Both expire when the node is silent; a node that finds its own
gone takes another name, so that nobody takes what is left of the old one for the whole.
"""

import secrets
import sys
import time
from collections import deque
from dataclasses import dataclass
from typing import Any

import redis.asyncio as redis
from django.conf import settings

from foundation.redis_retry import no_retry

OFFLINE, AWAY, ONLINE = "offline", "away", "online"
# In the order of presence: several connections of one user count as the most present.
STATUSES = (OFFLINE, AWAY, ONLINE)
RANK = {status: rank for rank, status in enumerate(STATUSES)}
# A score is the version times this, plus the status; the member of no user carries the version itself.
_STEP, _VERSION = 4, 3
_TIMEOUT = 1.0


@dataclass(frozen=True, slots=True)
class Entry:
    """How someone is seen: the status, and the rooms whose people may know it."""

    status: str
    rooms: frozenset[str]


GONE = Entry(OFFLINE, frozenset())
Entries = dict[str, Entry]


class Exchange:
    """The entries of all nodes as this one knows them; while Redis is away, those that it knew."""

    def __init__(self) -> None:
        self._redis = redis.Redis.from_url(
            settings.REDIS_URL,
            socket_timeout=_TIMEOUT,
            socket_connect_timeout=_TIMEOUT,
            decode_responses=True,
            retry=no_retry(),  # the next sync is the next try
        )
        self._prefix = f"{settings.NAMESPACE}:presence"
        self._lifetime = int(settings.PRESENCE_EXPIRY * 1000)
        self.synced_at = float("-inf")
        # How far the other nodes were read.
        self._versions: dict[str, int] = {}
        self._nodes: dict[str, Entries] = {}
        self._start_node({})

    def _start_node(self, own: Entries) -> None:
        self._node = secrets.token_hex(6)
        self._nodes[self._node] = own
        self._version = 0
        self._unsent = set(own)
        self._removed: deque[tuple[float, str]] = deque()

    def entry_of(self, user_id: str) -> Entry:
        """Return how the user is seen on all nodes together."""
        found = [entries[user_id] for entries in self._nodes.values() if user_id in entries]
        if len(found) < 2:
            return found[0] if found else GONE
        status = max((entry.status for entry in found), key=RANK.__getitem__)
        return Entry(status, frozenset().union(*(entry.rooms for entry in found)))

    def set_entry(self, user_id: str, entry: Entry) -> None:
        """Set the entry of a user of this node."""
        self._nodes[self._node][user_id] = entry
        self._unsent.add(user_id)

    def remove(self, user_id: str) -> None:
        """Take a user off this node."""
        self._nodes[self._node].pop(user_id, None)
        self._removed.append((time.monotonic(), user_id))
        self._unsent.add(user_id)

    async def sync(self) -> set[str]:
        """Write what is new here, read what is new there, and return the ids of users whose entry may have changed.

        Raises `RedisError`: then nothing is lost, the next call writes it.
        """
        others = await self._write()
        return await self._read(others)

    # --- out ---------------------------------------------------------------------------------------------------------
    async def _write(self) -> list[str]:
        """Write what is new, live on, and return the other nodes."""
        sending, self._unsent = self._unsent, set()
        first = self._version == 0
        self._version += bool(sending) or first
        try:
            async with self._redis.pipeline(transaction=True) as call:
                self._queue(call, sending)
                answers = await call.execute()
        except BaseException:
            self._unsent |= sending
            raise
        others = set(answers[-1])
        if not answers[0] and not first:
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

    def _forgettable(self, own: Entries) -> set[str]:
        """Return those who left so long ago that every node has either read it or reads everything anew."""
        long_ago, found = time.monotonic() - settings.PRESENCE_EXPIRY, set()
        while self._removed and self._removed[0][0] < long_ago:
            found.add(self._removed.popleft()[1])
        return found - own.keys() - {user_id for _, user_id in self._removed}

    async def _rename(self) -> None:
        """The others have taken this node for dead: what was just written is not all that it has."""
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
        if time.monotonic() - self.synced_at > settings.PRESENCE_EXPIRY / 2:
            # Who left meanwhile may be forgettable already.
            self._versions.clear()
        scores = await self._scores(others)
        rooms = await self._rooms(scores)
        changed: set[str] = set()
        for node in self._nodes.keys() - {self._node, *scores}:
            changed |= self._nodes.pop(node).keys()
            self._versions.pop(node, None)
        for node, found in scores.items():
            changed |= self._update(node, found, rooms[node])
        self.synced_at = time.monotonic()
        return changed

    async def _scores(self, others: list[str]) -> dict[str, dict[str, int]]:
        """Return each living node's users with their scores, as far as they are new, and its version."""
        async with self._redis.pipeline(transaction=False) as call:
            for node in others:
                version = self._versions.get(node)
                since = "-inf" if version is None else version * _STEP + _VERSION
                call.zrangebyscore(self._keys(node)[0], since, "+inf", withscores=True)
            answers = await call.execute()
        found = {
            node: {user: int(score) for user, score in answer} for node, answer in zip(others, answers, strict=True)
        }
        # A living node's version is always among the answer.
        if dead := [node for node, scores in found.items() if not scores]:
            await self._redis.srem(self._prefix, *dead)
        return {node: scores for node, scores in found.items() if scores}

    async def _rooms(self, scores: dict[str, dict[str, int]]) -> dict[str, dict[str, str | None]]:
        present = {n: [u for u, score in found.items() if u and score % _STEP] for n, found in scores.items()}
        async with self._redis.pipeline(transaction=False) as call:
            for node, users in present.items():
                if users:
                    call.hmget(self._keys(node)[1], users)
            answers = iter(await call.execute() if any(present.values()) else ())
        return {node: dict(zip(users, next(answers), strict=True)) if users else {} for node, users in present.items()}

    def _update(self, node: str, found: dict[str, int], rooms: dict[str, str | None]) -> set[str]:
        """Bring a node's entries to what was read; the first time that is all it has."""
        whole = node not in self._versions
        before = self._nodes.get(node, {})
        entries = self._nodes[node] = {} if whole else before
        self._versions[node] = found.pop("") // _STEP
        for user_id, score in found.items():
            text = rooms.get(user_id)
            if text is None:
                entries.pop(user_id, None)
            else:
                entries[user_id] = Entry(STATUSES[score % _STEP], frozenset(map(sys.intern, text.split())))
        return found.keys() | before.keys() if whole else set(found)

    def _keys(self, node: str) -> tuple[str, str]:
        return f"{self._prefix}:{node}", f"{self._prefix}:{node}:rooms"

    async def close(self) -> None:
        """Take this node's users off at once, if Redis is there to be told."""
        try:
            await self._forget(self._node)
        except redis.RedisError:
            pass  # they expire
        finally:
            await self._redis.aclose()
