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

    __slots__ = ("_encoded", "events")

    def __init__(self, events: Sequence[PublishedEvent]) -> None:
        self.events = events
        self._encoded: dict[Encoder, Encoded] = {}

    def encoded_for(self, encoder: Encoder) -> Encoded:
        encoded = self._encoded.get(encoder)
        if encoded is None:
            encoded = self._encoded[encoder] = Encoded([encoder.event(e.event, e.data) for e in self.events])
        return encoded
