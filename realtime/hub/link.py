"""The link between the hubs of all processes: publishes to topics over Redis; fast, and may lose anything."""

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

# How many bytes Redis may be behind; past this, messages are dropped: the logs have them.
MAX_BACKLOG_BYTES = 8 * 1024 * 1024
_MAX_QUEUED = 10_000
_ORIGIN_BYTES = 8
_SUBSCRIBE_TIMEOUT = 1.0
_CLOSE_TIMEOUT = 1.0


class Link:
    """Publishes to topics and subscribes to them; while Redis is unreachable, messages are dropped and this is logged.

    `on_message` gets each message of another process. `on_reconnect` is called when the connection was lost and all
    topics are subscribed to again.
    """

    def __init__(self, on_message: Callable[[Message], None], on_reconnect: Callable[[], None]) -> None:
        self._on_message, self._on_reconnect = on_message, on_reconnect
        self._prefix = f"{settings.NAMESPACE}:hub:".encode()
        # Every message starts with it, so that a process skips its own without unpacking them.
        self._origin = secrets.token_bytes(_ORIGIN_BYTES)
        self._topics: set[bytes] = set()
        self._confirmed: set[bytes] = set()
        # How many SUBSCRIBE commands for a topic Redis has yet to confirm, and what waits for it.
        self._unconfirmed: Counter[bytes] = Counter()
        self._waiters: dict[bytes, asyncio.Future[None]] = {}
        self._connection: RedisConnection | None = None
        # Commands from before the first attempt to connect has succeeded or failed.
        self._queued: list[tuple[bytes, ...]] = []
        self._attempted = asyncio.Event()
        self._reconnecting = False
        self._log_throttle = LogThrottle()
        self._redis = ReconnectingRedis(
            settings.REDIS_URL,
            on_push=self._on_push,
            on_connect=self._on_connect,
            on_disconnect=self._on_disconnect,
            on_error=self._warn,
        )

    # --- topics ------------------------------------------------------------------------------------------------------
    def subscribe(self, topic: str) -> None:
        name = self._name(topic)
        if name not in self._topics:
            self._topics.add(name)
            self._send_subscribe(name)

    async def wait_subscribed(self, topic: str) -> None:
        """Subscribe, and return once that is confirmed, or after a timeout: what is missed is read from the log."""
        self.subscribe(topic)
        if not self.is_ready(topic):
            waiter = self._waiters.setdefault(self._name(topic), asyncio.get_running_loop().create_future())
            await asyncio.wait([waiter], timeout=_SUBSCRIBE_TIMEOUT)

    def is_ready(self, topic: str) -> bool:
        """Whether there is nothing to wait for: the subscription is confirmed, or Redis is unreachable."""
        return self._name(topic) in self._confirmed or self._unreachable

    def unsubscribe(self, topic: str) -> None:
        name = self._name(topic)
        self._topics.discard(name)
        self._confirmed.discard(name)
        if self._connection:
            self._connection.send(b"UNSUBSCRIBE", name)

    def _name(self, topic: str) -> bytes:
        return self._prefix + topic.encode()

    def _send_subscribe(self, *names: bytes) -> None:
        if self._connection and names:
            self._unconfirmed.update(names)
            self._connection.send(b"SUBSCRIBE", *names)

    # --- messages ----------------------------------------------------------------------------------------------------
    def publish(self, topic: str, message: Message) -> None:
        """Send a message; never blocks and never fails. What Redis does not accept is dropped: the log has it."""
        command = (b"PUBLISH", self._name(topic), self._origin + msgpack.packb(message))
        if self._connection and self._connection.backlog < MAX_BACKLOG_BYTES:
            self._connection.send(*command)
        elif not self._attempted.is_set() and len(self._queued) < _MAX_QUEUED:
            self._queued.append(command)
        else:
            self._warn("could not publish")

    def _on_push(self, push: list[Any]) -> None:
        kind, name, payload = push
        if kind == b"message":
            if not payload.startswith(self._origin):
                self._unpack(payload[_ORIGIN_BYTES:])
        elif kind == b"subscribe":
            self._on_subscribed(name)

    def _unpack(self, packed: bytes) -> None:
        try:
            self.receive(msgpack.unpackb(packed))
        except Exception as error:  # whatever another process sends, the link goes on
            self._warn("could not handle a message", error)

    def receive(self, message: Message) -> None:
        """Handle a message of another process; subclasses may delay or drop it."""
        self._on_message(message)

    def _on_subscribed(self, name: bytes) -> None:
        self._unconfirmed[name] -= 1
        # Subscribed, unsubscribed and subscribed again: this confirms only the first.
        if self._unconfirmed[name] > 0:
            return
        del self._unconfirmed[name]
        if name in self._topics:
            self._confirmed.add(name)
        if waiter := self._waiters.pop(name, None):
            waiter.set_result(None)
        self._check_reconnected()

    def _check_reconnected(self) -> None:
        if self._reconnecting and not self._unconfirmed:
            self._reconnecting = False
            self._on_reconnect()

    # --- connection --------------------------------------------------------------------------------------------------
    @property
    def connected(self) -> bool:
        """Whether other processes are heard, as far as is known: what they publish may be lost all the same."""
        return self._connection is not None

    @property
    def _unreachable(self) -> bool:
        return self._connection is None and self._attempted.is_set()

    def _on_connect(self, connection: RedisConnection) -> None:
        self._reconnecting = self._unreachable
        self._connection = connection
        self._send_subscribe(*self._topics)
        for command in self._queued:
            connection.send(*command)
        self._end_attempt()
        self._check_reconnected()

    def _on_disconnect(self) -> None:
        self._connection = None
        self._confirmed.clear()
        self._unconfirmed.clear()
        for waiter in self._waiters.values():
            waiter.set_result(None)
        self._waiters.clear()
        self._end_attempt()

    def _end_attempt(self) -> None:
        self._queued.clear()
        self._attempted.set()

    async def close(self) -> None:
        """Send what was published, and stop."""
        if self._queued:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._attempted.wait(), _CLOSE_TIMEOUT)
        await self._redis.close(timeout=_CLOSE_TIMEOUT)

    def _warn(self, what: str, error: Exception | None = None) -> None:
        if self._log_throttle.should_log():
            logger.warning("hub link: %s (%s); what is lost is read from the logs", what, error or "no response")
