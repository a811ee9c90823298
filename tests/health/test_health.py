"""The health report is correct, fast and cheap, whatever the state of the engines."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.core.asgi import get_asgi_application
from pytest_django import Settings

from bench.chaos.proxy import TcpProxy, proxy_to
from health import reports
from health.checks import CheckFailed
from health.reports import CHECK_SECONDS, SharedReports
from tests.cast import Person
from tests.serving import serving

TOKEN = "figures-please"
STATES = {"ok": True}
ENGINES = {"dynamodb": "DYNAMODB_URL", "mongodb": "MONGODB_URI", "redis": "REDIS_URL"}


@dataclass
class Site:
    """A server, and the proxies between it and its engines."""

    client: httpx.AsyncClient
    proxies: dict[str, TcpProxy]

    async def health(self) -> tuple[httpx.Response, float]:
        await asyncio.sleep(reports.MAX_AGE_SECONDS + 0.1)  # the previous report has expired
        start = time.monotonic()
        response = await self.client.get("/api/health")
        return response, time.monotonic() - start


@pytest.fixture(scope="module")
async def site() -> AsyncIterator[Site]:
    """A server that reaches its engines through proxies, which a test can cut or stall."""
    async with AsyncExitStack() as stack:
        proxies = {
            name: await stack.enter_async_context(proxy_to(getattr(settings, variable)))
            for name, variable in ENGINES.items()
        }
        environment = {variable: proxies[name].url for name, variable in ENGINES.items()} | {"HEALTH_TOKEN": TOKEN}
        server = await stack.enter_async_context(serving(environment))
        headers = {"Authorization": f"Bearer {TOKEN}"}
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=server.url, timeout=20, headers=headers))
        yield Site(client, proxies)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application in this process, without a token of its own."""
    application: Any = get_asgi_application()
    transport = httpx.ASGITransport(app=application)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:3000") as client:
        yield client


async def test_a_healthy_server_is_ok(site: Site) -> None:
    response, _ = await site.health()
    assert (response.status_code, response.json()["status"]) == (200, "ok"), response.text
    checks: dict[str, Any] = response.json()["checks"]
    assert checks.keys() == {*ENGINES, "process"}
    assert all(check["ok"] for check in checks.values())
    assert checks["process"]["rss"] > 10_000_000
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("fault", ["cut", "stall"])
@pytest.mark.parametrize("engine", ENGINES)
async def test_an_engine_that_is_down_or_hangs_is_named_within_the_timeout(site: Site, engine: str, fault: str) -> None:
    proxy = site.proxies[engine]
    getattr(proxy, fault)()
    try:
        response, seconds = await site.health()
        live = await site.client.get("/api/health/live")
    finally:
        proxy.restore()
    assert (response.status_code, response.json()["status"]) == (503, "degraded")
    checks = response.json()["checks"]
    assert {name for name, check in checks.items() if not check["ok"]} == {engine}
    assert checks[engine]["error"]
    assert "127.0.0.1" not in response.text
    assert seconds < CHECK_SECONDS + 1
    assert live.status_code == 200
    async with asyncio.timeout(20):
        while (await site.health())[0].status_code != 200:
            pass


@pytest.mark.parametrize("path", ["/api/health", "/api/health/live"])
async def test_a_probe_needs_no_token_and_may_accept_anything(site: Site, path: str) -> None:
    for headers in ({"Accept": "text/plain"}, {"Authorization": "Bearer nonsense"}):
        assert (await site.client.get(path, headers=headers)).status_code == 200
    assert (await site.client.head(path)).status_code == 200
    assert "text/html" in (await site.client.get(path, headers={"Accept": "text/html"})).headers["content-type"]
    assert (await site.client.post(path)).json()["error"]["code"] == "method_not_allowed"


async def test_concurrent_probes_share_one_check(monkeypatch: pytest.MonkeyPatch) -> None:
    checks = 0

    async def count() -> None:
        nonlocal checks
        checks += 1
        await asyncio.sleep(0.05)

    monkeypatch.setattr(reports, "ENGINES", {"engine": count})
    shared = SharedReports()
    cancelled = asyncio.create_task(shared.get())
    await asyncio.sleep(0)
    cancelled.cancel()
    results = await asyncio.gather(*(shared.get() for _ in range(100)))
    assert all(report.ok for report in results)
    await shared.get()
    assert checks == 1
    monkeypatch.setattr(reports, "MAX_AGE_SECONDS", 0)
    await shared.get()
    assert checks == 2


async def test_an_error_names_no_address_and_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse() -> None:
        raise CheckFailed("It refuses this server's credentials.")

    async def explode() -> None:
        raise RuntimeError("cannot reach redis://user:secret@10.0.0.1")

    async def hang() -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(reports, "ENGINES", {"refuses": refuse, "explodes": explode, "hangs": hang})
    monkeypatch.setattr(reports, "CHECK_SECONDS", 0.1)
    report = await SharedReports().get()
    wire = report.as_wire(figures=True)
    assert wire["status"] == "degraded"
    assert {name: wire["checks"][name]["error"] for name in ("refuses", "explodes", "hangs")} == {
        "refuses": "It refuses this server's credentials.",
        "explodes": "It answers with an error (RuntimeError).",
        "hangs": "It does not answer within 0.1 s.",
    }
    states = {name: {"ok": False} for name in ("refuses", "explodes", "hangs")}
    assert report.as_wire(figures=False)["checks"] == {**states, "process": {"ok": True}}


@pytest.mark.parametrize("sent", [{}, {"Authorization": "Bearer nonsense"}, {"Authorization": "x"}])
async def test_anybody_sees_the_states_and_nothing_else(client: httpx.AsyncClient, sent: dict[str, str]) -> None:
    report, live = await client.get("/api/health", headers=sent), await client.get("/api/health/live", headers=sent)
    assert report.json() == {"status": "ok", "checks": dict.fromkeys((*ENGINES, "process"), STATES)}
    assert live.json() == {"status": "ok", "process": STATES}


async def test_figures_are_for_administrators_and_the_bearer_of_the_token(
    client: httpx.AsyncClient, alice: Person, bob: Person, settings: Settings
) -> None:
    settings.HEALTH_TOKEN, settings.ADMINISTRATORS = TOKEN, frozenset([alice.id])
    by_cookie = {"Cookie": f"{settings.SESSION_COOKIE}={alice.token}"}
    for path in ("/api/health", "/api/health/live"):
        for allowed in ({"Authorization": f"Bearer {TOKEN}"}, alice.headers, by_cookie):
            assert "rss" in (await client.get(path, headers=allowed)).text
        for refused in ({}, bob.headers, {"Authorization": f"Bearer {TOKEN}x"}, {"Authorization": TOKEN}):
            response = await client.get(path, headers=refused)
            assert response.status_code == 200
            assert "rss" not in response.text
    settings.HEALTH_TOKEN = ""
    assert "rss" not in (await client.get("/api/health", headers={"Authorization": "Bearer "})).text
