"""Idle connections: the rate at which they open, and the memory that each takes once all is quiet."""

import asyncio
from typing import Any

from bench.load.crowd import Crowd
from bench.load.notes import Notes
from bench.load.usage import Mark, Servers, Usage
from bench.loop import on_loop
from bench.scenarios import IDLE, Idle
from bench.stage import Serving

from .bench import Bench

# What starting and connecting leave behind must be given back before memory is read: both runtimes clean up when idle.
_SETTLE_SECONDS = 10.0


def measure(bench: Bench, scenario: Idle) -> None:
    connections, settle = bench.size(scenario.connections), 1.0 if bench.quick else _SETTLE_SECONDS
    for _ in range(bench.pairs):
        for contender in bench.contenders:
            with bench.stage.serving(contender, (1, connections)) as serving:
                bench.note(IDLE, contender, on_loop(_connect_and_rest(serving, connections, settle)))


async def _connect_and_rest(serving: Serving, connections: int, settle: float) -> dict[str, Any]:
    notes, servers = Notes(), Servers(serving.target.pids)
    crowd = Crowd(notes, serving.fixture, serving.target.urls, groups=1, members=connections, senders=0)
    await asyncio.sleep(settle)
    before, start = servers.resident_bytes(), Mark.now(servers)
    opened = await crowd.connect()
    usage = Usage.between(start, Mark.now(servers))
    if serving.target.sends_ready:
        await crowd.until_ready()
    await asyncio.sleep(settle)
    after = servers.resident_bytes()
    crowd.leave()
    return {
        "connections": connections,
        "connections_per_second": connections / opened,
        "kilobytes_per_connection": (after - before) / connections / 1024,
        "cpu_ms_per_connection": usage.server_cpu / connections * 1e3,
        "server_busy": usage.server_cpu / usage.seconds,
        "cores_busy": usage.cores,
        "generator_busy": usage.generator,
        "generator_limits": usage.generator_limits,
        "disconnects": notes.disconnects,
    }
