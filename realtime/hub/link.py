"""The link between the hubs of all processes: carries messages of topics over a channel layer; it may lose anything.

The layer may drop, repeat and reorder, and does not say when it is broken: a beat that the process sends through it to
itself does. The logs have everything, so all that a break costs is a comparison of the rooms with their logs.
"""

import asyncio
import contextlib
import logging
import secrets
from collections import defaultdict
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import msgpack

from foundation.log_throttle import LogThrottle

from .batches import BEAT, Message, batch_of, unpack
from .layer import Layer, LayerMessage, add_groups, close_layer, discard_groups, group_name, make_layer, send_to_groups
from .topics import Topics

logger = logging.getLogger(__name__)

# Every so many seconds a beat is sent; the layer counts as away once two were not heard. Then they come more often.
BEAT_INTERVAL, AWAY_BEAT_INTERVAL = 2.0, 0.5
_MAX_UNHEARD = 2
# With so many beats sent but not heard, the layer can send but not receive, and is replaced.
_MAX_DEAF = 4
# How often all memberships of groups are renewed: some layers let them expire after a day.
RENEWAL_INTERVAL = 3600.0
# How many bytes wait to be sent; past this, messages are dropped: the logs have them.
MAX_BACKLOG_BYTES = 8 * 1024 * 1024
_LAYER_TIMEOUT, _SUBSCRIBE_TIMEOUT, _CLOSE_TIMEOUT = 2.0, 1.0, 1.0
# Seconds between two sends under load: what comes meanwhile leaves together, for a third of the cost.
SEND_INTERVAL = 0.003
_ORIGIN_BYTES = 8
# How many groups are added at a time, between two sends.
_BATCH = 100


