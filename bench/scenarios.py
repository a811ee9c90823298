"""What is measured: small records; `bench/measure/` has one module for each kind."""

from dataclasses import dataclass

from bench.load.run import Load
from bench.stage import FIXED, PLAIN

# Parts of a throughput scenario: as much as goes, and a fixed share of what the reference can do.
FULL, STEADY = "full", "steady"
STEADY_SHARE = 0.7
# Parts of the others.
IDLE, SCALE, STORM = "idle", "scale", "storm"
REMEMBERED, RESTARTED = "memory", "restart"
HISTORY, CHANGES = "history", "changes"
WRITE = "write"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: which figure of which part of a scenario, and whether more of it is better."""

    title: str
    part: str
    figure: str
    unit: str
    more_is_better: bool = True


@dataclass(frozen=True, slots=True)
class Throughput:
    """As many messages as go through; then delivery times at a steady rate, the same for both servers."""

    name: str
    title: str
    load: Load
    rows: tuple[Row, ...]
    store: str = FIXED
    steady: bool = True


@dataclass(frozen=True, slots=True)
class Idle:
    """Many connections that say nothing: how fast they open, and what each takes of memory.

    `signed`: the reference signs people in as ours does, by signed tokens and by what the store says.
    """

    name: str
    title: str
    connections: int
    rows: tuple[Row, ...]
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Curve:
    """CPU time of the server a delivery, over the number of members connected or of groups; at a steady rate."""

    name: str
    title: str
    axis: str
    shape: tuple[int, int]
    points: tuple[int, ...]
    # Messages a second in all, and the deliveries a second that they may make.
    rate: float
    deliveries: float
    rows: tuple[Row, ...] = ()

    def load(self, point: int) -> Load:
        groups, members = (point, self.shape[1]) if self.axis == "groups" else (1, point)
        rate = min(self.rate, self.deliveries / members)
        return Load(groups, members, senders=1 if self.axis == "groups" else min(4, members), rate=rate)


@dataclass(frozen=True, slots=True)
class Workers:
    """Our server as one process and as two, at half of what one can do."""

    name: str
    title: str
    load: Load
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Resume:
    """Many clients who come back at once with what they know: to a server that remembers, and to one just started."""

    name: str
    title: str
    clients: int
    missed: int
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Storm:
    """As resume, on plain JSON sockets, each client checking that it gets every change in its order."""

    name: str
    title: str
    clients: int
    missed: int
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """Pages of history and of changes over HTTP, one request after the other."""

    name: str
    title: str
    messages: int
    rows: tuple[Row, ...] = ()


@dataclass(frozen=True, slots=True)
class StoreAlone:
    """Writes to the store front without a server before it, one after the other."""

    name: str
    title: str
    writes: int
    rows: tuple[Row, ...] = ()


Scenario = Throughput | Idle | Curve | Workers | Resume | Storm | Reading | StoreAlone


def _delivered(title: str) -> tuple[Row, ...]:
    return (
        Row(f"{title}: deliveries", FULL, "deliveries_per_second", "/s"),
        Row(f"{title}: server CPU a delivery", FULL, "cpu_us_per_delivery", "µs", False),
        Row(f"{title}: delivery p99 at 70 % of the reference's rate", STEADY, "delivery_p99_ms", "ms", False),
    )


def _stored(title: str) -> tuple[Row, ...]:
    return (
        Row(f"{title}: messages", FULL, "messages_per_second", "/s"),
        Row(f"{title}: server CPU a message", FULL, "cpu_us_per_message", "µs", False),
        *_delivered(title)[-1:],
    )


FAN_OUT = Load(groups=1, members=100, senders=16, window=4)

SCENARIOS: tuple[Scenario, ...] = (
    StoreAlone(
        "store",
        "The store front by itself",
        writes=500,
        rows=(
            Row("A write to the store front by itself, p50", WRITE, "p50_ms", "ms", False),
            Row("A write to the store front by itself, p99", WRITE, "p99_ms", "ms", False),
        ),
    ),
    Throughput("fan-out", "One group of 100, 16 of them send", FAN_OUT, _delivered("Fan-out")),
    Throughput(
        "rooms",
        "20 groups of 10, two of each send",
        Load(groups=20, members=10, senders=2, window=4),
        _delivered("Many rooms"),
    ),
    Throughput(
        "ingest",
        "One group of 10, all of them send",
        Load(groups=1, members=10, senders=10, window=8),
        _stored("Ingest"),
    ),
    Throughput(
        "lone",
        "One group of 100, one member sends one message after the other",
        Load(groups=1, members=100, senders=1, window=1),
        (
            Row("Lone messages: acknowledged, p50", FULL, "ack_p50_ms", "ms", False),
            *_delivered("Lone messages")[-1:],
        ),
    ),
    Throughput(
        "emulator",
        "As fan-out, with every message stored in DynamoDB Local itself",
        FAN_OUT,
        (Row("On DynamoDB Local: messages", FULL, "messages_per_second", "/s"),),
        store=PLAIN,
        steady=False,
    ),
    Idle(
        "idle",
        "2,000 users of one group connect and stay",
        2000,
        (
            Row("Memory of an idle connection", IDLE, "kilobytes_per_connection", "KB", False),
            Row("Memory of a further one, from 1,000 on", IDLE, "kilobytes_of_a_further_one", "KB", False),
            Row("Connections opened (the reference has everybody in memory)", IDLE, "connections_per_second", "/s"),
            Row("Server CPU for that, a connection", IDLE, "cpu_ms_per_connection", "ms", False),
        ),
    ),
    Idle(
        "sign-in",
        "As idle, and the reference too checks signed tokens and reads who is in which group",
        2000,
        (
            Row("Connections opened, both checking tokens and reading groups", IDLE, "connections_per_second", "/s"),
            Row("The same, until all are in their rooms", IDLE, "entered_per_second", "/s"),
            Row("Server CPU for that, a connection", IDLE, "cpu_ms_per_connection", "ms", False),
        ),
        signed=True,
    ),
    Curve(
        "members",
        "Cost of a delivery in a group of many members",
        "members",
        (1, 2000),
        (10, 30, 100, 300, 1000, 2000),
        rate=100,
        deliveries=10_000,
    ),
    Curve(
        "groups",
        "Cost of a delivery with many groups of ten",
        "groups",
        (500, 10),
        (1, 5, 20, 100, 500),
        rate=100,
        deliveries=1000,
    ),
    Workers(
        "workers",
        "Two processes of our server against one",
        Load(groups=20, members=10, senders=2, window=4),
        (Row("Two processes on two whole cores, against one, by CPU a delivery", SCALE, "scale", "times"),),
    ),
    Resume(
        "resume",
        "1,000 clients of one group come back at once",
        clients=1000,
        missed=20,
        rows=(
            Row("1,000 clients come back at once, all caught up", REMEMBERED, "resumed_seconds", "s", False),
            Row("The same after a restart of the server", RESTARTED, "resumed_seconds", "s", False),
            Row("Reads of the log for all of them together", RESTARTED, "resume_reads", "", False),
        ),
    ),
    Storm(
        "storm",
        "2,000 plain JSON sockets of one group come back at once",
        clients=2000,
        missed=20,
        rows=(
            Row("2,000 JSON sockets come back at once, all caught up", STORM, "resumed_seconds", "s", False),
            Row("Memory of an idle JSON socket", STORM, "kilobytes_per_connection", "KB", False),
        ),
    ),
    Reading(
        "reading",
        "Pages read over HTTP",
        messages=1000,
        rows=(
            Row("A page of 50 messages over HTTP, p99", HISTORY, "p99_ms", "ms", False),
            Row("A page of 50 changes over HTTP, p99", CHANGES, "p99_ms", "ms", False),
        ),
    ),
)
