"""Coming back: everybody at once, to a server that remembers the changes, and to one that must read them."""

import asyncio
import json
import urllib.request
from collections.abc import Mapping
from dataclasses import asdict
from time import perf_counter
from typing import Any

from bench.load.client import PATIENCE
from bench.load.crowd import Crowd
from bench.load.notes import Notes
from bench.load.run import write_messages
from bench.loop import on_loop
from bench.scenarios import REMEMBERED, RESTARTED, Resume
from bench.stage import COUNTED, OURS, Serving

from .bench import Bench


def measure(bench: Bench, scenario: Resume) -> None:
    clients = bench.size(scenario.clients)
    for _ in range(bench.few_pairs):
        notes = Notes()
        with bench.stage.serving(OURS, (1, clients), store=COUNTED) as serving:
            since = on_loop(_miss(serving, notes, clients, scenario.missed))
            bench.note(REMEMBERED, OURS, on_loop(_come_back(serving, notes, clients, since)))
        with bench.stage.serving(OURS, (1, clients), store=COUNTED) as serving:
            bench.note(RESTARTED, OURS, on_loop(_come_back(serving, notes, clients, since)))


async def _miss(serving: Serving, notes: Notes, clients: int, missed: int) -> dict[str, int]:
    """Let everybody connect and leave, send what they miss, and return what they knew."""
    crowd = Crowd(notes, serving.fixture, serving.target.urls, groups=1, members=clients, senders=0)
    await crowd.connect()
    await crowd.until_ready()
    group = (await crowd.rooms[0][0].ready)["groups"][0]
    crowd.leave()
    await write_messages(serving.fixture, serving.target, notes, missed)
    return {group["id"]: group["head"]}


async def _come_back(serving: Serving, notes: Notes, clients: int, since: Mapping[str, int]) -> dict[str, Any]:
    """Connect everybody at once and wait until each has heard all that was missed."""
    assert serving.front
    crowd = Crowd(notes, serving.fixture, serving.target.urls, groups=1, members=clients, senders=0, since=since)
    before, reads = serving.front.counts(), _resume_reads(serving.url)
    started = perf_counter()
    await crowd.connect(at_once=clients)
    while any(len(client.seen) < len(notes.acked) for client in crowd.rooms[0]):
        await asyncio.sleep(0.01)
        if perf_counter() - started > PATIENCE:
            break
    seconds, after = perf_counter() - started, serving.front.counts()
    crowd.leave()
    return {
        "clients": clients,
        "missed": len(notes.acked),
        "resumed_seconds": seconds,
        "resume_reads": _resume_reads(serving.url) - reads,
        "operations": {name: more for name, count in after.items() if (more := count - before.get(name, 0))},
        **asdict(crowd.verdict()),
    }


def _resume_reads(url: str) -> int:
    with urllib.request.urlopen(f"{url}/api/health/live", timeout=10) as answer:
        reads: int = json.load(answer)["process"]["sockets"]["resumeReads"]
        return reads
