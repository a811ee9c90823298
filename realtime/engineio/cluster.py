"""No sticky sessions: whoever gets a request for a session of another process relays it to that process over Redis.

A sid names its owner: `<node>.<random>`. A call is published to the owner's channel; when nobody listens there the
owner is gone, and so is the session. Frames of one socket travel in one stream, so they keep their order.

Redis forgets what it has handed to a connection that breaks. So when this process's own breaks, or gives no sign of
life any more, whatever was on its way counts as lost: calls fail, and sockets that are relayed end, before anything
that follows could be taken for the whole.
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
from foundation.redis_retry import no_retry
from realtime.reconnecting_redis import ReconnectingRedis
from realtime.redis_connection import RedisConnection

from .contract import SessionError

logger = logging.getLogger(__name__)

# How often a caller that waits long asks whether the owner is still there.
_STILL_THERE = 1.0
# How long a call, or a session that is to be told to its client, waits for Redis when it is not heard just now.
_REDIS_PATIENCE = 1.0
# How long one message may take to be published.
_PUBLISH_PATIENCE = 5.0
_CLOSE_PATIENCE = 1.0
OnCall = Callable[[str, dict[str, Any]], Awaitable[Any]]
OnTell = Callable[[str, dict[str, Any]], None]
OnLost = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Answer:
    ok: bool
    result: Any


class OwnerGone(Exception):
    """Nobody listens on the owner's channel, or what was asked was lost on the way."""


class Cluster:
    """This process's place among the others that serve the same sessions."""

    def __init__(self, url: str, namespace: str, *, on_call: OnCall, on_tell: OnTell, on_lost: OnLost) -> None:
        self.node = secrets.token_hex(6)
        self._prefix = f"{namespace}:eio:"
        self._alone = not url
        # No second try of its own: what may have been published must not be published again.
        self._redis = redis.Redis.from_url(
            url or "redis://127.0.0.1", retry=no_retry(), socket_timeout=_PUBLISH_PATIENCE
        )
        self._on_call, self._on_tell, self._on_lost = on_call, on_tell, on_lost
        # The calls of this process that wait, each for its answer or None; and those of others that are served here.
        self._calls: dict[int, asyncio.Future[Answer | None]] = {}
        self._serving: set[tuple[str, int]] = set()
        self._number = 0
        self._running: set[asyncio.Task[Any]] = set()
        self._ready = asyncio.Event()
        self._log_throttle = LogThrottle()
        self._redis_link = self._listen(url) if url else None

    def new_sid(self) -> str:
        return f"{self.node}.{secrets.token_urlsafe(15)}"

    def owner_of(self, sid: str) -> str:
        return sid.partition(".")[0]

    async def reachable(self) -> None:
        """Return when the others can reach what is opened here: until then they would take its owner for gone.

        When Redis is away, this process can serve it all the same.
        """
        if not self._alone:
            with contextlib.suppress(OwnerGone):
                await self._until_heard()

    async def call(self, node: str, operation: str, data: dict[str, Any]) -> Any:
        """Return what the owner's handler returns; raises `OwnerGone`, or the `SessionError` that it raised."""
        if not self._alone:
            await self._until_heard()
        self._number += 1
        number = self._number
        future = self._calls[number] = asyncio.get_running_loop().create_future()
        try:
            await self._publish(node, {"call": number, "from": self.node, "operation": operation, "data": data})
            while not future.done():
                await asyncio.wait([future], timeout=_STILL_THERE)
                if not future.done():
                    await self._publish(node, {"still": number, "from": self.node})
            answer = future.result()
        finally:
            del self._calls[number]
        if answer is None:
            raise OwnerGone
        if not answer.ok:
            raise SessionError(answer.result)
        return answer.result

    async def _until_heard(self) -> None:
        """Return when answers can be heard; raises `OwnerGone` when Redis does not come back soon."""
        try:
            async with asyncio.timeout(_REDIS_PATIENCE):
                await self._ready.wait()
        except TimeoutError:
            raise OwnerGone from None

    async def tell(self, node: str, operation: str, data: dict[str, Any]) -> None:
        """Hand the owner something that needs no answer; raises `OwnerGone`."""
        await self._publish(node, {"from": self.node, "operation": operation, "data": data})

    async def _publish(self, node: str, message: dict[str, Any]) -> None:
        if self._alone or not await self._redis.publish(self._prefix + node, msgpack.packb(message)):
            raise OwnerGone

    # --- in ----------------------------------------------------------------------------------------------------------
    def _listen(self, url: str) -> ReconnectingRedis:
        return ReconnectingRedis(
            url,
            on_push=self._on_push,
            on_connect=self._subscribe,
            on_disconnect=self._count_as_lost,
            on_error=self._complain,
        )

    def _subscribe(self, connection: RedisConnection) -> None:
        connection.send(b"SUBSCRIBE", f"{self._prefix}{self.node}".encode())

    def _on_push(self, push: list[Any]) -> None:
        kind, _, payload = push
        if kind == b"subscribe":
            # Redis has said so: sent is not yet heard.
            self._ready.set()
        elif kind == b"message":
            try:
                self._take(msgpack.unpackb(payload))
            except Exception as error:  # whatever another process sends, this one goes on hearing
                self._complain("could not take a message", error)

    def _count_as_lost(self) -> None:
        if self._ready.is_set():
            self._ready.clear()
            # What one is published by stands as long, and has probably come to the same end.
            self._run(self._hang_up())
        for number in self._calls:
            self._answer(number, None)
        self._on_lost()

    async def _hang_up(self) -> None:
        with contextlib.suppress(redis.RedisError, OSError):
            await self._redis.connection_pool.disconnect(inuse_connections=False)

    def _complain(self, what: str, error: Exception | None) -> None:
        if self._log_throttle.should_log():
            logger.warning("sessions of other processes cannot be reached: %s (%s)", what, error or "no answer")

    def _answer(self, number: int, answer: Answer | None) -> None:
        future = self._calls.get(number)
        if future and not future.done():
            future.set_result(answer)

    def _take(self, message: dict[str, Any]) -> None:
        if "answer" in message:
            self._answer(message["answer"], Answer(message["ok"], message["result"]))
        elif "lost" in message:
            self._answer(message["lost"], None)
        elif "still" in message:
            if (message["from"], message["still"]) not in self._serving:
                self._run(self._reply(message["from"], {"lost": message["still"]}))
        elif "call" in message:
            self._serving.add((message["from"], message["call"]))
            self._run(self._serve(message))
        elif "operation" in message:
            # Not a task: what is told in order is taken in order.
            self._on_tell(message["operation"], message["data"])

    async def _serve(self, message: dict[str, Any]) -> None:
        caller, number = message["from"], message["call"]
        try:
            try:
                ok, result = True, await self._on_call(message["operation"], message["data"])
            except SessionError as error:
                ok, result = False, error.code
            await self._reply(caller, {"answer": number, "ok": ok, "result": result})
        finally:
            self._serving.discard((caller, number))

    async def _reply(self, node: str, message: dict[str, Any]) -> None:
        with contextlib.suppress(OwnerGone, redis.RedisError):
            await self._publish(node, message)

    def _run(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(coroutine)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def close(self) -> None:
        """Stop listening; sessions of this process cannot be reached any more."""
        if self._redis_link:
            await self._redis_link.close(timeout=_CLOSE_PATIENCE)
        for task in self._running:
            task.cancel()
        await self._redis.aclose()
