"""A session of another process can be reached as soon as its client knows of it, and again when Redis was lost."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import uuid4

import httpx
import pytest
from django.conf import settings

from bench.chaos.proxy import proxy_to
from examples import echo
from realtime import reconnecting_redis as kept_wire
from realtime.engineio import cluster
from realtime.engineio.contract import SessionError
from realtime.engineio.polling import PollingConsumer
from realtime.engineio.server import Server
from tests.socket_client import PATIENCE


@asynccontextmanager
async def process(group: str, redis_url: str) -> AsyncIterator[Server]:
    """What each process has of its own, of one group of processes."""
    server = Server(echo._settings(), echo._engine, redis_url=redis_url, namespace=group)
    try:
        yield server
    finally:
        await server.close()


async def opened(server: Server) -> str:
    """Open a session by a polling handshake, as the first request that the process gets, and return its sid."""
    door = httpx.ASGITransport(PollingConsumer.as_asgi(get_server=lambda: server))
    async with httpx.AsyncClient(transport=door, base_url="http://localhost") as client:
        answer = await client.get("/engine.io/?EIO=4&transport=polling")
        sid: str = json.loads(answer.text[1:])["sid"]
        return sid


async def test_the_first_session_of_a_process_can_be_reached_from_another() -> None:
    group = f"test-{uuid4().hex}"
    async with process(group, settings.REDIS_URL) as old, process(group, settings.REDIS_URL) as new:
        await old.cluster.reachable()
        assert await old.transport_of(await opened(new)) == "polling"


async def test_a_process_serves_its_own_sessions_although_redis_is_away() -> None:
    async with process("alone", "redis://127.0.0.1:1") as server:
        assert await server.transport_of(await opened(server)) == "polling"


async def until_found(server: Server, sid: str) -> None:
    async with asyncio.timeout(PATIENCE):
        while True:
            with suppress(SessionError):
                assert await server.transport_of(sid) == "polling"
                return
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("held", ["owner", "asker"])
async def test_a_session_is_found_again_although_connections_to_redis_hang(
    held: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(kept_wire, "_BEAT_SECONDS", 0.2)
    monkeypatch.setattr(cluster, "_PUBLISH_PATIENCE", 1.0)
    group = f"test-{uuid4().hex}"
    async with proxy_to(settings.REDIS_URL) as line:
        urls = [line.url if held == who else settings.REDIS_URL for who in ("owner", "asker")]
        async with process(group, urls[0]) as owner, process(group, urls[1]) as asker:
            sid = await opened(owner)
            await until_found(asker, sid)
            line.stall_open_connections()
            await until_found(asker, sid)
            assert caplog.text.count("the connection to Redis broke off") == 1
            line.restore()


async def test_what_cannot_be_understood_makes_nobody_deaf() -> None:
    group = f"test-{uuid4().hex}"
    async with process(group, settings.REDIS_URL) as owner, process(group, settings.REDIS_URL) as other:
        sid = await opened(owner)
        for rubbish in (b"", b"\xc1", b"\x01"):
            await other.cluster._redis.publish(f"{group}:eio:{owner.cluster.node}", rubbish)
        assert await other.transport_of(sid) == "polling"
