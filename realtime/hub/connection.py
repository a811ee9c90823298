"""One client's connection, as applications and rooms see it; nothing here blocks.

What serves many connections calls `deliver`, `deliver_if_idle` or `emit_or_close`: they never raise. A failure of the
encoder or channel closes this connection alone; its client reconnects and resumes, so that it misses nothing.
"""

import asyncio
import logging
from typing import Any

import orjson

from foundation.ids import new_id
from foundation.log_throttle import LogThrottle
from realtime.transport.encoded import Encoded, RawPacket
from realtime.transport.outbox import MAX_PACKETS

from .client_channel import ClientChannel, NoChannel
from .event_batch import Encoder, EventBatch, NotReady

logger = logging.getLogger(__name__)
# One for all connections: an encoder that fails does so for each of them.
_log_throttle = LogThrottle()

# With more packets queued, transient events are dropped and missed changes wait.
_MAX_TRANSIENT_BACKLOG = 100
_POLL_SECONDS = 0.02
# The close code of a connection whose client reads too slowly; it may reconnect at once.
TOO_SLOW = 4008
# The close code of a connection that cannot be served for now; the private twin of 1013 in RFC 6455's registry.
TRY_AGAIN_LATER = 4013


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
        "rooms_version",
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
        # Counts the rooms joined and left, so that nobody compares sets of a thousand to see whether they changed.
        self.rooms_version = 0
        # Closes the connection when its token expires.
        self.expiry: asyncio.TimerHandle | None = None
        # Outcomes of events that are still pending (`realtime.dispatcher.Deferred`).
        self.deferred: set[asyncio.Task[None]] | None = None
        self.closed = False
        # Events of rooms, each as a batch that other connections share.
        self._held: list[tuple[str, EventBatch]] = []
        self._holds = 0

    @property
    def transport(self) -> str:
        return self._channel.transport

    def detach(self) -> None:
        """Write nothing more: the client has gone. Its channel may refer to the connection, and would be in a cycle."""
        self.closed = True
        self._channel = NoChannel(self._channel.transport)

    def add_room(self, room: str) -> None:
        self.rooms.add(room)
        self.rooms_version += 1

    def discard_room(self, room: str) -> None:
        """Take the connection out of a room, and drop what it holds of it."""
        self.rooms.discard(room)
        self.rooms_version += 1
        self.drop_held(room)

    def deliver(self, room: str, batch: EventBatch) -> None:
        """Send a room's events, or keep them while the connection is held."""
        try:
            if self._holds:
                self._keep(room, batch)
            elif not self.closed:
                self._channel.send(batch.encoded_for(self.encoder))
        except NotReady as unready:
            self._keep_until(unready, [(room, part) for part in batch.parts()])
        except Exception:
            self._fail()

    def _keep_until(self, unready: NotReady, held: list[tuple[str, EventBatch]]) -> None:
        """Keep these events, and all that follow them, until the encoder can encode the first of them."""
        self._held = held
        self.hold()
        unready.ready.add_done_callback(lambda _: self.release())

    def _keep(self, room: str, batch: EventBatch) -> None:
        self._held += [(room, part) for part in batch.parts()]
        if len(self._held) > MAX_PACKETS:
            self.end(TOO_SLOW, "too slow: reconnect and resume")

    @property
    def keeps_up(self) -> bool:
        """Whether the connection takes transient events: it is not held, and its client reads what it is sent."""
        return not self.closed and not self._holds and self._channel.backlog <= _MAX_TRANSIENT_BACKLOG

    def deliver_transient(self, batch: EventBatch) -> bool:
        """Send events that may be dropped; return whether they were sent, which is while the client keeps up."""
        try:
            if self.keeps_up:
                self._channel.send(batch.encoded_for(self.encoder))
                return True
        except NotReady:
            return False
        except Exception:
            self._fail()
        return False

    async def prepare(self, batch: EventBatch) -> None:
        """Return when these events can be encoded for this client, so that sending them need not wait."""
        # Most encoders never wait.
        try:
            batch.encoded_for(self.encoder)
        except NotReady:
            await batch.prepare(self.encoder)

    async def wait_for_space(self) -> None:
        """Return when the client has read most of what was queued, or the connection is closed."""
        while self._channel.backlog > _MAX_TRANSIENT_BACKLOG and not self.closed:  # noqa: ASYNC110 - rare
            await asyncio.sleep(_POLL_SECONDS)

    def emit(self, event: str, data: Any) -> None:
        """Send an event to this client only, held or not."""
        self.write(self.encoder.event(event, orjson.dumps(data)))

    def emit_or_close(self, event: str, data: Any) -> None:
        """Send an event as `emit` does, but never raise: a failure closes the connection."""
        try:
            self.emit(event, data)
        except Exception:
            self._fail()

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
        """Undo one `hold`; after the last, send what was kept, in order, or close the connection if that fails."""
        self._holds -= 1
        if self._holds or not self._held:
            return
        held, self._held = self._held, []
        for place, (_, part) in enumerate(held):
            try:
                self.send(part)
            except NotReady as unready:
                self._keep_until(unready, held[place:])
                return
            except Exception:
                self._fail()
                return

    def drop_held(self, room: str, *, through: int | None = None) -> None:
        """Drop what was kept for a room: all of it, or what a snapshot `through` that seq contains."""
        self._held = [
            (name, part)
            for name, part in self._held
            if name != room or (through is not None and part.events[0].seq > through)
        ]

    def end(self, code: int, reason: str) -> None:
        """Close the connection once what is queued was written; nothing more is sent. Never raises."""
        if self.closed:
            return
        self.closed = True
        try:
            self._channel.close(reason, code=code)
        except Exception:
            logger.exception("the channel of connection %s could not be closed", self.id)

    def _fail(self) -> None:
        """Log the exception that is being handled, and close: its client misses something, and must resume."""
        if _log_throttle.should_log():
            logger.exception("connection %s is closed: nothing can be sent to it", self.id)
        self.end(TRY_AGAIN_LATER, "try again later")
