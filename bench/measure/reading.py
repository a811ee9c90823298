"""Reading over HTTP: a page of history and a page of changes, one request after the other."""

import asyncio
from time import perf_counter
from typing import Any

import aiohttp

from bench.load.notes import Notes
from bench.load.run import percentiles, write_messages
from bench.loop import on_loop
from bench.scenarios import CHANGES, HISTORY, Reading
from bench.stage import OURS, PLAIN, Serving

from .bench import Bench

_SHAPE = (1, 10)
_PAGE = 50


def measure(bench: Bench, scenario: Reading) -> None:
    messages = bench.size(scenario.messages)
    with bench.stage.serving(OURS, _SHAPE, store=PLAIN) as serving:
        on_loop(write_messages(serving.fixture, serving.target, Notes(), messages))
    for _ in range(bench.few_pairs):
        with bench.stage.serving(OURS, _SHAPE, store=PLAIN) as serving:
            for part, figures in on_loop(_read(serving, bench.timing.seconds)).items():
                bench.note(part, OURS, figures)


async def _read(serving: Serving, seconds: float) -> dict[str, dict[str, Any]]:
    group = serving.fixture.groups[0]
    headers = {"Authorization": f"Bearer {serving.fixture.tokens[group.members[0]]}"}
    async with aiohttp.ClientSession(serving.url, headers=headers) as http:
        newest: dict[str, str | int] = {"groupId": group.id, "limit": _PAGE}
        async with http.get("/api/messages", params=newest) as answer:
            head = (await answer.json())["messages"][-1]["seq"]
        missed: dict[str, str | int] = {**newest, "since": head - _PAGE}
        return {
            HISTORY: await _ask(http, "/api/messages", newest, seconds),
            CHANGES: await _ask(http, "/api/messages/changes", missed, seconds),
        }


async def _ask(
    http: aiohttp.ClientSession, path: str, parameters: dict[str, str | int], seconds: float
) -> dict[str, Any]:
    delays: list[float] = []
    until = perf_counter() + seconds
    while (started := perf_counter()) < until:
        async with http.get(path, params=parameters) as answer:
            answer.raise_for_status()
            await answer.read()
        delays.append(perf_counter() - started)
        await asyncio.sleep(0)
    return {"requests": len(delays), **{f"{name}_ms": value for name, value in percentiles(delays).items()}}
