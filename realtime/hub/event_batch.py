"""What many connections receive, encoded once for each encoder, down to the bytes of the websocket frames."""

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from realtime.transport.encoded import Encoded


class NotReady(Exception):
    """An encoder has to wait for what it needs; when `ready` is done, it is to be asked again."""

    def __init__(self, ready: asyncio.Future[Any]) -> None:
        super().__init__()
        self.ready = ready


class Encoder(Protocol):
    """Encodes an event for a transport; connections that share an encoder share its result. It may raise `NotReady`."""

    def event(self, name: str, data: bytes) -> str: ...


class PublishedEvent(Protocol):
    """An event of a room: its name, its JSON, and its seq in the room's log (0 if it is transient)."""

    @property
    def seq(self) -> int: ...

    @property
    def event(self) -> str: ...

    @property
    def data(self) -> bytes: ...


class TransientEvent(NamedTuple):
    """An event that is not in the log."""

    event: str
    data: bytes
    seq: int = 0


class EventBatch:
    """Consecutive events of a room, encoded when the first connection of each encoder needs them."""

    __slots__ = ("_encoded", "_parts", "_waits", "events")

    def __init__(self, events: Sequence[PublishedEvent]) -> None:
        self.events = events
        self._encoded: dict[Encoder, Encoded] = {}
        self._parts: Sequence[EventBatch] | None = None
        # What an encoder waits for: the first connection has asked it, the others need not.
        self._waits: dict[Encoder, asyncio.Future[Any]] | None = None

    def encoded_for(self, encoder: Encoder) -> Encoded:
        """Return the events as this encoder writes them; raises `NotReady`."""
        encoded = self._encoded.get(encoder)
        if encoded is None:
            encoded = self._encoded[encoder] = Encoded(self._encode(encoder))
        return encoded

    def _encode(self, encoder: Encoder) -> list[str]:
        ready = self._waits.get(encoder) if self._waits else None
        if ready and not ready.done():
            raise NotReady(ready)
        try:
            return [encoder.event(event.event, event.data) for event in self.events]
        except NotReady as unready:
            self._waits = {**(self._waits or {}), encoder: unready.ready}
            raise

    async def prepare(self, encoder: Encoder) -> None:
        """Return when `encoded_for` need not wait: each event is encoded once, and others have their turns between."""
        packets: list[str] = []
        while encoder not in self._encoded and len(packets) < len(self.events):
            event = self.events[len(packets)]
            try:
                packets.append(encoder.event(event.event, event.data))
            except NotReady as unready:
                # Not awaited itself: others wait for it too, and whoever is cancelled would cancel it for all.
                await asyncio.wait([unready.ready])
            else:
                await asyncio.sleep(0)
        if encoder not in self._encoded:
            self._encoded[encoder] = Encoded(packets)

    def parts(self) -> "Sequence[EventBatch]":
        """Return each event as a batch of its own, the same for all connections."""
        if self._parts is None:
            self._parts = [self] if len(self.events) == 1 else [EventBatch([event]) for event in self.events]
        return self._parts
