"""One run of a workload against one server, or several processes of it that share their engines."""

import asyncio
import gc
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

from .client import Sender
from .client_pool import ClientPool
from .fixture import Fixture
from .recorder import Recorder
from .usage import ResourceSample, ServerProcesses, Usage

_TICK = 0.001
_SETTLE = 1.0
# A server that keeps up acknowledges within this time.
_ACK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Workload:
    """Each of `groups` has `members` connected, of whom `senders` send messages with `size` bytes of padding.

    `render`: the members ask for HTML. Each `marked`th message has markup, 0: none has.

    Closed loop: each sender keeps `window` messages unacknowledged. Open loop, with a `rate`: all senders together send
    this many messages per second, whether or not they are acknowledged.
    """

    groups: int
    members: int
    senders: int
    window: int = 4
    rate: float = 0.0
    size: int = 200
    render: bool = False
    marked: int = 0


@dataclass(frozen=True, slots=True)
class Timing:
    """In seconds. The warm-up is not measured, but its deliveries are checked too.

    With a fixed rate the warm-up is extended, by `warm_up_timeout` at most, until its messages are acknowledged: a
    runtime that has just started is slow, and the run would measure its backlog instead of the server.
    """

    seconds: float = 5.0
    warm_up: float = 2.0
    warm_up_timeout: float = 20.0
    drain_timeout: float = 15.0


@dataclass(frozen=True, slots=True)
class Target:
    """The system under test; `sends_ready`: it sends a `ready` event once a client has joined its rooms."""

    urls: Sequence[str]
    pids: Sequence[int]
    sends_ready: bool


async def run(workload: Workload, fixture: Fixture, target: Target, timing: Timing) -> dict[str, Any]:
    """Connect, warm up, measure, drain, and return the figures of the measured time and a verdict on the whole run."""
    driver = await Driver.connected(workload, fixture, target)
    with gc_disabled():
        stop = asyncio.Event()
        sending = asyncio.create_task(driver.send_until(stop))
        await asyncio.sleep(timing.warm_up)
        if workload.rate:
            in_flight = max(1.0, workload.rate * _ACK_SECONDS)
            await _wait_until(lambda: driver.recorder.unanswered <= in_flight, timing.warm_up_timeout)
        start = driver.sample()
        await asyncio.sleep(timing.seconds)
        end = driver.sample()
        stop.set()
        await sending
        await driver.drain(timing.drain_timeout)
    return {**figures([(start, end)]), **driver.finish()}


class Driver:
    """Drives the workload on one system under test: its connected clients and their senders."""

    def __init__(self, workload: Workload, pool: ClientPool, servers: ServerProcesses) -> None:
        self.workload, self.pool, self.servers, self.recorder = workload, pool, servers, pool.recorder
        self._senders = [
            Sender(client, pool.recorder, group=number, group_id=group_id, size=workload.size, marked=workload.marked)
            for number, group_id in enumerate(pool.group_ids)
            for client in pool.clients_by_group[number][: workload.senders]
        ]

    @classmethod
    async def connected(cls, workload: Workload, fixture: Fixture, target: Target) -> "Driver":
        """Connect all clients and let the server settle."""
        groups, members, senders = workload.groups, workload.members, workload.senders
        pool = ClientPool(
            *(Recorder(), fixture, target.urls),
            groups=groups,
            members=members,
            senders=senders,
            render=workload.render,
        )
        await pool.connect()
        if target.sends_ready:
            await pool.wait_until_ready()
        await asyncio.sleep(_SETTLE)
        return cls(workload, pool, ServerProcesses(target.pids))

    async def send_until(self, stop: asyncio.Event) -> None:
        if self.workload.rate:
            await _open_loop(self._senders, self.workload.rate, stop)
        else:
            await _closed_loop(self._senders, self.workload.window, stop)

    async def drain(self, timeout: float) -> None:
        """Wait until every message is acknowledged and delivered, or until the timeout."""
        await _wait_until(lambda: self.recorder.all_delivered(self.workload.members), timeout)

    def sample(self) -> "Sample":
        return Sample.take(self.recorder, self.servers)

    def finish(self) -> dict[str, Any]:
        """Disconnect all clients and return what concerns the whole run: memory, counts and the verdict."""
        rss = self.servers.resident_bytes()
        self.pool.disconnect()
        return {"rss": rss, **_totals(self.recorder, self.pool)}


