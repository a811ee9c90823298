"""Two processes where Clerk signs people in: its webhooks over HTTP end sockets, tokens and downloads in both."""

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
import pytest
import websockets

from tests.serving import Server, serving

from .fake_clerk import Delivery, FakeClerk, deliver, fake_clerk, signed, user_object

WEBHOOKS = "/api/webhooks/clerk"
TIMEOUT = 15
SIZE = 24 * 1024 * 1024


@pytest.fixture(scope="module")
def shared_clerk() -> Iterator[FakeClerk]:
    with fake_clerk() as clerk:
        yield clerk


@pytest.fixture(scope="module")
async def servers(shared_clerk: FakeClerk) -> AsyncIterator[tuple[Server, Server]]:
    environment = {**shared_clerk.settings(), "RATE_LIMITS": "webhook=1000/m"}
    async with serving(environment) as one, serving(environment) as other:
        yield one, other


@dataclass
class Ada:
    """Somebody whom Clerk has signed in, with a group of her own."""

    clerk: FakeClerk
    id: str
    session_id: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def ends(self) -> dict[str, Delivery]:
        session = {"id": self.session_id, "user_id": self.id}
        return {
            "user.deleted": deliver("user.deleted", {"id": self.id, "deleted": True}),
            "session.revoked": deliver("session.revoked", session),
        }


@pytest.fixture
def ada(shared_clerk: FakeClerk) -> Ada:
    user_id, session_id = f"user_{uuid4().hex}", f"sess_{uuid4().hex}"
    shared_clerk.users[user_id] = user_object(user_id)
    return Ada(shared_clerk, user_id, session_id, shared_clerk.token(user_id, sid=session_id))


async def post(server: Server, delivery: Delivery) -> httpx.Response:
    body, headers = delivery
    async with httpx.AsyncClient(base_url=server.url) as client:
        return await client.post(WEBHOOKS, content=body, headers={"Content-Type": "application/json", **headers})


@asynccontextmanager
async def socket_of(ada: Ada, server: Server) -> AsyncIterator[websockets.ClientConnection]:
    async with websockets.connect(server.url.replace("http", "ws") + "/ws/") as socket:
        await socket.send(json.dumps({"event": "connect", "data": {"token": ada.token}}))
        ready: Any = {}
        while ready.get("event") != "ready":
            ready = json.loads(await asyncio.wait_for(socket.recv(), TIMEOUT))
        yield socket


async def upload(ada: Ada, client: httpx.AsyncClient) -> str:
    group = (await client.post("/api/groups", json={"name": "Harbour"}, headers=ada.headers)).json()
    form = {"data": {"groupId": group["id"]}, "files": {"file": ("a.bin", os.urandom(SIZE))}}
    uploaded = (await client.post("/api/upload", headers=ada.headers, **form)).raise_for_status().json()  # type: ignore[arg-type]
    url: str = (uploaded.get("file") or uploaded)["url"]
    return url


async def read_slowly(response: httpx.Response) -> int:
    size = 0
    try:
        async for piece in response.aiter_bytes(20_000):
            size += len(piece)
            await asyncio.sleep(0.01)
    except httpx.TransportError:
        pass
    return size


async def closed(socket: websockets.ClientConnection) -> int | None:
    try:
        while True:
            await asyncio.wait_for(socket.recv(), TIMEOUT)
    except websockets.ConnectionClosed as end:
        return end.rcvd.code if end.rcvd else None


@pytest.mark.parametrize("kind", ["user.deleted", "session.revoked"])
async def test_sockets_tokens_and_downloads_end_in_every_process(
    servers: tuple[Server, Server], ada: Ada, kind: str
) -> None:
    told, other = servers
    async with httpx.AsyncClient(base_url=other.url, timeout=60) as client, socket_of(ada, other) as socket:
        url = await upload(ada, client)
        async with client.stream("GET", url, headers=ada.headers) as download:
            assert download.status_code == 200
            reading = asyncio.create_task(read_slowly(download))
            assert (await post(told, ada.ends()[kind])).status_code == 204
            # Within POLL_INTERVAL of a machine that has time.
            assert await asyncio.wait_for(closed(socket), TIMEOUT) == 4001
            assert (await client.get("/api/users/me", headers=ada.headers)).status_code == 401
            assert await asyncio.wait_for(reading, TIMEOUT) < SIZE


async def test_a_name_comes_without_a_claim(servers: tuple[Server, Server], ada: Ada) -> None:
    async with httpx.AsyncClient(base_url=servers[0].url, headers=ada.headers) as client, asyncio.timeout(TIMEOUT):
        while (user := (await client.get("/api/users/me")).json())["name"] == ada.id:  # noqa: ASYNC110 # over HTTP
            await asyncio.sleep(0.05)
    assert (user["name"], user["imageUrl"]) == ("Ada Lovelace", "https://img.clerk.com/ada")


async def test_a_webhook_of_another_process_renames(servers: tuple[Server, Server], ada: Ada) -> None:
    delivery = deliver("user.updated", user_object(ada.id, first_name="Countess"))
    assert (await post(servers[0], delivery)).status_code == 204
    assert (await post(servers[1], delivery)).status_code == 204
    async with httpx.AsyncClient(base_url=servers[1].url, headers=ada.headers) as client:
        assert (await client.get("/api/users/me")).json()["name"] == "Countess Lovelace"
        refused = await client.patch("/api/users/me", json={"name": "Mallory"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")


@pytest.mark.parametrize("credentials", ["nothing", "a member", "a forged signature", "an old signature"])
async def test_nobody_but_svix_is_heard(servers: tuple[Server, Server], ada: Ada, credentials: str) -> None:
    body, good = deliver("user.deleted", {"id": ada.id})
    headers = {
        "nothing": {},
        "a member": ada.headers,
        "a forged signature": good | {"svix-signature": "v1," + "A" * 44},
        "an old signature": signed(body.decode(), at=time.time() - 3600),
    }[credentials]
    response = await post(servers[0], (body, headers))
    assert (response.status_code, response.json()["error"]["code"]) == (401, "unauthenticated")
    async with httpx.AsyncClient(base_url=servers[0].url, headers=ada.headers) as client:
        assert (await client.get("/api/users/me")).status_code == 200


async def test_a_body_that_is_too_large_is_not_read(servers: tuple[Server, Server]) -> None:
    body = json.dumps({"type": "user.updated", "data": {"padding": "x" * 1_100_000}})
    response = await post(servers[0], (body.encode(), signed(body)))
    assert response.status_code == 413


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
async def test_it_is_only_written_to(servers: tuple[Server, Server], method: str) -> None:
    async with httpx.AsyncClient(base_url=servers[0].url) as client:
        assert (await client.request(method, WEBHOOKS)).status_code == 405


async def test_webhooks_are_limited_by_address(shared_clerk: FakeClerk) -> None:
    async with serving({**shared_clerk.settings(), "RATE_LIMITS": "webhook=3/m", "NAMESPACE": uuid4().hex}) as server:
        statuses = [(await post(server, (b"{}", {}))).status_code for _ in range(5)]
    assert statuses[0] == 401
    assert 429 in statuses


async def test_a_trial_has_no_such_door() -> None:
    async with serving({}) as server:
        assert (await post(server, deliver("user.deleted", {"id": "user_1"}))).status_code == 404
