"""One client's live connection, as applications and rooms see it: it takes frames and never blocks who gives them."""

import asyncio
from typing import Any

import orjson

from foundation.ids import new_id
from realtime.transport.encoded import Encoded, RawPacket
from realtime.transport.outbox import MAX_PACKETS

from .client_channel import ClientChannel
from .frame import Encoder, Frame, PublishedEvent

_SHED_ABOVE_PACKETS = 100
# How often somebody who waits for a client to take what was queued looks again.
_LOOK_SECONDS = 0.02
# The close code of a connection that could not keep up; it may come back at once.
TOO_SLOW = 4008


class Connection:
    """Writes to its line in order; while it is held, what rooms deliver waits until `release`."""

    __slots__ = ("_channel", "_held", "_holds", "closed", "encoder", "expiry", "id", "rooms", "state", "user_id")

    def __init__(self, *, encoder: Encoder, channel: ClientChannel) -> None:
        self.id = new_id("c")
        self.encoder, self._channel = encoder, channel
        # The application keeps who this is, and what else it knows, here.
        self.user_id = ""
        self.state: Any = None
        self.rooms: set[str] = set()
        # Ends the session when its token runs out.
        self.expiry: asyncio.TimerHandle | None = None
        self.closed = False
        self._held: list[tuple[str, PublishedEvent]] = []
        self._holds = 0

    def deliver(self, room: str, frame: Frame) -> None:
        """Take a room's frame."""
        if not self._holds:
            if not self.closed:
                self._channel.send(frame.encoded_for(self.encoder))
            return
        self._held += [(room, event) for event in frame.events]
        if len(self._held) > MAX_PACKETS:
            self.end(TOO_SLOW, "too slow: reconnect and resume")

    @property
    def idle(self) -> bool:
        """Whether it takes what may be lost: that is shed first when the client is slow."""
        return not self.closed and not self._holds and self._channel.backlog <= _SHED_ABOVE_PACKETS

    def deliver_if_idle(self, room: str, frame: Frame) -> bool:
        """Take a frame that may be lost, and say whether it was taken."""
        idle = self.idle
        if idle:
            self._channel.send(frame.encoded_for(self.encoder))
        return idle

    async def wait_for_space(self) -> None:
        """Return when the client has taken most of what was queued, or is gone."""
        while self._channel.backlog > _SHED_ABOVE_PACKETS and not self.closed:  # noqa: ASYNC110 - seldom, and then for long
            await asyncio.sleep(_LOOK_SECONDS)

    def emit(self, event: str, data: Any) -> None:
        """Send this client alone an event, held or not."""
        self.write(self.encoder.event(event, orjson.dumps(data)))

    def write(self, *packets: RawPacket) -> None:
        """Queue packets that are already in the wire's form, together."""
        if not self.closed:
            self._channel.send(Encoded(packets, binary=len(packets) > 1))

    def send(self, frame: Frame) -> None:
        """Send this client a frame, held or not."""
        if not self.closed:
            self._channel.send(frame.encoded_for(self.encoder))

    def hold(self) -> None:
        """Keep the rooms' frames back, so that a snapshot can be sent before what follows it; holds nest."""
        self._holds += 1

    def release(self) -> None:
        """Send what was held back, in order, once nobody holds the connection any more."""
        self._holds -= 1
        if self._holds or not self._held:
            return
        held, self._held = self._held, []
        self.send(Frame([event for _, event in held]))

    def drop_held(self, room: str, *, through: int | None = None) -> None:
        """Forget what was held back for a room, all of it or up to a seq that a snapshot already covers."""
        self._held = [
            (name, event) for name, event in self._held if name != room or (through is not None and event.seq > through)
        ]

    def end(self, code: int, reason: str) -> None:
        """Close the line once what is queued was written; nothing more is."""
        if not self.closed:
            self.closed = True
            self._channel.close(reason, code=code)
