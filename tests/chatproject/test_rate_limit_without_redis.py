"""While Redis is away nothing is counted: reading and writing go on without waiting, and nobody can sign in."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx
import pytest

from bench.chaos.proxy import TcpProxy, proxy_to
from tests.cast import Person
from tests.entry_points import http_client, refusal_of
from tests.serving import Server, serving
from tests.socket_client import connected
from users.actor import Actor
from users.local_issuer import issue_token

LIMITS = {
    "RATE_LIMITS": "off,all=1000/d,list=1000/d,write=1000/d,sign_in=1000/d,failed_sign_in=1000/d",
    "RATE_LIMIT_TIMEOUT": "0.1",
}
# In seconds: half of what the hub's own client takes to notice, and many times what a count may take.
QUICK = 2.0
# A token of no issuer; it is no secret.
FORGED = "eyJhbGciOiJSUzI1NiJ9.e30.AAAA"


@dataclass(frozen=True)
class Scene:
    server: Server
    redis: TcpProxy


@pytest.fixture(scope="module")
async def scene() -> AsyncIterator[Scene]:
    async with proxy_to(os.environ["REDIS_URL"]) as line, serving({**LIMITS, "REDIS_URL": line.url}) as server:
        yield Scene(server, line)


async def test_counting_keeps_its_connections(scene: Scene, alice: Person) -> None:
    await _until_counted(scene, alice)
    port = int(scene.redis.url.rpartition(":")[2].partition("/")[0])

    def connections() -> int:
        return sum(bool(each.raddr) and each.raddr.port == port for each in scene.server.process.net_connections())

    async with http_client(scene.server.url, alice) as client:
        before = connections()
        responses = await asyncio.gather(*(client.get("/api/users/me") for _ in range(100)))
        assert {response.status_code for response in responses} == {200}
    # One for each thread, and a few of other clients: none for each request.
    assert connections() <= before + 30


async def _until_counted(scene: Scene, person: Person) -> None:
    """Wait until the server has noticed that Redis is back, after another test."""
    async with asyncio.timeout(30), http_client(scene.server.url, person) as client:
        while "ratelimit-limit" not in (await client.get("/api/users/me")).headers:
            continue


@pytest.fixture(params=["cut", "held"])
async def away(scene: Scene, request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    scene.redis.cut() if request.param == "cut" else scene.redis.stall()
    yield scene
    scene.redis.restore()


async def sign_in(client: httpx.AsyncClient) -> httpx.Response:
    page = await client.get("/sign-in")
    assert page.status_code == 200
    return await client.post("/sign-in", data={"name": "Dora", "csrfmiddlewaretoken": client.cookies["csrftoken"]})


async def test_who_is_signed_in_goes_on(away: Scene, alice: Person, group_id: str) -> None:
    async with http_client(away.server.url, alice) as client:
        for _ in range(3):
            start = time.monotonic()
            response = await client.get("/api/groups")
            assert response.status_code == 200
            assert time.monotonic() - start < QUICK
            assert "ratelimit-limit" not in response.headers
        message = {"groupId": group_id, "content": "without counting"}
        assert (await client.post("/api/messages", json=message)).status_code == 201
        assert (await client.patch(f"/api/groups/{group_id}", json={"name": "Quay"})).status_code == 200
        client.cookies.set("__session", alice.token)
        assert (await client.get(f"/groups/{group_id}")).status_code == 200


async def test_signing_in_is_refused_until_redis_is_back(away: Scene) -> None:
    async with httpx.AsyncClient(base_url=away.server.url, timeout=30) as client:
        refused = await sign_in(client)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert "Signing in is not possible" in refused.text
        away.redis.restore()
        deadline = time.monotonic() + 30
        while (response := await sign_in(client)).status_code == 503:
            assert time.monotonic() < deadline
        assert response.status_code == 302


async def test_a_failed_attempt_is_refused_as_well(away: Scene, alice: Person) -> None:
    async with httpx.AsyncClient(base_url=away.server.url, timeout=30) as client:
        for headers in ({"Authorization": f"Bearer {FORGED}"}, {"Cookie": f"__session={FORGED}"}):
            response = await client.get("/api/users/me", headers=headers)
            assert (response.status_code, response.headers["retry-after"]) == (503, "1")
            assert response.json()["error"]["code"] == "unavailable"
        page = await client.get("/?list", headers={"Cookie": f"__session={FORGED}"})
        assert page.status_code == 503
    assert await refusal_of(away.server.url, None, token=FORGED) == "unavailable"
    # Over a socket too, who has a valid token is let in.
    async with connected(away.server.url, alice):
        pass


async def test_an_expired_token_is_no_attempt(away: Scene) -> None:
    # Beyond the leeway.
    late = Person(Actor("user_late", "Late", "", 0), issue_token("user_late", "Late", -60))
    async with http_client(away.server.url, late) as client:
        response = await client.get("/api/users/me")
    assert (response.status_code, response.json()["error"]["code"]) == (401, "token_expired")
