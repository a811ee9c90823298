"""Honest clients on all transports, which talk in their groups at a modest pace and measure what they wait for."""

import asyncio
import random
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from bench.delivery.transports import TRANSPORT_FACTORIES, ConnectionLost
from bench.load.fixture import Group
from bench.load.recorder import Recorder
from bench.load.run import percentiles
from bench.load.verdict import Verdict, check_group

_TRANSPORTS = tuple(TRANSPORT_FACTORIES)
_STALL_TIMEOUT = 30.0
_TICK = 0.005


@dataclass
class HonestClient:
    """`received` are the numbers of the messages that came, in order; `delays` in seconds, since they were counted."""

    transport: str
    group: int
    group_id: str
    token: str
    recorder: Recorder
    received: list[int] = field(default_factory=list)
    delays: "array[float]" = field(default_factory=lambda: array("d"))
    _ready: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self._wire = TRANSPORT_FACTORIES[self.transport](self._on_event)

    async def connect(self, url: str) -> None:
        await self._wire.open(url, {"token": self.token})
        await asyncio.wait_for(self._ready.wait(), _STALL_TIMEOUT)

    def _on_event(self, event: str, data: Any = None) -> None:
        if event == "ready":
            self._ready.set()
        elif event == "message" and (number := self.recorder.parse(data["content"].encode())) is not None:
            self.received.append(number)
            self.delays.append(perf_counter() - self.recorder.sent_at[number])

    async def talk(self, pause: float, stopping: asyncio.Event) -> None:
        """Send a message every `pause` seconds on average; a lost connection ends it, and is counted."""
        try:
            while not stopping.is_set():
                await asyncio.sleep(random.expovariate(1 / pause))
                await self._send()
        except ConnectionLost:
            self.recorder.disconnects += 1

    async def _send(self) -> None:
        recorder = self.recorder
        number = recorder.new_message(self.group)
        content = recorder.content(number)
        ack = await self._wire.call("message", {"groupId": self.group_id, "content": content, "clientId": content})
        if ack["ok"]:
            recorder.ack_delays.append(perf_counter() - recorder.sent_at[number])
            recorder.acked.append(number)
        else:
            recorder.refused += 1
            recorder.last_refusal = ack["error"]

    async def close(self) -> None:
        await self._wire.drop()


@dataclass(frozen=True)
class Waits:
    """What clients waited for, in milliseconds by rank; `by_transport` has the p99 of deliveries."""

    delivery: Mapping[str, float]
    acknowledgement: Mapping[str, float]
    by_transport: Mapping[str, float]
    # Of the clients' own process: what it was late by itself.
    own: Mapping[str, float]
    deliveries: int

    def __str__(self) -> str:
        waits = [
            f"{name} p50 {times.get('p50', 0):.1f}, p99 {times.get('p99', 0):.1f} ms"
            for name, times in (("delivery", self.delivery), ("acknowledgement", self.acknowledgement))
        ]
        slowest = ", ".join(f"{name} {p99:.1f}" for name, p99 in self.by_transport.items())
        own = f"the clients' own process late by p50 {self.own.get('p50', 0):.1f}, p99 {self.own.get('p99', 0):.1f} ms"
        return f"{'; '.join(waits)} ({self.deliveries:,} deliveries; p99 by transport: {slowest} ms; {own})"


class HonestClients:
    """One client a member of each group, on each transport in turn."""

    def __init__(self, groups: Sequence[Group], tokens: Mapping[str, str]) -> None:
        self.recorder = Recorder()
        members = [(number, group.id, user_id) for number, group in enumerate(groups) for user_id in group.members]
        self.clients = [
            HonestClient(_TRANSPORTS[place % len(_TRANSPORTS)], number, group_id, tokens[user_id], self.recorder)
            for place, (number, group_id, user_id) in enumerate(members)
        ]
        self._members = {number: len(group.members) for number, group in enumerate(groups)}
        self._stopping = asyncio.Event()
        self._talking: list[asyncio.Task[None]] = []
        self._own_delays: array[float] = array("d")

    async def start(self, url: str, pause: float) -> None:
        """Connect all, and let each send a message every `pause` seconds on average."""
        for client in self.clients:
            await client.connect(url)
        self._talking = [asyncio.create_task(client.talk(pause, self._stopping)) for client in self.clients]
        self._talking.append(asyncio.create_task(self._note_own_delays()))

    async def _note_own_delays(self) -> None:
        while not self._stopping.is_set():
            began = perf_counter()
            await asyncio.sleep(_TICK)
            self._own_delays.append(perf_counter() - began - _TICK)

    def take(self) -> Waits:
        """Return what was waited for since the last call."""
        by_transport = {
            name: [delay for client in self.clients if client.transport == name for delay in client.delays]
            for name in _TRANSPORTS
        }
        deliveries = [delay for delays in by_transport.values() for delay in delays]
        acknowledgements, own = list(self.recorder.ack_delays), percentiles(self._own_delays)
        for client in self.clients:
            del client.delays[:]
        del self.recorder.ack_delays[:]
        del self._own_delays[:]
        p99 = {name: percentiles(delays).get("p99", 0.0) for name, delays in by_transport.items()}
        return Waits(percentiles(deliveries), percentiles(acknowledgements), p99, own, len(deliveries))

    async def finish(self) -> list[str]:
        """Stop sending, wait for what is under way, disconnect, and return what went wrong."""
        self._stopping.set()
        await asyncio.gather(*self._talking)
        await self._drain()
        for client in self.clients:
            await client.close()
        return self._failures()

    async def _drain(self) -> None:
        """Wait until each acknowledged message was delivered to its group, or nothing came for half a minute."""
        progress, since = -1, perf_counter()
        expected = sum(self._members[self.recorder.group_of[number]] for number in self.recorder.acked)
        while (received := sum(len(client.received) for client in self.clients)) < expected:
            if received != progress:
                progress, since = received, perf_counter()
            elif perf_counter() > since + _STALL_TIMEOUT:
                return
            await asyncio.sleep(0.1)

    def _failures(self) -> list[str]:
        recorder, verdict = self.recorder, Verdict()
        for group in self._members:
            acked = [number for number in recorder.acked if recorder.group_of[number] == group]
            verdict += check_group(acked, [client.received for client in self.clients if client.group == group])
        counts = {
            "deliveries were lost": verdict.lost,
            "deliveries came twice": verdict.twice,
            "members saw another order": verdict.disordered,
            f"messages were refused, the last with {recorder.last_refusal}": recorder.refused,
            "messages were not answered": recorder.unanswered,
            "connections were lost": recorder.disconnects,
        }
        return [f"{count} honest {what}" for what, count in counts.items() if count]
