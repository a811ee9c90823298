"""Idle connections: the rate at which they are accepted, and the memory of each."""

import asyncio
from collections.abc import Sequence
from typing import Any

from bench.launcher import DIRECT, RunningSystem
from bench.load.client_pool import ClientPool, Slot
from bench.load.recorder import Recorder
from bench.load.usage import ResourceSample, ServerProcesses, Usage
from bench.loop import run_on_loop
from bench.scenario_kinds import IDLE, Idle

from .runner import Runner

# Both runtimes release memory when idle: wait before it is read.
_SETTLE_SECONDS = 10.0
# Two servers that run side by side alternate after this many connections.
_SLICE = 100


def measure(runner: Runner, scenario: Idle) -> None:
    connections, settle = runner.scaled(scenario.connections), 1.0 if runner.quick else _SETTLE_SECONDS
    for pair in range(runner.pairs):
        for systems in runner.concurrent_systems(pair):
            # Nothing is written, so no store proxy is needed.
            with runner.running(systems, (1, connections), store=DIRECT, signed=scenario.signed) as running:
                measured = run_on_loop(_connect_in_halves([_Side(each, connections) for each in running], settle))
            for system, figures in zip(systems, measured, strict=True):
                runner.add(IDLE, system, figures)


class _Side:
    """The clients of one server, and its resource usage until they were accepted and until they were ready."""

    def __init__(self, running: RunningSystem, connections: int) -> None:
        self.running, self.recorder, self.servers = running, Recorder(), ServerProcesses(running.target.pids)
        self.connections = connections
        self.accepted: list[Usage] = []
        self.ready: list[Usage] = []
        self.resident: list[int] = []

    def read_memory(self) -> None:
        self.resident.append(self.servers.resident_bytes())

    async def connect(self, pool: ClientPool, slots: Sequence[Slot]) -> None:
        start = ResourceSample.now(self.servers)
        await pool.connect(slots)
        self.accepted.append(Usage.between(start, ResourceSample.now(self.servers)))
        if self.running.target.sends_ready:
            await pool.wait_until_ready(slots)
        self.ready.append(Usage.between(start, ResourceSample.now(self.servers)))

    def figures(self) -> dict[str, Any]:
        accepted, ready, connections = Usage.sum(self.accepted), Usage.sum(self.ready), self.connections
        before, half, whole = self.resident
        return {
            "connections": connections,
            "connections_per_second": connections / accepted.seconds,
            "entered_per_second": connections / ready.seconds,
            "kilobytes_per_connection": (whole - before) / connections / 1024,
            "kilobytes_of_a_further_one": (whole - half) / (connections - connections // 2) / 1024,
            "cpu_ms_per_connection": ready.server_cpu / connections * 1e3,
            "server_busy": accepted.server_cpu / accepted.seconds,
            "cores_busy": max(usage.cores for usage in self.accepted),
            "generator_busy": max(usage.generator for usage in self.accepted),
            "generator_limits": accepted.generator_limits,
            "disconnects": self.recorder.disconnects,
        }


async def _connect_in_halves(sides: Sequence[_Side], settle: float) -> list[dict[str, Any]]:
    """Connect in two halves: the first may use memory that the start of the server left free, the second cannot."""
    connections = sides[0].connections
    pools = [
        ClientPool(
            side.recorder, side.running.fixture, side.running.target.urls, groups=1, members=connections, senders=0
        )
        for side in sides
    ]
    both = list(zip(sides, pools, strict=True))
    await _settle(sides, settle)
    for start, end in ((0, connections // 2), (connections // 2, connections)):
        size = _SLICE if len(sides) > 1 else end - start
        for first in range(start, end, size):
            for side, pool in both:
                await side.connect(pool, pool.slots[first : min(first + size, end)])
            both.reverse()
        await _settle(sides, settle)
    for pool in pools:
        pool.disconnect()
    return [side.figures() for side in sides]


async def _settle(sides: Sequence[_Side], settle: float) -> None:
    await asyncio.sleep(settle)
    for side in sides:
        side.read_memory()