class Link:
    """Publishes to topics and subscribes to them; nothing here waits for the layer, and nothing fails with it.

    `on_message` gets each message of another process. `on_missed` gets the topics to which something could not be sent,
    once the layer accepts messages again. `on_return` is called when the layer was away and is back, and all topics are
    subscribed to again.
    """

    def __init__(
        self,
        on_message: Callable[[Message], None],
        *,
        on_missed: Callable[[set[str]], None],
        on_return: Callable[[], None],
    ) -> None:
        self._on_message, self._on_missed, self._on_return = on_message, on_missed, on_return
        # By which the process knows its own messages, without unpacking them.
        self._origin = secrets.token_bytes(_ORIGIN_BYTES)
        self._beat_group = group_name(f"beat.{self._origin.hex()}")
        self._layer: Layer | None = None
        self._channel = ""
        self._topics = Topics()
        # Packed messages by topic, and the topics of those that could not be sent.
        self._due: dict[str, list[bytes]] = defaultdict(list)
        self._due_bytes = 0
        self._missed: set[str] = set()
        self._away = self._returning = False
        # How many beats have been sent since one was heard, and how many of them the layer has accepted.
        self._unheard = self._deaf = 0
        self._last_sent = 0.0
        self._wake, self._idle = asyncio.Event(), asyncio.Event()
        self._log_throttle = LogThrottle()
        self._receiver: asyncio.Task[None] | None = None
        # The layer is opened at once, so that beats say soon whether it works.
        self._wake_sender()
        self._tasks = [asyncio.create_task(work) for work in (self._send(), self._beat(), self._renew())]

    # --- topics ------------------------------------------------------------------------------------------------------
    def subscribe(self, topic: str) -> None:
        if topic not in self._topics:
            self._topics.add(topic)
            self._wake_sender()

    async def wait_subscribed(self, topic: str) -> None:
        """Subscribe, and return once the layer has taken that, or after a timeout: what is missed is in the log."""
        self.subscribe(topic)
        if not self.is_ready(topic):
            await self._topics.wait_joined(topic, _SUBSCRIBE_TIMEOUT)

    def is_ready(self, topic: str) -> bool:
        """Whether there is nothing to wait for: the topic is subscribed to, or the layer is away."""
        return self._topics.is_joined(topic) or self._away

    @property
    def is_up(self) -> bool:
        """Whether other processes are heard, as far as is known: what they publish may be lost all the same."""
        return self._layer is not None and not self._away

    def unsubscribe(self, topic: str) -> None:
        self._topics.discard(topic)
        self._wake_sender()

    # --- messages ----------------------------------------------------------------------------------------------------
    def publish(self, topic: str, message: Message) -> None:
        """Send a message soon, together with what else is due then; never blocks and never fails."""
        packed = msgpack.packb(message)
        if self._away or self._due_bytes + len(packed) > MAX_BACKLOG_BYTES:
            self._missed.add(topic)
            self._warn("messages are dropped", None if self._away else "too many wait to be sent")
        else:
            self._due[topic].append(packed)
            self._due_bytes += len(packed)
        self._wake_sender()

    def _wake_sender(self) -> None:
        self._idle.clear()
        self._wake.set()

    async def _send(self) -> None:
        """Join and leave groups and send what is due, one turn of the loop after another: the layer's only caller."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                if not self._away:
                    await self._send_all()
            except Exception as error:
                self._go_away(error)
            self._idle.set()

    async def _send_all(self) -> None:
        layer = self._layer or await self._open()
        while (self._topics.has_changed or self._due) and not self._away:
            await self._pace()
            await self._join_and_leave(layer)
            await self._send_due(layer)
        if self._away:
            return
        if self._missed:
            missed, self._missed = self._missed, set()
            self._on_missed(missed)
        if self._returning:
            self._returning = False
            self._on_return()

    async def _pace(self) -> None:
        """Wait for what may join this send, if another one began a moment ago."""
        now = asyncio.get_running_loop().time()
        wait = max(0.0, self._last_sent + SEND_INTERVAL - now)
        self._last_sent = now + wait
        if wait:
            await asyncio.sleep(wait)

    async def _open(self) -> Layer:
        layer = make_layer()
        self._channel = await _bounded(layer.new_channel())
        await _bounded(add_groups(layer, [self._beat_group], self._channel))
        self._layer = layer
        self._receiver = asyncio.create_task(self._receive(layer, self._channel))
        return layer

    async def _join_and_leave(self, layer: Layer) -> None:
        to_join, to_leave = self._topics.pop_changed(_BATCH)
        try:
            if to_join:
                await _bounded(add_groups(layer, [group_name(topic) for topic in to_join], self._channel))
            if to_leave:
                await _bounded(discard_groups(layer, [group_name(topic) for topic in to_leave], self._channel))
        except BaseException:
            self._topics.put_back(to_join, to_leave)
            raise
        if not self._away:
            self._topics.on_joined(to_join)

    async def _send_due(self, layer: Layer) -> None:
        if not self._due:
            return
        due, self._due, self._due_bytes = self._due, defaultdict(list), 0
        try:
            await _bounded(
                send_to_groups(layer, {group_name(topic): batch_of(due[topic], self._origin) for topic in due})
            )
        except BaseException:
            self._missed.update(due)
            raise

    async def _receive(self, layer: Layer, channel: str) -> None:
        # Never under a timeout: a layer may delete a channel on which `receive` was cancelled.
        while True:
            try:
                message = await layer.receive(channel)
            except Exception as error:  # whatever the layer raises; beats say whether it works
                self._warn("messages could not be received", error)
                await asyncio.sleep(AWAY_BEAT_INTERVAL)
            else:
                self._handle(message)

    def _handle(self, message: LayerMessage) -> None:
        try:
            if message["origin"] != self._origin:
                for unpacked in unpack(message):
                    self._on_message(unpacked)
            elif message["type"] == BEAT:
                self._on_beat()
        except Exception as error:  # whatever another process sends, the link goes on
            self._warn("a message could not be handled", error)

    # --- beats -------------------------------------------------------------------------------------------------------
    async def _beat(self) -> None:
        while True:
            if self._layer:
                await self._beat_once(self._layer)
            elif self._away:
                await self._try_to_open()
            await asyncio.sleep(AWAY_BEAT_INTERVAL if self._away else BEAT_INTERVAL)

    async def _beat_once(self, layer: Layer) -> None:
        if self._unheard >= _MAX_UNHEARD and not self._away:
            self._go_away(None)
        if self._deaf >= _MAX_DEAF:
            await self._close_layer()
            return
        self._unheard += 1
        try:
            if self._away:
                # The layer may have forgotten it.
                await _bounded(add_groups(layer, [self._beat_group], self._channel))
            await _bounded(layer.group_send(self._beat_group, {"type": BEAT, "origin": self._origin}))
        except Exception as error:
            self._go_away(error)
        else:
            self._deaf += 1

    def _on_beat(self) -> None:
        self._unheard = self._deaf = 0
        if self._away:
            self._return()

    def _go_away(self, error: Exception | None) -> None:
        """Stop to wait for the layer and to send, until a beat is heard."""
        self._missed.update(self._due)
        self._due.clear()
        self._due_bytes = 0
        self._topics.on_lost()
        if not self._away:
            self._away = True
            logger.warning(
                "hub link: the channel layer is away (%s); rooms read their logs",
                repr(error) if error else "no beat heard",
            )

    def _return(self) -> None:
        logger.warning("hub link: the channel layer is back")
        self._away, self._returning = False, True
        self._topics.renew()
        self._wake_sender()

    async def _try_to_open(self) -> None:
        try:
            await self._open()
        except Exception as error:
            self._go_away(error)

    async def _close_layer(self) -> None:
        layer, self._layer, self._deaf = self._layer, None, 0
        if self._receiver:
            self._receiver.cancel()
            await asyncio.wait([self._receiver], timeout=_CLOSE_TIMEOUT)
        if layer:
            # It is to be replaced, or Redis is unreachable: an error does not matter.
            with contextlib.suppress(Exception):
                await _bounded(close_layer(layer))

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEWAL_INTERVAL)
            self._topics.renew()
            self._wake_sender()

    # --- the end -----------------------------------------------------------------------------------------------------
    async def close(self) -> None:
        """Send what was published, and stop."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_CLOSE_TIMEOUT):
                if self._topics.has_changed or self._due:
                    await self._idle.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.wait(self._tasks, timeout=_CLOSE_TIMEOUT)
        await self._close_layer()

    def _warn(self, what: str, reason: Exception | str | None) -> None:
        if self._log_throttle.should_log():
            logger.warning("hub link: %s (%s); they are read from the logs", what, reason or "the layer is away")


async def _bounded(work: Coroutine[Any, Any, Any] | Awaitable[Any]) -> Any:
    async with asyncio.timeout(_LAYER_TIMEOUT):
        return await work
