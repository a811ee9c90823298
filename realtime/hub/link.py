"""The link between a hub and the other processes: topics over Redis, quick, and allowed to lose anything."""

import asyncio
import contextlib
import logging
import secrets
from collections import Counter
from collections.abc import Callable
from typing import Any

import msgpack
from django.conf import settings

from foundation.log_throttle import LogThrottle
from realtime.reconnecting_redis import ReconnectingRedis
from realtime.redis_connection import RedisConnection

logger = logging.getLogger(__name__)

Message = dict[str, Any]

# What waits for a Redis that does not take it; past this, posts are dropped: the log has them.
MAX_BACKLOG_BYTES = 8 * 1024 * 1024
_MAX_EARLY = 10_000
_ORIGIN_BYTES = 8
_SUBSCRIBE_PATIENCE = 1.0
_CLOSE_TIMEOUT = 1.0


class Link:
    """Posts to topics and hears those it is subscribed to; while Redis is away, posts are dropped and logged.

    `on_message` gets what other processes post, `on_return` is called when the link hears again after it did not.
    """

    def __init__(self, on_message: Callable[[Message], None], on_return: Callable[[], None]) -> None:
        self._on_message, self._on_return = on_message, on_return
        self._prefix = f"{settings.NAMESPACE}:hub:".encode()
        # Every message starts with it: a process gets its own back, and knows them unread.
        self._origin = secrets.token_bytes(_ORIGIN_BYTES)
        self._wanted: set[bytes] = set()
        self._heard: set[bytes] = set()
        # Subscriptions that Redis has not confirmed yet, and who waits for the confirmation.
        self._asked: Counter[bytes] = Counter()
        self._waiting: dict[bytes, asyncio.Future[None]] = {}
        self._connection: RedisConnection | None = None
        # What is posted before the first try to connect has ended waits for it.
        self._early: list[tuple[bytes, ...]] = []
        self._tried = asyncio.Event()
        self._returning = False
        self._log_throttle = LogThrottle()
        self._redis = ReconnectingRedis(
            settings.REDIS_URL,
            on_push=self._on_push,
            on_connect=self._connected,
            on_disconnect=self._disconnected,
            on_error=self._complain,
        )

    # --- topics ------------------------------------------------------------------------------------------------------
    def subscribe(self, topic: str) -> None:
        name = self._name(topic)
        if name not in self._wanted:
            self._wanted.add(name)
            self._ask(name)

    async def subscribed(self, topic: str) -> None:
        """Return once the topic is heard, or after a moment without it: what is missed then is found in the log."""
        self.subscribe(topic)
        if not self.hears(topic):
            waiting = self._waiting.setdefault(self._name(topic), asyncio.get_running_loop().create_future())
            await asyncio.wait([waiting], timeout=_SUBSCRIBE_PATIENCE)

    def hears(self, topic: str) -> bool:
        """Say whether nothing is gained by waiting for the topic: it is heard, or Redis is away."""
        return self._name(topic) in self._heard or self._away

    def unsubscribe(self, topic: str) -> None:
        name = self._name(topic)
        self._wanted.discard(name)
        self._heard.discard(name)
        if self._connection:
            self._connection.send(b"UNSUBSCRIBE", name)

    def _name(self, topic: str) -> bytes:
        return self._prefix + topic.encode()

    def _ask(self, *names: bytes) -> None:
        if self._connection and names:
            self._asked.update(names)
            self._connection.send(b"SUBSCRIBE", *names)

    # --- messages ----------------------------------------------------------------------------------------------------
    def publish(self, topic: str, message: Message) -> None:
        """Send a message; never blocks and never fails. What Redis does not take is dropped: the log has it."""
        command = (b"PUBLISH", self._name(topic), self._origin + msgpack.packb(message))
        if self._connection and self._connection.backlog < MAX_BACKLOG_BYTES:
            self._connection.send(*command)
        elif not self._tried.is_set() and len(self._early) < _MAX_EARLY:
            self._early.append(command)
        else:
            self._complain("could not publish")

    def _on_push(self, push: list[Any]) -> None:
        kind, name, payload = push
        if kind == b"message":
            if not payload.startswith(self._origin):
                self._hear(payload[_ORIGIN_BYTES:])
        elif kind == b"subscribe":
            self._on_subscribed(name)

    def _hear(self, packed: bytes) -> None:
        try:
            self._take(msgpack.unpackb(packed))
        except Exception as error:  # whatever another process sends, the link goes on
            self._complain("could not take a message", error)

    def _take(self, message: Message) -> None:
        self._on_message(message)

    def _on_subscribed(self, name: bytes) -> None:
        self._asked[name] -= 1
        # Asked for twice: given up in between, and that is yet to be confirmed.
        if self._asked[name] > 0:
            return
        del self._asked[name]
        if name in self._wanted:
            self._heard.add(name)
        if waiting := self._waiting.pop(name, None):
            waiting.set_result(None)
        self._hears_again()

    def _hears_again(self) -> None:
        """Say so, once all topics are heard after the link was away."""
        if self._returning and not self._asked:
            self._returning = False
            self._on_return()

    # --- connection --------------------------------------------------------------------------------------------------
    @property
    def _away(self) -> bool:
        return self._connection is None and self._tried.is_set()

    def _connected(self, connection: RedisConnection) -> None:
        self._returning = self._away
        self._connection = connection
        self._ask(*self._wanted)
        for command in self._early:
            connection.send(*command)
        self._end_try()
        self._hears_again()

    def _disconnected(self) -> None:
        self._connection = None
        self._heard.clear()
        self._asked.clear()
        for waiting in self._waiting.values():
            waiting.set_result(None)
        self._waiting.clear()
        self._end_try()

    def _end_try(self) -> None:
        self._early.clear()
        self._tried.set()

    async def close(self) -> None:
        """Send what was posted, and stop."""
        if self._early:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._tried.wait(), _CLOSE_TIMEOUT)
        await self._redis.close(timeout=_CLOSE_TIMEOUT)

    def _complain(self, what: str, error: Exception | None = None) -> None:
        if self._log_throttle.should_log():
            logger.warning("between processes: %s (%s); what is lost is found in the logs", what, error or "no answer")
