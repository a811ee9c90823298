"""Checks for leaks: does a server grow while clients connect, send, drop and disconnect, round after round?

    bin/prove soak --minutes 20

It compares the idle server's memory, open files and tasks after the last round with those after the first, which has
filled caches and connection pools. Each round is a run of `bench.check_delivery`, so lost, duplicate and reordered
messages are found too.
"""

import argparse
import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import psutil

from bench.check_delivery import Plan, check
from bench.loop import run_on_loop
from bin.local.console import print_line, run_command

from .environment import ProofEnvironment, Server, run_proof

# Short, so that dropped connections time out soon.
_HEARTBEAT = {"PING_INTERVAL": "2", "PING_TIMEOUT": "2"}
# The server counts as idle when it has released nothing for this long, which exceeds a heartbeat timeout.
_IDLE_SECONDS = 6.0


@dataclass(frozen=True)
class Usage:
    """The resources that a server holds; memory in megabytes."""

    memory: float
    files: int
    tasks: int

    def __str__(self) -> str:
        return f"{self.memory:.0f} MB, {self.files} open files, {self.tasks} tasks"


# Allowed growth between the first round and the last. Memory: a process caches the last 4,000 entries of each log.
# Files: the connection pools of the engines may grow. Tasks: periodic checks of rooms.
MAX_GROWTH = Usage(memory=32, files=40, tasks=10)


@dataclass(frozen=True)
class SoakConfig:
    """`rounds` after the first, of `seconds` each; `pace` is each client's actions per second."""

    rounds: int
    seconds: float = 60.0
    clients: int = 24
    pace: float = 1.0


def prove(environment: ProofEnvironment, config: SoakConfig) -> list[str]:
    """Return the failures: growth and broken delivery guarantees."""
    fixture = environment.create_fixture(users=20, groups=3, members=8)
    with environment.running_server(_HEARTBEAT, application="bench.proofs.watched_server:application") as server:
        return run_on_loop(_soak(server, fixture, config))


async def _soak(server: Server, fixture: dict[str, Any], config: SoakConfig) -> list[str]:
    failures = await _round(server, fixture, config, 0)
    first = await _idle_usage(server)
    print_line(f"idle after the first round: {first}")
    for number in range(1, config.rounds + 1):
        failures += await _round(server, fixture, config, number)
    last = await _idle_usage(server)
    print_line(f"idle after the last round: {last}")
    return [*failures, *growth(first, last)]


async def _round(server: Server, fixture: dict[str, Any], config: SoakConfig, number: int) -> list[str]:
    report = await check(Plan([server.url], fixture, config.seconds, config.clients, config.pace, seed=number + 1))
    counts = ", ".join(f"{report.stats[name]:,} {name}" for name in ("acknowledged", "changes received", "drops"))
    print_line(f"round {number} of {config.rounds}: {counts}; {await _usage(server)}")
    return [f"round {number}: {violation}" for violation in report.violations]


async def _idle_usage(server: Server) -> Usage:
    """Wait until the server releases nothing more, and return its lowest usage."""
    least = await _usage(server)
    since = time.monotonic()
    while time.monotonic() < since + _IDLE_SECONDS:
        await asyncio.sleep(0.5)
        now = await _usage(server)
        if now.files < least.files or now.tasks < least.tasks:
            since = time.monotonic()
        least = Usage(min(now.memory, least.memory), min(now.files, least.files), min(now.tasks, least.tasks))
    return least


async def _usage(server: Server) -> Usage:
    async with httpx.AsyncClient(base_url=server.url, trust_env=False, timeout=30) as http:
        tasks = int((await http.get("/tasks")).text)
    process = psutil.Process(server.pid)
    return Usage(process.memory_info().rss / 1024**2, process.num_fds(), tasks)


def growth(first: Usage, last: Usage) -> list[str]:
    """Return a failure for each resource that grew by more than `MAX_GROWTH`."""
    measured: Sequence[tuple[str, float, float, float]] = (
        ("MB of memory", first.memory, last.memory, MAX_GROWTH.memory),
        ("open files", first.files, last.files, MAX_GROWTH.files),
        ("tasks", first.tasks, last.tasks, MAX_GROWTH.tasks),
    )
    return [
        f"{after:.0f} {name} after the last round, {before:.0f} after the first: grew by more than {limit:.0f}"
        for name, before, after, limit in measured
        if after - before > limit
    ]


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="bin/prove soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=20, help="duration of all rounds after the first (20)")
    parser.add_argument("--clients", type=int, default=SoakConfig.clients)
    parser.add_argument("--pace", type=float, default=SoakConfig.pace, help="actions per second of each client (1)")
    options = parser.parse_args(arguments)
    # At least three rounds, to tell growth from a one-time allocation.
    seconds = min(SoakConfig.seconds, 20 * options.minutes)
    config = SoakConfig(round(60 * options.minutes / seconds), seconds, options.clients, options.pace)
    return run_proof(lambda environment: prove(environment, config))


if __name__ == "__main__":
    run_command(main)
