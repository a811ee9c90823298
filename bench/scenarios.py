"""The scenarios: which workload is measured, and which figures become rows of the tables."""

from dataclasses import replace

from bench.launcher import DIRECT
from bench.load.run import Workload
from bench.scenario_kinds import (
    CHANGES,
    COLD,
    FULL,
    HISTORY,
    IDLE,
    LIST,
    LIVE,
    OPENED,
    PAGE,
    REMEMBERED,
    RESTARTED,
    SCALE,
    SEND,
    SHARE,
    STEADY,
    STORM,
    WARM,
    WRITE,
    Curve,
    Http,
    Idle,
    Reading,
    Rendering,
    Resume,
    Row,
    Scenario,
    StoreAlone,
    Storm,
    Throughput,
    Web,
    Workers,
)


def _delivery_rows(title: str) -> tuple[Row, ...]:
    return (
        Row(f"{title}: deliveries", FULL, "deliveries_per_second", "/s"),
        Row(f"{title}: server CPU per delivery", FULL, "cpu_us_per_delivery", "µs", False),
        Row(f"{title}: delivery p99 at 70 % of the reference's rate", STEADY, "delivery_p99_ms", "ms", False),
    )


def _ingest_rows(title: str) -> tuple[Row, ...]:
    return (
        Row(f"{title}: messages", FULL, "messages_per_second", "/s"),
        Row(f"{title}: server CPU per message", FULL, "cpu_us_per_message", "µs", False),
        *_delivery_rows(title)[-1:],
    )


FAN_OUT = Workload(groups=1, members=100, senders=16, window=4)

SCENARIOS: tuple[Scenario, ...] = (
    StoreAlone(
        "store",
        "The store proxy alone",
        writes=500,
        rows=(
            Row("A write to the store proxy alone, p50", WRITE, "p50_ms", "ms", False),
            Row("A write to the store proxy alone, p99", WRITE, "p99_ms", "ms", False),
        ),
    ),
    Throughput("fan-out", "One group of 100 members, 16 of them senders", FAN_OUT, _delivery_rows("Fan-out")),
    Rendering(
        "rendering",
        "Fan-out to clients that get HTML, each tenth message with markup",
        replace(FAN_OUT, marked=10),
        (Row("Server CPU per delivery with HTML, relative to that without", SHARE, "share", "times", False),),
    ),
    Throughput(
        "rooms",
        "20 groups of 10 members, two senders each",
        Workload(groups=20, members=10, senders=2, window=4),
        _delivery_rows("Many rooms"),
    ),
    Throughput(
        "ingest",
        "One group of 10 members, all of them senders",
        Workload(groups=1, members=10, senders=10, window=8),
        _ingest_rows("Ingest"),
    ),
    Throughput(
        "lone",
        "One group of 100 members, one sender, one message at a time",
        Workload(groups=1, members=100, senders=1, window=1),
        (
            Row("Single sender: acknowledgement, p50", FULL, "ack_p50_ms", "ms", False),
            *_delivery_rows("Single sender")[-1:],
        ),
    ),
    Throughput(
        "emulator",
        "Fan-out without the store proxy: every message is stored in DynamoDB Local",
        FAN_OUT,
        (Row("Fan-out on DynamoDB Local: messages", FULL, "messages_per_second", "/s"),),
        store=DIRECT,
        steady=False,
    ),
    Idle(
        "idle",
        "2,000 idle connections, the reference server with users in memory",
        2000,
        (
            Row("Memory per idle connection", IDLE, "kilobytes_per_connection", "KB", False),
            Row("Memory per idle connection, after the first 1,000", IDLE, "kilobytes_of_a_further_one", "KB", False),
            Row("Connection rate, reference with users in memory", IDLE, "connections_per_second", "/s"),
            Row(
                "Server CPU per connection, reference with users in memory",
                IDLE,
                "cpu_ms_per_connection",
                "ms",
                False,
            ),
        ),
    ),
    Idle(
        "sign-in",
        "2,000 idle connections, both servers verifying tokens and reading groups",
        2000,
        (
            Row("Connection rate, both verifying users", IDLE, "connections_per_second", "/s"),
            Row(
                "Connection rate until all have joined their rooms, both verifying users",
                IDLE,
                "entered_per_second",
                "/s",
            ),
            Row("Server CPU per connection, both verifying users", IDLE, "cpu_ms_per_connection", "ms", False),
        ),
        signed=True,
    ),
    Curve(
        "members",
        "Server CPU per delivery by number of members",
        "members",
        (1, 2000),
        (10, 30, 100, 300, 1000, 2000),
        rate=100,
        deliveries=10_000,
    ),
    Curve(
        "groups",
        "Server CPU per delivery by number of groups of ten",
        "groups",
        (500, 10),
        (1, 5, 20, 100, 500),
        rate=100,
        deliveries=1000,
    ),
    Workers(
        "workers",
        "Two processes of our server, compared with one",
        Workload(groups=20, members=10, senders=2, window=4),
        (Row("Throughput of two processes, relative to one (computed from CPU)", SCALE, "scale", "times"),),
    ),
    Resume(
        "resume",
        "1,000 clients of one group reconnect at once",
        clients=1000,
        missed=20,
        rows=(
            Row("1,000 clients reconnect at once, until all have resumed", REMEMBERED, "resumed_seconds", "s", False),
            Row("The same after a server restart", RESTARTED, "resumed_seconds", "s", False),
            Row("Log reads for all of them together", RESTARTED, "resume_reads", "", False),
        ),
    ),
    Storm(
        "storm",
        "2,000 plain JSON sockets of one group reconnect at once",
        clients=2000,
        missed=20,
        rows=(
            Row("2,000 JSON sockets reconnect at once, until all have resumed", STORM, "resumed_seconds", "s", False),
            Row("Memory per idle JSON socket", STORM, "kilobytes_per_connection", "KB", False),
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
    Http(
        "http",
        "The HTTP API: requests over eight connections at once",
        connections=8,
        rows=(
            Row("HTTP: pages of 50 messages", PAGE, "requests_per_second", "/s"),
            Row("HTTP: server CPU per page", PAGE, "cpu_ms_per_request", "ms", False),
            Row("HTTP: lists of 20 groups", LIST, "requests_per_second", "/s"),
            Row("HTTP: server CPU per list", LIST, "cpu_ms_per_request", "ms", False),
            Row("HTTP: server CPU per message sent", SEND, "cpu_ms_per_request", "ms", False),
        ),
    ),
    Web(
        "web",
        "The web chat: pages of 50 messages, and messages arriving in a browser",
        groups=(1, 301, 1000),
        messages=2000,
        rate=20,
        rows=(
            Row("Web: server CPU per page of a group", f"{OPENED}, 1 group", "cpu_ms_per_request", "ms", False),
            Row("Web: the same of a member of 1,000", f"{OPENED}, 1,000 groups", "cpu_ms_per_request", "ms", False),
            Row("Web: first page, before it is loaded", COLD, "kilobytes", "KB", False),
            Row("Web: requests of the first page", COLD, "requests", "", False),
            Row("Web: requests of the next page", WARM, "requests", "", False),
            Row("Web: from sending to seeing, p95", LIVE, "seen_p95_ms", "ms", False),
            Row("Web: longest task of a page, CPU", LIVE, "longest_task_ms", "ms", False),
        ),
    ),
)
