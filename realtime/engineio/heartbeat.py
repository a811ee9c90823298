"""The heartbeat of all sessions of a process: the server pings, and whoever does not answer in time is gone."""

from typing import TYPE_CHECKING

from realtime.transport.encoded import Encoded
from realtime.transport.timeout_queue import TimeoutQueue

from .packets import PING

if TYPE_CHECKING:
    from .session import EngineSession


class Heartbeat:
    """Intervals in seconds.

    A session's time to answer counts from when its ping was due, but if the client was there to take it, from when it
    was sent: a busy process must not cost the client the time that it was told it has.
    """

    def __init__(self, interval: float, timeout: float) -> None:
        self._quiet: TimeoutQueue[EngineSession] = TimeoutQueue(interval, self._ping)
        self._listening: TimeoutQueue[EngineSession] = TimeoutQueue(timeout, self._give_up)
        self._absent: TimeoutQueue[EngineSession] = TimeoutQueue(timeout, self._give_up)

    def begin(self, session: "EngineSession") -> None:
        self._quiet.add(session)

    def answered(self, session: "EngineSession") -> None:
        for pinged in (self._listening, self._absent):
            if session in pinged:
                pinged.discard(session)
                self._quiet.add(session)

    def end(self, session: "EngineSession") -> None:
        for lineup in (self._quiet, self._listening, self._absent):
            lineup.discard(session)

    def look(self) -> None:
        """Give up those whose time is over, before somebody asks for one of them."""
        self._listening.look()
        self._absent.look()

    def close(self) -> None:
        for lineup in (self._quiet, self._listening, self._absent):
            lineup.close()

    def _ping(self, session: "EngineSession", at: float) -> None:
        if session.listening:
            self._listening.add(session)
        else:
            self._absent.add(session, since=at)
        session.send(Encoded([PING]))

    def _give_up(self, session: "EngineSession", at: float) -> None:
        session.close("ping timeout", tell=False)
