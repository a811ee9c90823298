"""The HTTP API in closed loops: each connection sends its next request when the answer to the last one is there."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import count
from time import perf_counter
from typing import Any

import aiohttp

from bench.launcher import DIRECT, REFERENCE, RunningSystem
from bench.load.interleaved import SLICE_SECONDS
from bench.load.run import percentiles
from bench.load.usage import ResourceSample, ServerProcesses, Usage
from bench.loop import run_on_loop
from bench.scenario_kinds import DOWNLOAD, LIST, PAGE, SEND, UPLOAD, Http

from .runner import Runner

# Ten users, each of them in all of twenty groups.
_SHAPE = (20, 10, 10)
_PAGE_SIZE = 50
_TEXT = "x" * 200
_FILE = os.urandom(100_000)
_PARTS = (PAGE, LIST, SEND, UPLOAD, DOWNLOAD)
# The reference server has no files.
_PARTS_OF_REFERENCE = (PAGE, LIST, SEND)


def measure(runner: Runner, scenario: Http) -> None:
    for pair in range(runner.pairs):
        for systems in runner.concurrent_systems(pair):
            parts = _PARTS_OF_REFERENCE if REFERENCE in systems else _PARTS
            # What was written is read, so there is no store proxy.
            with runner.running(systems, _SHAPE, store=DIRECT, signed=True) as running:
                measured = run_on_loop(_measure(running, parts, scenario.connections, runner.timing.seconds))
            for part in parts:
                for system, figures in zip(systems, measured[part], strict=True):
                    runner.add(part, system, figures)


async def _measure(
    running: Sequence[RunningSystem], parts: Sequence[str], connections: int, seconds: float
) -> dict[str, list[dict[str, Any]]]:
    """Return the figures of each server by part; several servers take turns in slices."""
    sides = [_Side(each) for each in running]
    try:
        for side in sides:
            await side.prepare(parts)
        return {part: await _measure_part(sides, part, connections, seconds) for part in parts}
    finally:
        for side in sides:
            await side.http.close()


async def _measure_part(sides: Sequence["_Side"], part: str, connections: int, seconds: float) -> list[dict[str, Any]]:
    runs = [_Run(side, side.requests[part], connections) for side in sides]
    for run in runs:
        # A server that has just started is slow.
        await run.warm_up()
    for number in range(max(2, round(seconds / SLICE_SECONDS))):
        for run in runs if number % 2 == 0 else reversed(runs):
            await run.slice()
    return [run.figures() for run in runs]


class _Side:
    """A server, and the requests to it: one for each part, by the number of the request."""

    def __init__(self, running: RunningSystem) -> None:
        self.servers = ServerProcesses(running.target.pids)
        self._groups = [group.id for group in running.fixture.groups]
        self._tokens = list(running.fixture.tokens.values())
        self._file_id = ""
        # Compression would be measured too, which only one of them has.
        headers = {"Accept-Encoding": "identity"}
        self.http = aiohttp.ClientSession(running.url, headers=headers, connector=aiohttp.TCPConnector(limit=0))
        self.requests: Mapping[str, Callable[[int], Awaitable[Any]]] = {
            PAGE: self._page,
            LIST: lambda number: self._ask("GET", "/api/groups", number),
            # Not to the group whose pages are read.
            SEND: lambda number: self._send(self._groups[1], number),
            UPLOAD: self._upload,
            DOWNLOAD: lambda number: self._ask("GET", f"/api/files/{self._file_id}", 0),
        }

    async def prepare(self, parts: Sequence[str]) -> None:
        """Write a page of messages, and a file."""
        for number in range(len((await self._page(0))["messages"]), _PAGE_SIZE):
            await self._send(self._groups[0], number)
        if DOWNLOAD in parts:
            self._file_id = (await self._upload(0))["file"]["id"]

    async def _page(self, number: int) -> Any:
        page = {"groupId": self._groups[0], "limit": str(_PAGE_SIZE)}
        return await self._ask("GET", "/api/messages", number, params=page)

    async def _send(self, group_id: str, number: int) -> Any:
        return await self._ask("POST", "/api/messages", number, json={"groupId": group_id, "content": _TEXT})

    async def _upload(self, number: int) -> Any:
        form = aiohttp.FormData({"groupId": self._groups[0]})
        form.add_field("file", _FILE, filename="a.bin", content_type="application/octet-stream")
        return await self._ask("POST", "/api/upload", number, data=form)

    async def _ask(self, method: str, path: str, number: int, **options: Any) -> Any:
        headers = {"Authorization": f"Bearer {self._tokens[number % len(self._tokens)]}"}
        async with self.http.request(method, path, headers=headers, **options) as response:
            response.raise_for_status()
            is_json = response.content_type == "application/json"
            # Most answers are not looked at: parsing them is the generator's time.
            return await (response.json() if is_json and number == 0 else response.read())


class _Run:
    """One part on one server, in slices."""

    def __init__(self, side: _Side, request: Callable[[int], Awaitable[Any]], connections: int) -> None:
        self._side, self._request, self._connections = side, request, connections
        self._numbers = count(1)
        self._delays: list[float] = []
        self._usages: list[Usage] = []

    async def warm_up(self) -> None:
        await self._send_for(SLICE_SECONDS)
        self._delays.clear()

    async def slice(self) -> None:
        start = ResourceSample.now(self._side.servers)
        await self._send_for(SLICE_SECONDS)
        self._usages.append(Usage.between(start, ResourceSample.now(self._side.servers)))

    async def _send_for(self, seconds: float) -> None:
        deadline = perf_counter() + seconds

        async def send() -> None:
            while (start := perf_counter()) < deadline:
                await self._request(next(self._numbers))
                self._delays.append(perf_counter() - start)

        await asyncio.gather(*(send() for _ in range(self._connections)))

    def figures(self) -> dict[str, Any]:
        usage = Usage.sum(self._usages)
        return {
            "requests_per_second": len(self._delays) / usage.seconds,
            **{f"{name}_ms": value for name, value in percentiles(self._delays).items()},
            "cpu_ms_per_request": usage.server_cpu / max(1, len(self._delays)) * 1e3,
            "server_busy": usage.server_cpu / usage.seconds,
            "generator_busy": usage.generator,
            "cores_busy": usage.cores,
            "generator_limits": usage.generator_limits,
        }
