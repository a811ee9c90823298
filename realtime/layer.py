"""The link between a hub and the channel layer: one channel a process, quick, and allowed to lose anything."""

import asyncio
import contextlib
import logging
import secrets
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from channels.layers import get_channel_layer

logger = logging.getLogger(__name__)

_MAX_QUEUED = 10_000
_SEND_TIMEOUT = 2.0
_SUBSCRIBE_PATIENCE = 1.0
_RETRY_SECONDS = 0.5
_CLOSE_TIMEOUT = 1.0
_COMPLAIN_EVERY = 10.0


class LayerLink:
    """Posts to topics and hears those it is subscribed to; while Redis is away, posts are dropped and logged."""

    def __init__(self, on_message: Callable[[dict[str, Any]], None]) -> None:
        self.origin = secrets.token_hex(8)
        self._on_message = on_message
        self._layer = get_channel_layer()
        self._wanted: set[str] = set()
        self._subscribed: set[str] = set()
        self._waiting: dict[str, asyncio.Future[None]] = {}
        self._outbox: deque[tuple[str, dict[str, Any]]] = deque(maxlen=_MAX_QUEUED)
        self._posted, self._idle, self._changed = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._idle.set()
        self._complained = 0.0
        self._channel: str | None = None
        self._tasks = [asyncio.create_task(work()) for work in (self._send, self._subscribe, self._receive)]

    def subscribe(self, topic: str) -> None:
        if topic not in self._wanted:
            self._wanted.add(topic)
            self._changed.set()

    async def subscribed(self, topic: str) -> None:
        """Return once the topic is heard, or after a moment without it: what is missed then is found in the log."""
        self.subscribe(topic)
        if topic in self._subscribed:
            return
        waiting = self._waiting.setdefault(topic, asyncio.get_running_loop().create_future())
        await asyncio.wait([waiting], timeout=_SUBSCRIBE_PATIENCE)

    def hears(self, topic: str) -> bool:
        """Say whether the topic is subscribed to."""
        return topic in self._subscribed

    def unsubscribe(self, topic: str) -> None:
        self._wanted.discard(topic)
        self._changed.set()

    def post(self, topic: str, message: dict[str, Any]) -> None:
        """Queue a message; never blocks. Past the bound the oldest is dropped: the log has it."""
        message["origin"] = self.origin
        self._outbox.append((topic, message))
        self._posted.set()
        self._idle.clear()

    async def close(self) -> None:
        """Send what is queued, stop, and let go of the layer's own tasks and connections."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_TIMEOUT):
                await self._idle.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks, timeout=_CLOSE_TIMEOUT)
        # The layer's receiver can lose a cancellation to its own time-out: it is not waited for without a bound.
        with contextlib.suppress(TimeoutError, Exception):
            async with asyncio.timeout(_CLOSE_TIMEOUT):
                await self._layer.flush()

    async def _send(self) -> None:
        while True:
            await self._posted.wait()
            self._posted.clear()
            while self._outbox:
                topic, message = self._outbox.popleft()
                try:
                    async with asyncio.timeout(_SEND_TIMEOUT):
                        await self._layer.group_send(topic, message)
                except Exception as error:
                    self._complain("could not publish", error)
            self._idle.set()

    async def _subscribe(self) -> None:
        """Keep the layer's subscriptions equal to the wanted ones, as soon as it lets us."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self._reconcile()
            except Exception as error:
                self._complain("could not subscribe", error)
                await asyncio.sleep(_RETRY_SECONDS)
                self._changed.set()

    async def _reconcile(self) -> None:
        if self._channel is None:
            self._channel = await self._layer.new_channel()
        for topic in self._wanted - self._subscribed:
            await self._layer.group_add(topic, self._channel)
            self._subscribed.add(topic)
            waiting = self._waiting.pop(topic, None)
            if waiting and not waiting.done():
                waiting.set_result(None)
        for topic in self._subscribed - self._wanted:
            await self._layer.group_discard(topic, self._channel)
            self._subscribed.discard(topic)

    async def _receive(self) -> None:
        while True:
            if self._channel is None:
                await asyncio.sleep(0.01)
                continue
            try:
                self._on_message(await self._layer.receive(self._channel))
            except Exception as error:
                self._complain("could not take a message", error)
                await asyncio.sleep(_RETRY_SECONDS)

    def _complain(self, what: str, error: Exception) -> None:
        """Log a failure, not each of a thousand in a row."""
        if time.monotonic() - self._complained > _COMPLAIN_EVERY:
            self._complained = time.monotonic()
            logger.warning("channel layer: %s (%r); the logs are compared until it is back", what, error)
