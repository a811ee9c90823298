"""The health report: right, quick and cheap, whatever the engines do."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from django.conf import settings

from bench.chaos.proxy import TcpProxy, proxy_to
from health import reports
from health.checks import Failed
from health.reports import CHECK_SECONDS, SharedReports
from tests.serving import serving

ENGINES = {"dynamodb": "DYNAMODB_URL", "mongodb": "MONGODB_URI", "redis": "REDIS_URL"}


@dataclass
class Site:
    client: httpx.AsyncClient
    lines: dict[str, TcpProxy]

    async def health(self) -> tuple[httpx.Response, float]:
        await asyncio.sleep(reports.SHARED_SECONDS + 0.1)  # so that it is no earlier answer
        start = time.monotonic()
        answer = await self.client.get("/api/health")
        return answer, time.monotonic() - start


@pytest.fixture(scope="module")
async def site() -> AsyncIterator[Site]:
    """A server that reaches its engines over lines which a test can cut."""
    async with AsyncExitStack() as stack:
        lines = {
            name: await stack.enter_async_context(proxy_to(getattr(settings, variable)))
            for name, variable in ENGINES.items()
        }
        environment = {variable: lines[name].url for name, variable in ENGINES.items()}
        server = await stack.enter_async_context(serving(environment))
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=server.url, timeout=20))
        yield Site(client, lines)


async def test_all_is_well(site: Site) -> None:
    answer, _ = await site.health()
    assert (answer.status_code, answer.json()["status"]) == (200, "ok"), answer.text
    checks: dict[str, Any] = answer.json()["checks"]
    assert checks.keys() == {*ENGINES, "process"}
    assert all(check["ok"] for check in checks.values())
    assert checks["process"]["rss"] > 10_000_000
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("way", ["cut", "stall"])
@pytest.mark.parametrize("engine", ENGINES)
async def test_an_engine_that_is_away_or_hangs_is_named_in_time(site: Site, engine: str, way: str) -> None:
    line = site.lines[engine]
    getattr(line, way)()
    try:
        answer, seconds = await site.health()
        live = await site.client.get("/api/health/live")
    finally:
        line.restore()
    assert (answer.status_code, answer.json()["status"]) == (503, "degraded")
    checks = answer.json()["checks"]
    assert {name for name, check in checks.items() if not check["ok"]} == {engine}
    assert checks[engine]["error"]
    assert "127.0.0.1" not in answer.text
    assert seconds < CHECK_SECONDS + 1
    assert live.status_code == 200
    async with asyncio.timeout(20):
        while (await site.health())[0].status_code != 200:
            pass


@pytest.mark.parametrize("path", ["/api/health", "/api/health/live"])
async def test_a_probe_needs_no_account_and_may_accept_anything(site: Site, path: str) -> None:
    for headers in ({"Accept": "text/plain"}, {"Authorization": "Bearer nonsense"}):
        assert (await site.client.get(path, headers=headers)).status_code == 200
    assert (await site.client.head(path)).status_code == 200
    assert "text/html" in (await site.client.get(path, headers={"Accept": "text/html"})).headers["content-type"]
    assert (await site.client.post(path)).json()["error"]["code"] == "invalid"


async def test_a_flood_of_probes_is_one_check(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0

    async def count() -> None:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0.05)

    monkeypatch.setattr(reports, "ENGINES", {"engine": count})
    shared = SharedReports()
    impatient = asyncio.create_task(shared.latest())
    await asyncio.sleep(0)
    impatient.cancel()
    found = await asyncio.gather(*(shared.latest() for _ in range(100)))
    assert all(report.ok for report in found)
    await shared.latest()
    assert asked == 1
    monkeypatch.setattr(reports, "SHARED_SECONDS", 0)
    await shared.latest()
    assert asked == 2


async def test_the_error_says_what_is_wrong_and_not_where(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse() -> None:
        raise Failed("It refuses this server's credentials.")

    async def explode() -> None:
        raise RuntimeError("cannot reach redis://user:secret@10.0.0.1")

    async def hang() -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(reports, "ENGINES", {"refuses": refuse, "explodes": explode, "hangs": hang})
    monkeypatch.setattr(reports, "CHECK_SECONDS", 0.1)
    wire = (await SharedReports().latest()).as_wire()
    assert wire["status"] == "degraded"
    assert {name: wire["checks"][name]["error"] for name in ("refuses", "explodes", "hangs")} == {
        "refuses": "It refuses this server's credentials.",
        "explodes": "It answers with an error (RuntimeError).",
        "hangs": "It does not answer within 0.1 s.",
    }
