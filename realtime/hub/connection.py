"""One client's connection, as applications and rooms see it; nothing here blocks."""

import asyncio
from typing import Any

import orjson

from foundation.ids import new_id
from realtime.transport.encoded import Encoded, RawPacket
from realtime.transport.outbox import MAX_PACKETS

from .client_channel import ClientChannel
from .event_batch import Encoder, EventBatch, PublishedEvent

# With more packets queued, transient events are dropped and missed changes wait.
_MAX_TRANSIENT_BACKLOG = 100
_POLL_SECONDS = 0.02
# The close code of a connection whose client reads too slowly; it may reconnect at once.
TOO_SLOW = 4008


class Connection:
    """Writes to its channel in order; while it is held, what rooms deliver waits until `release`."""

    __slots__ = (
        "_channel",
        "_held",
        "_holds",
        "closed",
        "deferred",
        "encoder",
        "expiry",
        "id",
        "rooms",
        "state",
        "user_id",
    )

    def __init__(self, *, encoder: Encoder, channel: ClientChannel) -> None:
        self.id = new_id("c")
        self.encoder, self._channel = encoder, channel
        # Both are set by the application: the user, and whatever it keeps of the connection.
        self.user_id = ""
        self.state: Any = None
        self.rooms: set[str] = set()
        # Closes the connection when its token expires.
        self.expiry: asyncio.TimerHandle | None = None
        # Outcomes of events that are still pending (`realtime.dispatcher.Deferred`).
        self.deferred: set[asyncio.Task[None]] | None = None
        self.closed = False
        self._held: list[tuple[str, PublishedEvent]] = []
        self._holds = 0

    def deliver(self, room: str, batch: EventBatch) -> None:
        """Send a room's events, or keep them while the connection is held."""
        if not self._holds:
            if not self.closed:
                self._channel.send(batch.encoded_for(self.encoder))
            return
        self._held += [(room, event) for event in batch.events]
        if len(self._held) > MAX_PACKETS:
            self.end(TOO_SLOW, "too slow: reconnect and resume")

    @property
    def keeps_up(self) -> bool:
        """Whether the connection takes transient events: it is not held, and its client reads what it is sent."""
        return not self.closed and not self._holds and self._channel.backlog <= _MAX_TRANSIENT_BACKLOG

    def deliver_transient(self, batch: EventBatch) -> bool:
        """Send events that may be dropped; return whether they were sent, which is while the client keeps up."""
        keeps_up = self.keeps_up
        if keeps_up:
            self._channel.send(batch.encoded_for(self.encoder))
        return keeps_up

    async def wait_for_space(self) -> None:
        """Return when the client has read most of what was queued, or the connection is closed."""
        while self._channel.backlog > _MAX_TRANSIENT_BACKLOG and not self.closed:  # noqa: ASYNC110 - rare
            await asyncio.sleep(_POLL_SECONDS)

    def emit(self, event: str, data: Any) -> None:
        """Send an event to this client only, held or not."""
        self.write(self.encoder.event(event, orjson.dumps(data)))

    def write(self, *packets: RawPacket) -> None:
        """Send packets that are already encoded, together."""
        if not self.closed:
            self._channel.send(Encoded(packets, binary=len(packets) > 1))

    def send(self, batch: EventBatch) -> None:
        """Send events to this client only, held or not."""
        if not self.closed:
            self._channel.send(batch.encoded_for(self.encoder))

    def hold(self) -> None:
        """Keep the rooms' events until `release`, so that a snapshot is sent before the changes after it; nests."""
        self._holds += 1

    def release(self) -> None:
        """Undo one `hold`; after the last, send what was kept, in order."""
        self._holds -= 1
        if self._holds or not self._held:
            return
        held, self._held = self._held, []
        self.send(EventBatch([event for _, event in held]))

    def drop_held(self, room: str, *, through: int | None = None) -> None:
        """Drop what was kept for a room: all of it, or what a snapshot `through` that seq contains."""
        self._held = [
            (name, event) for name, event in self._held if name != room or (through is not None and event.seq > through)
        ]

    def end(self, code: int, reason: str) -> None:
        """Close the connection once what is queued was written; nothing more is sent."""
        if not self.closed:
            self.closed = True
            self._channel.close(reason, code=code)
