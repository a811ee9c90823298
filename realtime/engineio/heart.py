"""The heartbeat of all sessions of a process: the server pings, and whoever does not answer in time is gone."""

from typing import TYPE_CHECKING

from realtime.frame import Encoded
from realtime.lineup import Lineup

from .packets import PING

if TYPE_CHECKING:
    from .session import Session


class Heart:
    """Intervals in seconds; a session's time to answer counts from when its ping was queued."""

    def __init__(self, interval: float, timeout: float) -> None:
        self._quiet: Lineup[Session] = Lineup(interval, self._ping)
        self._pinged: Lineup[Session] = Lineup(timeout, self._give_up)

    def begin(self, session: "Session") -> None:
        self._quiet.add(session)

    def answered(self, session: "Session") -> None:
        if session in self._pinged:
            self._pinged.discard(session)
            self._quiet.add(session)

    def end(self, session: "Session") -> None:
        self._quiet.discard(session)
        self._pinged.discard(session)

    def close(self) -> None:
        self._quiet.close()
        self._pinged.close()

    def look(self) -> None:
        """Give up those whose time is over, before somebody asks for one of them."""
        self._pinged.look()

    def _ping(self, session: "Session", at: float) -> None:
        self._pinged.add(session, since=at)
        session.send(Encoded([PING]))

    def _give_up(self, session: "Session", at: float) -> None:
        session.close("ping timeout", tell=False)
