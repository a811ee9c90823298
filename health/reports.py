"""Health reports: of all processes together, or of this one alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from foundation.draining import is_draining
from groups.followers.lag import FollowerLag, find_lags

from .engines import REQUIRED, own_engines
from .exchange import Json
from .sections import merge_sections
from .shared import Shared
from .states import DOWN, DRAINING, OK
from .workers import status_of, workers

ALL, PROCESS = "all", "process"
SCOPES = (ALL, PROCESS)


@dataclass(frozen=True, slots=True)
class Report:
    """The processes that it is of, their sections together, and how far the followers of all processes are behind."""

    processes: Sequence[Json]
    sections: dict[str, Any]
    followers: Sequence[FollowerLag] = ()

    @property
    def status(self) -> str:
        """`ok`, `degraded` when it serves but something is away, or `down`."""
        return status_of(self.sections)

    def as_wire(self, *, figures: bool) -> dict[str, Any]:
        """Return the states, and with `figures` all that is known."""
        if figures:
            return {
                "status": self.status,
                **self.sections,
                "followers": [_follower(each) for each in self.followers],
                "workers": [_worker(each) for each in self.processes],
            }
        server, databases = self.sections["server"], self.sections["databases"]
        return {
            "status": self.status,
            "server": {name: server[name] for name in ("http", "websocket")},
            "databases": {name: {"status": engine["status"]} for name, engine in databases.items()},
        }


def _follower(lag: FollowerLag) -> Json:
    """Return what is known of a follower: the name alone while Redis is away."""
    wire = {"name": lag.name, "groups": lag.groups, "seconds": lag.seconds, "setAside": lag.set_aside}
    return {name: value for name, value in wire.items() if value is not None}


def _worker(process: Json) -> Json:
    """Return one process in a few figures."""
    return {
        **{name: process[name] for name in ("host", "pid", "status", "draining")},
        **{name: process["server"][name] for name in ("version", "uptime", "http", "websocket")},
        "databases": {name: engine["status"] for name, engine in process["databases"].items()},
        "connections": process["sockets"]["connections"],
        "rooms": process["rooms"]["count"],
        "rss": process["memory"]["rss"],
        "lagP99Ms": process["eventLoop"]["lagP99Ms"],
    }


async def _make(scope: str) -> Report:
    processes = await workers().find_all() if scope == ALL else [await workers().find_own()]
    return Report(processes, merge_sections(processes), await find_lags())


_reports = {scope: Shared(partial(_make, scope)) for scope in SCOPES}


async def get_report(*, scope: str = ALL) -> Report:
    """Return a report that is about a second old at most, within about `CHECK_SECONDS`; raises nothing."""
    return await _reports[scope].get()


async def get_history() -> list[Json]:
    """Return the points of the last fifteen minutes, of all processes together, the oldest first."""
    return await workers().history()


async def get_readiness() -> str:
    """Return `ok`, `draining`, or `down`: whether this process can serve what it promises, and is not about to end.

    Without Redis or MongoDB it can. Raises nothing.
    """
    if is_draining():
        return DRAINING
    return OK if await own_engines[REQUIRED].is_up() else DOWN
