"""No sticky sessions: a request for a session of another process is relayed to that process, its owner, over Redis.

A sid names its owner: `<node>.<random>`. Each process subscribes to a channel of its own. A message to a channel that
nobody listens on means that the owner is gone, and its sessions with it. Messages to one process keep their order.

Redis does not deliver again what it has written to a connection that breaks. So when this process's subscription
breaks, or Redis stops answering, everything under way counts as lost: calls fail and relayed websockets are closed,
before a later message could arrive after a gap.
"""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

import msgpack
import redis.asyncio as redis

from foundation.log_throttle import LogThrottle
from foundation.pools import counted
from foundation.redis_retry import no_retry
from foundation.tasks import cancel_and_wait

from .contract import OperationFailed, SessionError
from .reconnecting_redis import ReconnectingRedis
from .redis_connection import RedisConnection

logger = logging.getLogger(__name__)

# How often a caller that waits asks whether the owner still runs its call.
_LIVENESS_INTERVAL = 1.0
# How long a call, or the first response to a new client, waits for the subscription.
_SUBSCRIBE_TIMEOUT = 1.0
_PUBLISH_TIMEOUT = 5.0
_CLOSE_TIMEOUT = 1.0
OnCall = Callable[[str, dict[str, Any]], Awaitable[Any]]
OnMessage = Callable[[str, dict[str, Any]], None]
OnLost = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Response:
    ok: bool
    # What the owner's handler returned, or the code of the `SessionError` that it raised; None for any other error.
    result: Any


class OwnerGone(Exception):
    """Nobody listens on the owner's channel, or the message or its response was lost."""


