"""Resuming: all clients reconnect at once, to a server with the changes in memory and to one that must read them."""

import asyncio
from collections.abc import Mapping
from dataclasses import asdict
from time import perf_counter
from typing import Any

from bench.health import process_figures
from bench.launcher import COUNTED, OURS, RunningSystem
from bench.load.client import TIMEOUT
from bench.load.client_pool import ClientPool
from bench.load.recorder import Recorder
from bench.load.run import write_messages
from bench.loop import run_on_loop
from bench.scenario_kinds import REMEMBERED, RESTARTED, Resume

from .runner import Runner


def measure(runner: Runner, scenario: Resume) -> None:
    clients = runner.scaled(scenario.clients)
    for _ in range(runner.few_pairs):
        recorder = Recorder()
        with runner.launcher.running(OURS, (1, clients), store=COUNTED) as running:
            since = run_on_loop(_send_while_disconnected(running, recorder, clients, scenario.missed))
            runner.add(REMEMBERED, OURS, run_on_loop(_resume(running, recorder, clients, since)))
        with runner.launcher.running(OURS, (1, clients), store=COUNTED) as running:
            runner.add(RESTARTED, OURS, run_on_loop(_resume(running, recorder, clients, since)))


async def _send_while_disconnected(
    running: RunningSystem, recorder: Recorder, clients: int, missed: int
) -> dict[str, int]:
    """Connect and disconnect all clients, then send messages; returns the clients' `since`."""
    pool = ClientPool(recorder, running.fixture, running.target.urls, groups=1, members=clients, senders=0)
    await pool.connect()
    await pool.wait_until_ready()
    group = (await pool.clients_by_group[0][0].ready)["groups"][0]
    pool.disconnect()
    await write_messages(running.fixture, running.target, recorder, missed)
    return {group["id"]: group["head"]}


async def _resume(running: RunningSystem, recorder: Recorder, clients: int, since: Mapping[str, int]) -> dict[str, Any]:
    """Reconnect all clients at once and wait until each has received every missed message."""
    assert running.store_proxy
    pool = ClientPool(recorder, running.fixture, running.target.urls, groups=1, members=clients, senders=0, since=since)
    before, reads = running.store_proxy.counts(), _resume_reads(running.url)
    start = perf_counter()
    await pool.connect(concurrency=clients)
    while any(len(client.received) < len(recorder.acked) for client in pool.clients_by_group[0]):
        await asyncio.sleep(0.01)
        if perf_counter() - start > TIMEOUT:
            break
    seconds, after = perf_counter() - start, running.store_proxy.counts()
    pool.disconnect()
    return {
        "clients": clients,
        "missed": len(recorder.acked),
        "resumed_seconds": seconds,
        "resume_reads": _resume_reads(running.url) - reads,
        "operations": {name: made for name, count in after.items() if (made := count - before.get(name, 0))},
        **asdict(pool.verdict()),
    }


def _resume_reads(url: str) -> int:
    reads: int = process_figures(url)["sockets"]["resumeReads"]
    return reads
