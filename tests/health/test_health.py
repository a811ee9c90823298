"""The health report is correct, fast and cheap, whatever the state of the engines."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx
import pytest
from django.conf import settings

from bench.chaos.proxy import TcpProxy, proxy_to
from health.engines import CHECK_SECONDS
from tests.serving import serving

from .conftest import BEARER, becomes_stale, sampling_often

ENGINES = {"dynamodb": "DYNAMODB_URL", "mongodb": "MONGODB_URI", "redis": "REDIS_URL"}
SECTIONS = (
    "status",
    "server",
    "databases",
    "rooms",
    "sockets",
    "memory",
    "errors",
    "eventLoop",
    "due",
    "outbox",
    "followers",
    "workers",
)


@dataclass
class Site:
    """A server, and the proxies between it and its engines."""

    client: httpx.AsyncClient
    proxies: dict[str, TcpProxy]

    async def health(self) -> tuple[httpx.Response, float]:
        await becomes_stale()
        start = time.monotonic()
        response = await self.client.get("/api/health")
        return response, time.monotonic() - start

    async def recovers(self) -> None:
        async with asyncio.timeout(30):
            while (await self.health())[0].json()["status"] != "ok":
                pass


@pytest.fixture(scope="module")
async def site() -> AsyncIterator[Site]:
    """A server that reaches its engines through proxies, which a test can cut or stall; no process is beside it."""
    often = await sampling_often("health-alone")
    async with AsyncExitStack() as stack:
        proxies = {
            name: await stack.enter_async_context(proxy_to(getattr(settings, variable)))
            for name, variable in ENGINES.items()
        }
        addresses = {variable: proxies[name].url for name, variable in ENGINES.items()}
        server = await stack.enter_async_context(serving({**often, **addresses}))
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=server.url, timeout=20, headers=BEARER))
        site = Site(client, proxies)
        # Until it has proven its own protocols.
        await site.recovers()
        yield site


async def test_a_healthy_server_is_ok(site: Site) -> None:
    response, _ = await site.health()
    report = response.json()
    assert (response.status_code, report["status"]) == (200, "ok"), response.text
    assert tuple(report) == SECTIONS
    assert {name: report["server"][name] for name in ("http", "websocket")} == {"http": "ok", "websocket": "ok"}
    (follower, *_) = report["followers"]
    assert follower.keys() == {"name", "groups", "seconds", "setAside"}
    for name in ENGINES:
        engine = report["databases"][name]
        assert engine["status"] == "ok"
        assert 0 < engine["latencyMs"] < CHECK_SECONDS * 1000
        assert 0 <= engine["pool"]["busy"] <= engine["pool"]["open"] <= engine["pool"]["max"]
        assert engine["pool"]["open"] >= 1
    assert report["memory"]["rss"] > 10_000_000
    assert report["rooms"] == {"count": 0, "connections": 0, "largest": []}
    assert report["eventLoop"].keys() == {"lagP50Ms", "lagP99Ms"}
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("fault", ["cut", "stall"])
@pytest.mark.parametrize("engine", ENGINES)
async def test_an_engine_that_is_down_or_hangs_is_named_within_the_timeout(site: Site, engine: str, fault: str) -> None:
    proxy = site.proxies[engine]
    getattr(proxy, fault)()
    try:
        response, seconds = await site.health()
        live, ready = [await site.client.get(f"/api/health/{name}") for name in ("live", "ready")]
    finally:
        proxy.restore()
    # Without DynamoDB nothing is possible; without the others it serves.
    expected = (503, "down") if engine == "dynamodb" else (200, "degraded")
    assert (response.status_code, response.json()["status"]) == expected
    assert (response.status_code == 503) == ("retry-after" in response.headers)
    databases = response.json()["databases"]
    assert {name for name, found in databases.items() if found["status"] != "ok"} == {engine}
    assert databases[engine]["lastError"]
    assert databases[engine]["lastErrorAt"]
    assert "127.0.0.1" not in response.text
    assert seconds < CHECK_SECONDS + 2
    assert (live.status_code, live.json()) == (200, {"status": "ok"})
    # A balancer must not take out a server for an engine that another server would lack as well.
    assert ready.status_code == expected[0]
    assert ready.json() == {"status": "down" if engine == "dynamodb" else "ok"}
    await site.recovers()
    # What was wrong is still said.
    assert (await site.health())[0].json()["databases"][engine]["lastError"]


@pytest.mark.parametrize("path", ["/api/health", "/api/health/live", "/api/health/ready"])
async def test_a_probe_needs_no_token_and_may_accept_anything(site: Site, path: str) -> None:
    for headers in ({"Accept": "text/plain"}, {"Authorization": "Bearer nonsense"}):
        assert (await site.client.get(path, headers=headers)).status_code == 200
    assert (await site.client.head(path)).status_code == 200
    assert "text/html" in (await site.client.get(path, headers={"Accept": "text/html"})).headers["content-type"]
    assert (await site.client.post(path)).json()["error"]["code"] == "method_not_allowed"


@pytest.mark.parametrize("host", ["10.0.0.1", "10.0.0.1:3000", "[fd00::1]", "pod-3.chat.internal", "x y", "a" * 300])
async def test_a_balancer_may_call_by_any_name(site: Site, host: str) -> None:
    for path in ("/api/health", "/api/health/live", "/api/health/ready"):
        for accept in ("*/*", "text/html"):
            response = await site.client.get(path, headers={"Host": host, "Accept": accept})
            assert response.status_code == 200, path
            # What others are sent must not name a host that a stranger chose.
            assert host not in response.text
    assert (await site.client.get("/api/groups", headers={"Host": host})).status_code == 400
