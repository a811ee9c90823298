"""Reading over HTTP: a page of history and a page of changes, by sequential requests."""

import asyncio
from time import perf_counter
from typing import Any

import aiohttp

from bench.launcher import DIRECT, OURS, RunningSystem
from bench.load.recorder import Recorder
from bench.load.run import percentiles, write_messages
from bench.loop import run_on_loop
from bench.scenario_kinds import CHANGES, HISTORY, Reading

from .runner import Runner

_SHAPE = (1, 10)
_PAGE_SIZE = 50


def measure(runner: Runner, scenario: Reading) -> None:
    messages = runner.scaled(scenario.messages)
    with runner.launcher.running(OURS, _SHAPE, store=DIRECT) as running:
        run_on_loop(write_messages(running.fixture, running.target, Recorder(), messages))
    for _ in range(runner.few_pairs):
        with runner.launcher.running(OURS, _SHAPE, store=DIRECT) as running:
            for part, figures in run_on_loop(_read(running, runner.timing.seconds)).items():
                runner.add(part, OURS, figures)


async def _read(running: RunningSystem, seconds: float) -> dict[str, dict[str, Any]]:
    group = running.fixture.groups[0]
    headers = {"Authorization": f"Bearer {running.fixture.tokens[group.members[0]]}"}
    async with aiohttp.ClientSession(running.url, headers=headers) as http:
        newest: dict[str, str | int] = {"groupId": group.id, "limit": _PAGE_SIZE}
        async with http.get("/api/messages", params=newest) as response:
            head = (await response.json())["messages"][-1]["seq"]
        missed: dict[str, str | int] = {**newest, "since": head - _PAGE_SIZE}
        return {
            HISTORY: await _time_requests(http, "/api/messages", newest, seconds),
            CHANGES: await _time_requests(http, "/api/messages/changes", missed, seconds),
        }


async def _time_requests(
    http: aiohttp.ClientSession, path: str, parameters: dict[str, str | int], seconds: float
) -> dict[str, Any]:
    delays: list[float] = []
    deadline = perf_counter() + seconds
    while (start := perf_counter()) < deadline:
        async with http.get(path, params=parameters) as response:
            response.raise_for_status()
            await response.read()
        delays.append(perf_counter() - start)
        await asyncio.sleep(0)
    return {"requests": len(delays), **{f"{name}_ms": value for name, value in percentiles(delays).items()}}
