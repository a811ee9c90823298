"""Idle connections: the rate at which they open, and the memory that each takes once all is quiet."""

import asyncio
from collections.abc import Sequence
from typing import Any

from bench.load.crowd import Crowd, Seat
from bench.load.notes import Notes
from bench.load.usage import Mark, Servers, Usage
from bench.loop import on_loop
from bench.scenarios import IDLE, Idle
from bench.stage import PLAIN, Serving

from .bench import Bench

# What starting and connecting leave behind must be given back before memory is read: both runtimes clean up when idle.
_SETTLE_SECONDS = 10.0
# Two servers that run beside one another take turns after so many connections.
_TURN = 100


def measure(bench: Bench, scenario: Idle) -> None:
    connections, settle = bench.size(scenario.connections), 1.0 if bench.quick else _SETTLE_SECONDS
    for pair in range(bench.pairs):
        for contenders in bench.together(pair):
            # Nothing is written, so no front need answer for the store.
            with bench.serving(contenders, (1, connections), store=PLAIN, signed=scenario.signed) as served:
                found = on_loop(_connect_and_rest([_Side(one, connections) for one in served], settle))
            for contender, figures in zip(contenders, found, strict=True):
                bench.note(IDLE, contender, figures)


class _Side:
    """The clients of one server, and what connecting them took: until they were let in, and until in their rooms."""

    def __init__(self, serving: Serving, connections: int) -> None:
        self.serving, self.notes, self.servers = serving, Notes(), Servers(serving.target.pids)
        self.connections = connections
        self.let_in: list[Usage] = []
        self.entered: list[Usage] = []
        self.resident: list[int] = []

    def read_memory(self) -> None:
        self.resident.append(self.servers.resident_bytes())

    async def connect(self, crowd: Crowd, seats: Sequence[Seat]) -> None:
        start = Mark.now(self.servers)
        await crowd.connect(seats)
        self.let_in.append(Usage.between(start, Mark.now(self.servers)))
        if self.serving.target.sends_ready:
            await crowd.until_ready(seats)
        self.entered.append(Usage.between(start, Mark.now(self.servers)))

    def figures(self) -> dict[str, Any]:
        let_in, entered, connections = Usage.sum(self.let_in), Usage.sum(self.entered), self.connections
        before, half, whole = self.resident
        return {
            "connections": connections,
            "connections_per_second": connections / let_in.seconds,
            "entered_per_second": connections / entered.seconds,
            "kilobytes_per_connection": (whole - before) / connections / 1024,
            "kilobytes_of_a_further_one": (whole - half) / (connections - connections // 2) / 1024,
            "cpu_ms_per_connection": entered.server_cpu / connections * 1e3,
            "server_busy": let_in.server_cpu / let_in.seconds,
            "cores_busy": max(usage.cores for usage in self.let_in),
            "generator_busy": max(usage.generator for usage in self.let_in),
            "generator_limits": let_in.generator_limits,
            "disconnects": self.notes.disconnects,
        }


async def _connect_and_rest(sides: Sequence[_Side], settle: float) -> list[dict[str, Any]]:
    """Connect them in two halves: the second does not live on what starting the server left free."""
    connections = sides[0].connections
    crowds = [
        Crowd(side.notes, side.serving.fixture, side.serving.target.urls, groups=1, members=connections, senders=0)
        for side in sides
    ]
    both = list(zip(sides, crowds, strict=True))
    await _rest(sides, settle)
    for start, end in ((0, connections // 2), (connections // 2, connections)):
        turn = _TURN if len(sides) > 1 else end - start
        for place in range(start, end, turn):
            for side, crowd in both:
                await side.connect(crowd, crowd.seats[place : min(place + turn, end)])
            both.reverse()
        await _rest(sides, settle)
    for crowd in crowds:
        crowd.leave()
    return [side.figures() for side in sides]


async def _rest(sides: Sequence[_Side], settle: float) -> None:
    await asyncio.sleep(settle)
    for side in sides:
        side.read_memory()
