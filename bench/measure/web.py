"""The web chat: pages by sequential requests, and in a browser what they cost and how messages arrive there."""

import os
from collections.abc import Mapping
from time import perf_counter
from typing import Any

import aiohttp

from bench.launcher import DIRECT, OURS, Launcher, RunningSystem, our_settings
from bench.load.recorder import Recorder
from bench.load.run import percentiles, write_messages
from bench.load.usage import ResourceSample, ServerProcesses, Usage
from bench.loop import run_on_loop
from bench.scenario_kinds import COLD, LIVE, OPENED, PANEL, WARM, Web

from . import browser
from .runner import Runner

_MEMBERS = 2
# Messages of the group whose pages are read: more than a page has.
_WRITTEN = 60
_WARM_UP = 20
_COOKIE = "__session"


def measure(runner: Runner, scenario: Web) -> None:
    for groups in scenario.groups:
        shape = (runner.scaled(groups), _MEMBERS, _MEMBERS)
        with running_built(runner.launcher, shape) as running:
            run_on_loop(write_messages(running.fixture, running.target, Recorder(), _WRITTEN))
            for _ in range(runner.few_pairs):
                for part, figures in run_on_loop(_read(running, runner.timing.seconds)).items():
                    runner.add(f"{part}, {groups:,} group{'s'[: groups > 1]}", OURS, figures)
    with running_built(runner.launcher, (1, _MEMBERS, _MEMBERS)) as running:
        run_on_loop(write_messages(running.fixture, running.target, Recorder(), runner.scaled(scenario.messages)))
        for _ in range(runner.few_pairs):
            cold, warm = run_on_loop(browser.open_twice(running, cookie_of(running)))
            runner.add(COLD, OURS, cold)
            runner.add(WARM, OURS, warm)
            live = browser.receive(running, cookie_of(running), scenario.rate, runner.timing.seconds)
            runner.add(LIVE, OURS, run_on_loop(live))


def cookie_of(running: RunningSystem, member: int = 0) -> dict[str, str]:
    """Return the cookie with which a browser is signed in as a member of the first group."""
    return {_COOKIE: running.fixture.tokens[running.fixture.groups[0].members[member]]}


def running_built(launcher: Launcher, shape: tuple[int, int, int]) -> Any:
    """Run our server with built static files, as `bin/run` does."""
    folder = launcher.folder / "static"
    settings = {"STATIC_ROOT": str(folder)}
    if not folder.is_dir():
        launcher.revisions[OURS].manage(
            ["build_static"], {**os.environ, **launcher.engines, **our_settings(OURS, shape), **settings}
        )
    return launcher.running(OURS, shape, store=DIRECT, settings=settings)


async def _read(running: RunningSystem, seconds: float) -> dict[str, dict[str, Any]]:
    group = f"/groups/{running.fixture.groups[0].id}"
    async with aiohttp.ClientSession(running.url, cookies=cookie_of(running), auto_decompress=False) as http:
        return {
            OPENED: await _time_requests(http, running, group, seconds),
            PANEL: await _time_requests(http, running, f"{group}/members", seconds),
        }


async def _time_requests(
    http: aiohttp.ClientSession, running: RunningSystem, path: str, seconds: float
) -> dict[str, Any]:
    for _ in range(_WARM_UP):
        size = await _get(http, path, {"Accept-Encoding": "gzip"})
    raw = await _get(http, path, {"Accept-Encoding": "identity"})
    servers = ServerProcesses(running.target.pids)
    delays: list[float] = []
    begin = ResourceSample.now(servers)
    while (start := perf_counter()) < begin.at + seconds:
        await _get(http, path, {"Accept-Encoding": "gzip"})
        delays.append(perf_counter() - start)
    usage = Usage.between(begin, ResourceSample.now(servers))
    return {
        "requests": len(delays),
        **{f"{name}_ms": value for name, value in percentiles(delays).items()},
        "cpu_ms_per_request": usage.server_cpu / len(delays) * 1e3,
        "kilobytes": size / 1e3,
        "kilobytes_raw": raw / 1e3,
    }


async def _get(http: aiohttp.ClientSession, path: str, headers: Mapping[str, str]) -> int:
    """Return the size of the answer, in bytes as they came."""
    async with http.get(path, headers=headers, allow_redirects=False) as response:
        response.raise_for_status()
        if response.status != 200:
            raise RuntimeError(f"{path} answered {response.status}")
        return len(await response.read())