async def write_messages(fixture: Fixture, target: Target, recorder: Recorder, count: int) -> None:
    """Let one member of the first group send `count` messages, each after the acknowledgement of the one before."""
    pool = ClientPool(recorder, fixture, target.urls, groups=1, members=1, senders=1)
    await pool.connect()
    await pool.wait_until_ready()
    done = asyncio.get_running_loop().create_future()

    def send_next(sender: Sender) -> None:
        if len(recorder.sent_at) < count:
            sender.send()
        else:
            done.set_result(None)

    sender = Sender(pool.clients_by_group[0][0], recorder, group=0, group_id=pool.group_ids[0], size=200)
    sender.on_ack(send_next)
    sender.send()
    await done
    pool.disconnect()


async def _closed_loop(senders: Sequence[Sender], window: int, stop: asyncio.Event) -> None:
    def send_next(sender: Sender) -> None:
        if not stop.is_set():
            sender.send()

    for sender in senders:
        sender.on_ack(send_next)
        for _ in range(window):
            sender.send()
    await stop.wait()


async def _open_loop(senders: Sequence[Sender], rate: float, stop: asyncio.Event) -> None:
    start, sent = perf_counter(), 0
    while not stop.is_set():
        due = int((perf_counter() - start) * rate)
        for number in range(sent, due):
            senders[number % len(senders)].send()
        sent = max(sent, due)
        await asyncio.sleep(_TICK)


async def _wait_until(condition: Callable[[], bool], timeout: float) -> None:
    deadline = perf_counter() + timeout
    while perf_counter() < deadline:
        if condition():
            return
        await asyncio.sleep(_TICK)


@contextmanager
def gc_disabled() -> Iterator[None]:
    """Without garbage collection: a pause of the generator would look like a slow server."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


@dataclass(frozen=True, slots=True)
class Sample:
    """How much the recorder had at one moment, and the resource usage by then."""

    recorder: Recorder
    acks: int
    deliveries: int
    resources: ResourceSample

    @classmethod
    def take(cls, recorder: Recorder, servers: ServerProcesses) -> "Sample":
        return cls(recorder, len(recorder.ack_delays), len(recorder.delivery_delays), ResourceSample.now(servers))


def figures(intervals: Sequence[tuple[Sample, Sample]]) -> dict[str, Any]:
    """Return the figures of all intervals together, each between two samples."""
    usage = Usage.sum([Usage.between(start.resources, end.resources) for start, end in intervals])
    acks, deliveries = array("d"), array("d")
    for start, end in intervals:
        acks += end.recorder.ack_delays[start.acks : end.acks]
        deliveries += end.recorder.delivery_delays[start.deliveries : end.deliveries]
    return {
        "seconds": usage.seconds,
        "messages_per_second": len(acks) / usage.seconds,
        "deliveries_per_second": len(deliveries) / usage.seconds,
        **{f"ack_{name}_ms": value for name, value in percentiles(acks).items()},
        **{f"delivery_{name}_ms": value for name, value in percentiles(deliveries).items()},
        "cpu_us_per_message": usage.server_cpu / max(len(acks), 1) * 1e6,
        "cpu_us_per_delivery": usage.server_cpu / max(len(deliveries), 1) * 1e6,
        "server_busy": usage.server_cpu / usage.seconds,
        "generator_busy": usage.generator,
        "cores_busy": usage.cores,
        "generator_limits": usage.generator_limits,
    }


def _totals(recorder: Recorder, pool: ClientPool) -> dict[str, Any]:
    return {
        "acked": len(recorder.acked),
        "deliveries": len(recorder.delivery_delays),
        "refused": recorder.refused,
        "unanswered": recorder.unanswered,
        "disconnects": recorder.disconnects,
        **asdict(pool.verdict()),
        **({"last_refusal": recorder.last_refusal} if recorder.refused else {}),
    }


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """Return p50, p95 and p99 in milliseconds; empty without values."""
    ordered = sorted(seconds)
    if not ordered:
        return {}
    return {f"p{rank}": ordered[min(len(ordered) - 1, len(ordered) * rank // 100)] * 1e3 for rank in (50, 95, 99)}
