"""A channel layer that drops, repeats, delays and reorders a share of the messages that a hub receives, for tests.

`CHANNEL_LAYER=tests.lossy_layer.LossyLayer` selects it: a wrapper of the layer that `LOSSY_LAYER` names. Each process
applies faults to what it receives itself; `LOSSY_SEED` makes them repeatable. `LOSSY_SHARE` (0 to 1) of the messages
get one of `LOSSY_FAULTS`; with `LOSSY_TYPES`, only messages of these types do.
"""

import asyncio
import os
import random
from typing import Any

import msgpack
from django.utils.module_loading import import_string

from realtime.hub.batches import MESSAGES, Message, unpack
from realtime.hub.layer import Layer, LayerMessage

FAULTS = ("drop", "repeat", "delay", "reorder")
# The longest delay of a message or of its copy: longer than a room waits for a missing change.
_MAX_DELAY = 0.5


class Faults:
    """Decides how often and when each message arrives; gets every message in the order of arrival."""

    def __init__(self, fault_rate: float, faults: tuple[str, ...], types: tuple[str, ...], seed: str) -> None:
        self._fault_rate, self._faults, self._types = fault_rate, faults, types
        self._random = random.Random(seed)
        self._reordered: list[Message] = []

    @classmethod
    def from_environment(cls) -> "Faults":
        faults, types = (tuple(os.environ.get(name, "").split()) for name in ("LOSSY_FAULTS", "LOSSY_TYPES"))
        fault_rate, seed = os.environ.get("LOSSY_SHARE", "0.1"), os.environ.get("LOSSY_SEED", "1")
        return cls(float(fault_rate), faults or FAULTS, types, seed)

    def arrivals(self, message: Message) -> list[tuple[float, Message]]:
        """Return the messages that arrive because this one did, each with its delay in seconds."""
        fault = self._fault(message)
        if fault == "reorder":
            # It arrives after the next message that is not reordered.
            self._reordered.append(message)
            return []
        reordered, self._reordered = [(0.0, earlier) for earlier in self._reordered], []
        delay = self._random.uniform(0, _MAX_DELAY)
        arrivals = {"drop": [], "repeat": [(0.0, message), (delay, message)], "delay": [(delay, message)]}
        return arrivals.get(fault, [(0.0, message)]) + reordered

    def _fault(self, message: Message) -> str:
        if self._types and message["type"] not in self._types:
            return ""
        return self._random.choice(self._faults) if self._random.random() < self._fault_rate else ""


class LossyLayer:
    """Wraps a layer; what is sent is not affected, and neither are beats."""

    def __init__(self, **config: Any) -> None:
        inner = import_string(os.environ.get("LOSSY_LAYER", "realtime.hub.layer.PipelinedPubSubLayer"))
        self._inner: Layer = inner(**config)
        self._faults = Faults.from_environment()
        self._arrived: asyncio.Queue[LayerMessage] = asyncio.Queue()
        self._receiving: asyncio.Task[None] | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def receive(self, channel: str) -> LayerMessage:
        if self._receiving is None:
            self._receiving = asyncio.create_task(self._receive(channel))
        try:
            return await self._arrived.get()
        except asyncio.CancelledError:
            self._receiving.cancel()
            raise

    async def _receive(self, channel: str) -> None:
        while True:
            batch = await self._inner.receive(channel)
            if batch["type"] != MESSAGES:
                self._arrived.put_nowait(batch)
                continue
            for message in unpack(batch):
                for delay, arriving in self._faults.arrivals(message):
                    arrived = {**batch, "body": msgpack.packb(arriving)}
                    asyncio.get_running_loop().call_later(delay, self._arrived.put_nowait, arrived)
