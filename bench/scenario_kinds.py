"""The kinds of scenarios, the names of their parts, and the figures of them that become rows of the tables."""

from dataclasses import dataclass

from bench.launcher import STUBBED
from bench.load.run import Workload

# The parts of a throughput scenario: full load, and a fixed share of the reference server's throughput.
FULL, STEADY = "full", "steady"
STEADY_SHARE = 0.7
# The parts of the other scenarios.
IDLE, SCALE, STORM = "idle", "scale", "storm"
REMEMBERED, RESTARTED = "memory", "restart"
HISTORY, CHANGES = "history", "changes"
WRITE = "write"
PLAIN, HTML, SHARE = "plain", "html", "share"
PAGE, LIST, SEND, UPLOAD, DOWNLOAD = "page", "list", "send", "upload", "download"
OPENED, PANEL, COLD, WARM, LIVE = "page of a group", "panel beside it", "first page", "next page", "messages arriving"


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the summary: one figure of one part of a scenario."""

    title: str
    part: str
    figure: str
    unit: str
    more_is_better: bool = True


@dataclass(frozen=True, slots=True)
class Throughput:
    """Maximum throughput, then delivery times at a steady rate, the same for both servers."""

    name: str
    title: str
    workload: Workload
    rows: tuple[Row, ...]
    store: str = STUBBED
    steady: bool = True


@dataclass(frozen=True, slots=True)
class Idle:
    """Many idle connections: the rate at which they are accepted, and the memory of each.

    `signed`: the reference server authenticates as ours does, by signed tokens and groups read from the store.
    """

    name: str
    title: str
    connections: int
    rows: tuple[Row, ...]
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Curve:
    """Server CPU per delivery at a steady rate, as a function of the number of connected members or of groups."""

    name: str
    title: str
    axis: str
    shape: tuple[int, int]
    points: tuple[int, ...]
    # Messages per second in total, and an upper limit of the deliveries per second.
    rate: float
    deliveries: float
    rows: tuple[Row, ...] = ()

    def workload_at(self, point: int) -> Workload:
        groups, members = (point, self.shape[1]) if self.axis == "groups" else (1, point)
        rate = min(self.rate, self.deliveries / members)
        return Workload(groups, members, senders=1 if self.axis == "groups" else min(4, members), rate=rate)


@dataclass(frozen=True, slots=True)
class Rendering:
    """Our server with clients that get HTML, and with clients that do not."""

    name: str
    title: str
    workload: Workload
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Workers:
    """Our server as one process and as two, at half the throughput of one."""

    name: str
    title: str
    workload: Workload
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Resume:
    """Many clients that resume at once: with the missed changes in the server's memory, and after a restart."""

    name: str
    title: str
    clients: int
    missed: int
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Storm:
    """As Resume, on plain JSON sockets; each client checks that it gets every change in order."""

    name: str
    title: str
    clients: int
    missed: int
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """Pages of history and of changes over HTTP, by sequential requests."""

    name: str
    title: str
    messages: int
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Http:
    """The HTTP API, one kind of request after the other, each over `connections` at once."""

    name: str
    title: str
    connections: int
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Web:
    """The web chat: what a page costs the server for members of few and of many groups, and what it costs a browser.

    `groups` are those that the reader of the pages is in; `rate` are messages a second that arrive in a group of
    `messages`.
    """

    name: str
    title: str
    groups: tuple[int, ...]
    messages: int
    rate: float
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class StoreAlone:
    """Sequential writes to the store proxy, without a server."""

    name: str
    title: str
    writes: int
    rows: tuple[Row, ...] = ()


Scenario = Throughput | Idle | Curve | Rendering | Workers | Resume | Storm | Reading | Http | Web | StoreAlone
