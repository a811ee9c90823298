"""No sticky sessions: whoever gets a request for a session of another process relays it to that process over Redis.

A sid names its owner: `<node>.<random>`. A call is published to the owner's channel; when nobody listens there the
owner is gone, and so is the session. Frames of one socket travel in one stream, so they keep their order.
"""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import msgpack
import redis.asyncio as redis

from .contract import SessionError

logger = logging.getLogger(__name__)

# How often a caller that waits long asks whether the owner is still there.
_STILL_THERE = 1.0
# How long a session waits to be told to its client when Redis is away: this process can serve it all the same.
_REACHABLE_WITHIN = 1.0
OnCall = Callable[[str, dict[str, Any]], Awaitable[Any]]
OnTell = Callable[[str, dict[str, Any]], None]


@dataclass(frozen=True, slots=True)
class Answer:
    ok: bool
    result: Any


class OwnerGone(Exception):
    """Nobody listens on the owner's channel."""


class Cluster:
    """This process's place among the others that serve the same sessions."""

    def __init__(self, url: str, namespace: str, *, on_call: OnCall, on_tell: OnTell) -> None:
        self.node = secrets.token_hex(6)
        self._prefix = f"{namespace}:eio:"
        self._alone = not url
        self._redis = redis.Redis.from_url(url or "redis://127.0.0.1")
        self._on_call, self._on_tell = on_call, on_tell
        self._calls: dict[int, asyncio.Future[Answer]] = {}
        self._number = 0
        self._running: set[asyncio.Task[Any]] = set()
        self._ready = asyncio.Event()
        self._listener = asyncio.create_task(self._listen()) if url else None

    def new_sid(self) -> str:
        return f"{self.node}.{secrets.token_urlsafe(15)}"

    def owner_of(self, sid: str) -> str:
        return sid.partition(".")[0]

    async def reachable(self) -> None:
        """Return when the others can reach what is opened here: until then they would take its owner for gone."""
        if not self._alone and not self._ready.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._ready.wait(), _REACHABLE_WITHIN)

    async def call(self, node: str, operation: str, data: dict[str, Any]) -> Any:
        """Return what the owner's handler returns; raises `OwnerGone`, or the `SessionError` that it raised."""
        if not self._alone:
            await self._ready.wait()
        self._number += 1
        number = self._number
        future = self._calls[number] = asyncio.get_running_loop().create_future()
        try:
            await self._publish(node, {"call": number, "from": self.node, "operation": operation, "data": data})
            while not future.done():
                await asyncio.wait([future], timeout=_STILL_THERE)
                if not future.done():
                    await self._publish(node, {"still": True})
            answer = future.result()
        finally:
            del self._calls[number]
        if not answer.ok:
            raise SessionError(answer.result)
        return answer.result

    async def tell(self, node: str, operation: str, data: dict[str, Any]) -> None:
        """Hand the owner something that needs no answer; raises `OwnerGone`."""
        await self._publish(node, {"from": self.node, "operation": operation, "data": data})

    async def _publish(self, node: str, message: dict[str, Any]) -> None:
        if self._alone or not await self._redis.publish(self._prefix + node, msgpack.packb(message)):
            raise OwnerGone

    async def _listen(self) -> None:
        while True:
            try:
                async with self._redis.pubsub() as channel:
                    await channel.subscribe(self._prefix + self.node)
                    async for message in channel.listen():
                        if message["type"] == "subscribe":
                            # Redis has said so: sent is not yet heard.
                            self._ready.set()
                        if message["type"] == "message":
                            self._take(msgpack.unpackb(message["data"]))
            except redis.RedisError:
                logger.warning("sessions of other processes cannot be reached: Redis does not answer")
                await asyncio.sleep(0.5)

    def _take(self, message: dict[str, Any]) -> None:
        if "answer" in message:
            future = self._calls.get(message["answer"])
            if future and not future.done():
                future.set_result(Answer(message["ok"], message["result"]))
        elif "call" in message:
            task = asyncio.create_task(self._serve(message))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        elif "operation" in message:
            # Not a task: what is told in order is taken in order.
            self._on_tell(message["operation"], message["data"])

    async def _serve(self, message: dict[str, Any]) -> None:
        try:
            ok, result = True, await self._on_call(message["operation"], message["data"])
        except SessionError as error:
            ok, result = False, error.code
        with contextlib.suppress(OwnerGone, redis.RedisError):
            await self._publish(message["from"], {"answer": message["call"], "ok": ok, "result": result})

    async def close(self) -> None:
        """Stop listening; sessions of this process cannot be reached any more."""
        if self._listener:
            self._listener.cancel()
        for task in self._running:
            task.cancel()
        await self._redis.aclose()
