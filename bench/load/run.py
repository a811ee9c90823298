"""One run of a load against one server, or several that share their engines."""

import asyncio
import gc
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from time import perf_counter
from typing import Any

from .client import Sender
from .crowd import Crowd
from .fixture import Fixture
from .notes import Notes
from .usage import Mark, Servers, Usage

_TICK = 0.001
_SETTLE = 1.0
# In which a server that keeps up has answered.
_MOMENT = 0.05


@dataclass(frozen=True, slots=True)
class Load:
    """Who is there and who sends what.

    In each of the groups so many members are connected and so many of them send. Each keeps `window` messages
    unacknowledged; with a `rate` instead they send so many a second, all together, whatever comes back.
    """

    groups: int
    members: int
    senders: int
    window: int = 4
    rate: float = 0.0
    size: int = 200


@dataclass(frozen=True, slots=True)
class Timing:
    """In seconds; what happens while it is `warm`ing up is not measured, but judged.

    At a steady rate it goes on warming up, `patience` seconds at most, until what was sent meanwhile is answered: a
    runtime that has just started is slow, and its backlog would be measured instead of the server.
    """

    seconds: float = 5.0
    warm: float = 2.0
    patience: float = 20.0
    drain: float = 15.0


@dataclass(frozen=True, slots=True)
class Target:
    """The servers under test; `sends_ready` is whether they tell a client when it is where it gets its events."""

    urls: Sequence[str]
    pids: Sequence[int]
    sends_ready: bool


async def run(load: Load, fixture: Fixture, target: Target, timing: Timing) -> dict[str, Any]:
    """Connect, send, wait until all is delivered, and return the figures of the measured part and a verdict."""
    driver = await Driver.connected(load, fixture, target)
    with no_collector():
        stop = asyncio.Event()
        sending = asyncio.create_task(driver.send_until(stop))
        await asyncio.sleep(timing.warm)
        if load.rate:
            a_moments = max(1.0, load.rate * _MOMENT)
            await _until(lambda: driver.notes.unanswered <= a_moments, timing.patience)
        start = driver.snapshot()
        await asyncio.sleep(timing.seconds)
        end = driver.snapshot()
        stop.set()
        await sending
        await driver.drain(timing.drain)
    return {**figures([(start, end)]), **driver.finish()}


class Driver:
    """The load on one server: its clients, connected, and those who send."""

    def __init__(self, load: Load, crowd: Crowd, servers: Servers) -> None:
        self.load, self.crowd, self.servers, self.notes = load, crowd, servers, crowd.notes
        self._senders = [
            Sender(client, crowd.notes, group=number, group_id=group_id, size=load.size)
            for number, group_id in enumerate(crowd.group_ids)
            for client in crowd.rooms[number][: load.senders]
        ]

    @classmethod
    async def connected(cls, load: Load, fixture: Fixture, target: Target) -> "Driver":
        """Return it when everybody is connected and the server is quiet again."""
        groups, members, senders = load.groups, load.members, load.senders
        crowd = Crowd(Notes(), fixture, target.urls, groups=groups, members=members, senders=senders)
        await crowd.connect()
        if target.sends_ready:
            await crowd.until_ready()
        await asyncio.sleep(_SETTLE)
        return cls(load, crowd, Servers(target.pids))

    async def send_until(self, stop: asyncio.Event) -> None:
        if self.load.rate:
            await _open(self._senders, self.load.rate, stop)
        else:
            await _closed(self._senders, self.load.window, stop)

    async def drain(self, patience: float) -> None:
        """Wait until all that was sent is answered and delivered, or for so many seconds."""
        await _until(lambda: self.notes.all_delivered(self.load.members), patience)

    def snapshot(self) -> "Snapshot":
        return Snapshot.take(self.notes, self.servers)

    def finish(self) -> dict[str, Any]:
        """Disconnect everybody and return what is true of the whole run: memory, counts and a verdict."""
        rss = self.servers.resident_bytes()
        self.crowd.leave()
        return {"rss": rss, **_whole(self.notes, self.crowd)}


async def write_messages(fixture: Fixture, target: Target, notes: Notes, count: int) -> None:
    """Let one member of the first group send so many messages, one after the other."""
    crowd = Crowd(notes, fixture, target.urls, groups=1, members=1, senders=1)
    await crowd.connect()
    await crowd.until_ready()
    done = asyncio.get_running_loop().create_future()

    def following(sender: Sender) -> None:
        if len(notes.sent_at) < count:
            sender.send()
        else:
            done.set_result(None)

    sender = Sender(crowd.rooms[0][0], notes, group=0, group_id=crowd.group_ids[0], size=200)
    sender.then(following)
    sender.send()
    await done
    crowd.leave()


async def _closed(senders: Sequence[Sender], window: int, stop: asyncio.Event) -> None:
    def following(sender: Sender) -> None:
        if not stop.is_set():
            sender.send()

    for sender in senders:
        sender.then(following)
        for _ in range(window):
            sender.send()
    await stop.wait()


async def _open(senders: Sequence[Sender], rate: float, stop: asyncio.Event) -> None:
    began, sent = perf_counter(), 0
    while not stop.is_set():
        due = int((perf_counter() - began) * rate)
        for number in range(sent, due):
            senders[number % len(senders)].send()
        sent = max(sent, due)
        await asyncio.sleep(_TICK)


async def _until(true: Callable[[], bool], patience: float) -> None:
    """Wait until it is, or for so many seconds."""
    deadline = perf_counter() + patience
    while perf_counter() < deadline:
        if true():
            return
        await asyncio.sleep(_TICK)


@contextmanager
def no_collector() -> Iterator[None]:
    """A collection in the generator would look like a slow server."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How much was noted at one moment."""

    notes: Notes
    acks: int
    deliveries: int
    mark: Mark

    @classmethod
    def take(cls, notes: Notes, servers: Servers) -> "Snapshot":
        return cls(notes, len(notes.ack_delays), len(notes.delivery_delays), Mark.now(servers))


def figures(spans: Sequence[tuple[Snapshot, Snapshot]]) -> dict[str, Any]:
    """Return what happened between the two snapshots of each span, all spans together."""
    usage = Usage.sum([Usage.between(start.mark, end.mark) for start, end in spans])
    acks, deliveries = array("d"), array("d")
    for start, end in spans:
        acks += end.notes.ack_delays[start.acks : end.acks]
        deliveries += end.notes.delivery_delays[start.deliveries : end.deliveries]
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


def _whole(notes: Notes, crowd: Crowd) -> dict[str, Any]:
    return {
        "acked": len(notes.acked),
        "deliveries": len(notes.delivery_delays),
        "refused": notes.refused,
        "unanswered": notes.unanswered,
        "disconnects": notes.disconnects,
        **asdict(crowd.verdict()),
        **({"last_refusal": notes.last_refusal} if notes.refused else {}),
    }


def percentiles(seconds: Sequence[float]) -> dict[str, float]:
    """Return p50, p95 and p99 in milliseconds; nothing of nothing."""
    ordered = sorted(seconds)
    if not ordered:
        return {}
    return {f"p{rank}": ordered[min(len(ordered) - 1, len(ordered) * rank // 100)] * 1e3 for rank in (50, 95, 99)}
