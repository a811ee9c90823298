"""Idle connections: the rate at which they open, and the memory that each takes once all is quiet."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
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


def measure(bench: Bench, scenario: Idle) -> None:
    connections, settle = bench.size(scenario.connections), 1.0 if bench.quick else _SETTLE_SECONDS
    for _ in range(bench.pairs):
        for contender in bench.contenders:
            # Nothing is written, so no front need answer for the store.
            with bench.stage.serving(contender, (1, connections), store=PLAIN, signed=scenario.signed) as serving:
                bench.note(IDLE, contender, on_loop(_connect_and_rest(serving, connections, settle)))


@dataclass(frozen=True, slots=True)
class _Half:
    """What connecting half of the clients took: until all were let in, and until all were in their rooms."""

    let_in: Usage
    entered: Usage
    resident: int


async def _connect_and_rest(serving: Serving, connections: int, settle: float) -> dict[str, Any]:
    """Connect them in two halves: the second does not live on what starting the server left free."""
    notes, servers = Notes(), Servers(serving.target.pids)
    crowd = Crowd(notes, serving.fixture, serving.target.urls, groups=1, members=connections, senders=0)
    await asyncio.sleep(settle)
    before, half = servers.resident_bytes(), connections // 2
    first = await _connect(crowd, crowd.seats[:half], serving, servers, settle)
    second = await _connect(crowd, crowd.seats[half:], serving, servers, settle)
    crowd.leave()
    let_in, entered = (first.let_in, second.let_in), (first.entered, second.entered)
    seconds, cpu = _seconds(let_in), sum(usage.server_cpu for usage in entered)
    return {
        "connections": connections,
        "connections_per_second": connections / seconds,
        "entered_per_second": connections / _seconds(entered),
        "kilobytes_per_connection": (second.resident - before) / connections / 1024,
        "kilobytes_of_a_further_one": (second.resident - first.resident) / (connections - half) / 1024,
        "cpu_ms_per_connection": cpu / connections * 1e3,
        "server_busy": sum(usage.server_cpu for usage in let_in) / seconds,
        "cores_busy": max(usage.cores for usage in let_in),
        "generator_busy": max(usage.generator for usage in let_in),
        "generator_limits": any(usage.generator_limits for usage in let_in),
        "disconnects": notes.disconnects,
    }


async def _connect(crowd: Crowd, seats: Sequence[Seat], serving: Serving, servers: Servers, settle: float) -> _Half:
    start = Mark.now(servers)
    await crowd.connect(seats)
    let_in = Usage.between(start, Mark.now(servers))
    if serving.target.sends_ready:
        await crowd.until_ready(seats)
    entered = Usage.between(start, Mark.now(servers))
    await asyncio.sleep(settle)
    return _Half(let_in, entered, servers.resident_bytes())


def _seconds(usages: Sequence[Usage]) -> float:
    return sum(usage.seconds for usage in usages)
