"""The heartbeat of all sessions of a process: the server pings, and closes a session that does not answer in time."""

from collections.abc import Hashable
from typing import Protocol

from realtime.transport.encoded import Encoded
from realtime.transport.timeout_queue import TimeoutQueue

from .packets import PING


class Pingable(Hashable, Protocol):
    @property
    def has_transport(self) -> bool:
        """Whether a ping leaves at once: there is a websocket, or a GET that waits."""
        ...

    def send(self, encoded: Encoded) -> None: ...

    def close(self, reason: str, *, graceful: bool) -> None: ...


class Heartbeat:
    """Intervals in seconds.

    A client with a transport has `timeout` from when the ping was sent: a busy server that sends it late must not
    shorten the time that the handshake promised. Without a transport, the time-out counts from when the ping was due.
    """

    def __init__(self, interval: float, timeout: float) -> None:
        self._idle: TimeoutQueue[Pingable] = TimeoutQueue(interval, self._ping)
        # Two queues, for each needs items in the order in which they fall due.
        self._pinged: TimeoutQueue[Pingable] = TimeoutQueue(timeout, self._time_out)
        self._pinged_without_transport: TimeoutQueue[Pingable] = TimeoutQueue(timeout, self._time_out)

    def start(self, session: Pingable) -> None:
        self._idle.add(session)

    def pong_received(self, session: Pingable) -> None:
        for pinged in (self._pinged, self._pinged_without_transport):
            if session in pinged:
                pinged.discard(session)
                self._idle.add(session)

    def stop(self, session: Pingable) -> None:
        for queue in (self._idle, self._pinged, self._pinged_without_transport):
            queue.discard(session)

    def expire_due(self) -> None:
        """Close the sessions whose time-out is over now, even if the timer is late."""
        self._pinged.expire_due()
        self._pinged_without_transport.expire_due()

    def close(self) -> None:
        for queue in (self._idle, self._pinged, self._pinged_without_transport):
            queue.close()

    def _ping(self, session: Pingable, at: float) -> None:
        if session.has_transport:
            self._pinged.add(session)
        else:
            self._pinged_without_transport.add(session, since=at)
        session.send(Encoded([PING]))

    def _time_out(self, session: Pingable, at: float) -> None:
        session.close("ping timeout", graceful=False)
