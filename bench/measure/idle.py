"""Idle connections: the rate at which they open, and the memory that each takes once all is quiet."""

import asyncio
from typing import Any

from bench.load.crowd import Crowd
from bench.load.notes import Notes
from bench.load.usage import Mark, Servers, Usage
from bench.loop import on_loop
from bench.scenarios import IDLE, Idle
from bench.stage import PLAIN, Serving

from .bench import Bench

# What starting and connecting leave behind must be given back before memory is read: both runtimes clean up when idle.
_SETTLE_SECONDS = 10.0


def measure(bench: Bench, scenario: Idle) -> None:
    connections, settle = bench.size(scenario.connections), 1.0 if bench.quick else _SETTLE_SECONDS
    for _ in range(bench.pairs):
        for contender in bench.contenders:
            # Nothing is written, so no front need answer for the store.
            with bench.stage.serving(contender, (1, connections), store=PLAIN) as serving:
                bench.note(IDLE, contender, on_loop(_connect_and_rest(serving, connections, settle)))


async def _connect_and_rest(serving: Serving, connections: int, settle: float) -> dict[str, Any]:
    """Connect them in two halves: the second does not live on what starting the server left free."""
    notes, servers = Notes(), Servers(serving.target.pids)
    crowd = Crowd(notes, serving.fixture, serving.target.urls, groups=1, members=connections, senders=0)
    await asyncio.sleep(settle)
    resident, usages = [servers.resident_bytes()], []
    for half in (crowd.seats[: connections // 2], crowd.seats[connections // 2 :]):
        start = Mark.now(servers)
        await crowd.connect(half)
        usages.append(Usage.between(start, Mark.now(servers)))
        if serving.target.sends_ready:
            await crowd.until_ready(half)
        await asyncio.sleep(settle)
        resident.append(servers.resident_bytes())
    crowd.leave()
    seconds, cpu = sum(usage.seconds for usage in usages), sum(usage.server_cpu for usage in usages)
    return {
        "connections": connections,
        "connections_per_second": connections / seconds,
        "kilobytes_per_connection": (resident[2] - resident[0]) / connections / 1024,
        "kilobytes_of_a_further_one": (resident[2] - resident[1]) / (connections - connections // 2) / 1024,
        "cpu_ms_per_connection": cpu / connections * 1e3,
        "server_busy": cpu / seconds,
        "cores_busy": max(usage.cores for usage in usages),
        "generator_busy": max(usage.generator for usage in usages),
        "generator_limits": any(usage.generator_limits for usage in usages),
        "disconnects": notes.disconnects,
    }
