"""Proves that a server does not grow: clients come, talk, drop and go, round after round.

    bin/prove soak --minutes 20

After a first round, which fills caches and connection pools, and after the last one, when all clients are gone, it
compares the server's memory, open files and tasks. Each round also proves what `bench.check_delivery` proves: nothing
acknowledged was lost, doubled or told out of order.
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
from bench.loop import on_loop
from bin.local.console import run_command, say

from .stage import Server, Stage, run_proof

# Clients that dropped without a word are noticed after both.
_HEARTBEAT = {"PING_INTERVAL": "2", "PING_TIMEOUT": "2"}
# For so long nothing may have become less before the server counts as idle: longer than a heartbeat.
_QUIET = 6.0


@dataclass(frozen=True)
class Usage:
    """What an idle server holds; memory in megabytes."""

    memory: float
    files: int
    tasks: int

    def __str__(self) -> str:
        return f"{self.memory:.0f} MB, {self.files} open files, {self.tasks} tasks"


# What may be added between the first round and the last. Memory: a process remembers the last 4,000 entries of each
# log. Files: the pools of connections to the engines may get fuller. Tasks: what looks after a room now and then.
MAX_GROWTH = Usage(memory=32, files=40, tasks=10)


@dataclass(frozen=True)
class Size:
    """So many rounds after the first; `pace` is the actions a second of one client."""

    rounds: int
    seconds: float = 60.0
    clients: int = 24
    pace: float = 1.0


def prove(stage: Stage, size: Size) -> list[str]:
    """Return what grew or was lost."""
    fixture = stage.make_fixture(users=20, groups=3, members=8)
    with stage.serving(_HEARTBEAT, application="bench.proofs.watched_server:application") as server:
        return on_loop(_soak(server, fixture, size))


async def _soak(server: Server, fixture: dict[str, Any], size: Size) -> list[str]:
    faults = await _round(server, fixture, size, 0)
    first = await _idle(server)
    say(f"idle after the first round: {first}")
    for number in range(1, size.rounds + 1):
        faults += await _round(server, fixture, size, number)
    last = await _idle(server)
    say(f"idle after the last round: {last}")
    return [*faults, *growth(first, last)]


async def _round(server: Server, fixture: dict[str, Any], size: Size, number: int) -> list[str]:
    report = await check(Plan([server.url], fixture, size.seconds, size.clients, size.pace, seed=number + 1))
    done = ", ".join(f"{report.stats[what]:,} {what}" for what in ("acknowledged", "changes told", "drops"))
    say(f"round {number} of {size.rounds}: {done}; {await _usage(server)}")
    return [f"round {number}: {violation}" for violation in report.violations]


async def _idle(server: Server) -> Usage:
    """Wait until the server holds no less any more, and return that."""
    least = await _usage(server)
    since = time.monotonic()
    while time.monotonic() < since + _QUIET:
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
    """Return what became more than it may."""
    measured: Sequence[tuple[str, float, float, float]] = (
        ("MB of memory", first.memory, last.memory, MAX_GROWTH.memory),
        ("open files", first.files, last.files, MAX_GROWTH.files),
        ("tasks", first.tasks, last.tasks, MAX_GROWTH.tasks),
    )
    return [
        f"{after:.0f} {what} after the last round, {before:.0f} after the first: more than {most:.0f} were added"
        for what, before, after, most in measured
        if after - before > most
    ]


def main(given: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="bin/prove soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=20, help="how long all rounds after the first take (20)")
    parser.add_argument("--clients", type=int, default=Size.clients)
    parser.add_argument("--pace", type=float, default=Size.pace, help="actions a second of one client (1)")
    options = parser.parse_args(given)
    # At least three rounds: what is left behind once is not what grows.
    seconds = min(Size.seconds, 20 * options.minutes)
    size = Size(round(60 * options.minutes / seconds), seconds, options.clients, options.pace)
    return run_proof(lambda stage: prove(stage, size))


if __name__ == "__main__":
    run_command(main)