class Cluster:
    """Calls and messages between this process and the others that serve the same path."""

    def __init__(self, url: str, namespace: str, *, on_call: OnCall, on_message: OnMessage, on_lost: OnLost) -> None:
        self.node = secrets.token_hex(6)
        self._prefix = f"{namespace}:eio:"
        # Without Redis, this process is the only one.
        self._alone = not url
        # Without retries: a message that may have been published must not be published again.
        self._publisher = counted(
            redis.Redis.from_url(url or "redis://127.0.0.1", retry=no_retry(), socket_timeout=_PUBLISH_TIMEOUT)
        )
        self._on_call, self._on_message, self._on_lost = on_call, on_message, on_lost
        # The calls of this process that wait for a response (None: it is lost), and those of others that run here.
        self._calls: dict[int, asyncio.Future[Response | None]] = {}
        self._running_calls: set[tuple[str, int]] = set()
        self._last_call = 0
        self._tasks: set[asyncio.Task[Any]] = set()
        self._subscribed = asyncio.Event()
        self._log_throttle = LogThrottle()
        self._subscriber = self._subscribe(url) if url else None

    def new_sid(self) -> str:
        return f"{self.node}.{secrets.token_urlsafe(15)}"

    def owner_of(self, sid: str) -> str:
        return sid.partition(".")[0]

    async def wait_until_reachable(self) -> None:
        """Return when other processes can reach this one: until then, they would refuse the requests of its clients.

        Returns after a second without Redis: this process alone can serve its clients all the same.
        """
        if not self._alone:
            with contextlib.suppress(OwnerGone):
                await self._wait_until_subscribed()

    async def call(self, node: str, operation: str, data: dict[str, Any]) -> Any:
        """Return what the owner's handler returns.

        Raises `OwnerGone`, the `SessionError` that it raised, or `OperationFailed` for any other error.
        """
        if not self._alone:
            await self._wait_until_subscribed()
        self._last_call += 1
        number = self._last_call
        future = self._calls[number] = asyncio.get_running_loop().create_future()
        try:
            await self._publish(node, {"call": number, "from": self.node, "operation": operation, "data": data})
            while not future.done():
                await asyncio.wait([future], timeout=_LIVENESS_INTERVAL)
                if not future.done():
                    await self._publish(node, {"still": number, "from": self.node})
            response = future.result()
        finally:
            del self._calls[number]
        if response is None:
            raise OwnerGone
        if not response.ok and response.result is None:
            raise OperationFailed
        if not response.ok:
            raise SessionError(response.result)
        return response.result

    async def _wait_until_subscribed(self) -> None:
        """Return when responses can arrive; raises `OwnerGone` if Redis does not come back soon."""
        try:
            async with asyncio.timeout(_SUBSCRIBE_TIMEOUT):
                await self._subscribed.wait()
        except TimeoutError:
            raise OwnerGone from None

    async def send(self, node: str, operation: str, data: dict[str, Any]) -> None:
        """Send the process a message without a response; raises `OwnerGone`."""
        await self._publish(node, {"from": self.node, "operation": operation, "data": data})

    async def _publish(self, node: str, message: dict[str, Any]) -> None:
        if self._alone or not await self._publisher.publish(self._prefix + node, msgpack.packb(message)):
            raise OwnerGone

    # --- in ----------------------------------------------------------------------------------------------------------
    def _subscribe(self, url: str) -> ReconnectingRedis:
        def on_connect(connection: RedisConnection) -> None:
            connection.send(b"SUBSCRIBE", f"{self._prefix}{self.node}".encode())

        return ReconnectingRedis(
            url,
            on_push=self._on_push,
            on_connect=on_connect,
            on_disconnect=self._on_subscriber_lost,
            on_error=self._log_error,
        )

    def _on_push(self, push: list[Any]) -> None:
        kind, _, payload = push
        if kind == b"subscribe":
            self._subscribed.set()
        elif kind == b"message":
            try:
                self._on_redis_message(msgpack.unpackb(payload))
            except Exception as error:  # a message that is not understood must not cost those after it
                self._log_error("could not handle a message", error)

    def _on_subscriber_lost(self) -> None:
        if self._subscribed.is_set():
            self._subscribed.clear()
            # The publisher's connections are as old, and probably broken too.
            self._run(self._disconnect_publisher())
        for number in self._calls:
            self._set_response(number, None)
        self._on_lost()

    async def _disconnect_publisher(self) -> None:
        with contextlib.suppress(redis.RedisError, OSError):
            await self._publisher.connection_pool.disconnect(inuse_connections=False)

    def _log_error(self, what: str, error: Exception | None) -> None:
        if self._log_throttle.should_log():
            logger.warning("sessions of other processes cannot be reached: %s (%s)", what, error or "no response")

    def _set_response(self, number: int, response: Response | None) -> None:
        future = self._calls.get(number)
        if future and not future.done():
            future.set_result(response)

    def _on_redis_message(self, message: dict[str, Any]) -> None:
        if "answer" in message:
            self._set_response(message["answer"], Response(message["ok"], message["result"]))
        elif "lost" in message:
            self._set_response(message["lost"], None)
        elif "still" in message:
            if (message["from"], message["still"]) not in self._running_calls:
                self._run(self._reply(message["from"], {"lost": message["still"]}))
        elif "call" in message:
            self._running_calls.add((message["from"], message["call"]))
            self._run(self._run_call(message))
        elif "operation" in message:
            # Called directly, not as a task: messages are handled in their order.
            self._on_message(message["operation"], message["data"])

    async def _run_call(self, message: dict[str, Any]) -> None:
        caller, number = message["from"], message["call"]
        try:
            result = await self._on_call(message["operation"], message["data"])
            await self._reply(caller, {"answer": number, "ok": True, "result": result})
        except SessionError as error:
            await self._reply(caller, {"answer": number, "ok": False, "result": error.code})
        except Exception:  # the caller must not wait for a response that never comes
            logger.exception("a call of another process failed")
            await self._reply(caller, {"answer": number, "ok": False, "result": None})
        finally:
            self._running_calls.discard((caller, number))

    async def _reply(self, node: str, message: dict[str, Any]) -> None:
        with contextlib.suppress(OwnerGone, redis.RedisError):
            await self._publish(node, message)

    def _run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def close(self) -> None:
        """Unsubscribe; sessions of this process can no longer be reached from others."""
        if self._subscriber:
            await self._subscriber.close(timeout=_CLOSE_TIMEOUT)
        for task in list(self._tasks):
            await cancel_and_wait(task)
        await self._publisher.aclose()
