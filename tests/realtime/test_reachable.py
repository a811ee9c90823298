"""A session of another process can be reached once its client has its sid, and again after Redis was lost."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from uuid import uuid4

import httpx
import pytest
import redis.asyncio as redis
from django.conf import settings

from bench.chaos.proxy import proxy_to
from examples import echo
from realtime.engineio import cluster, reconnecting_redis
from realtime.engineio.contract import SessionError
from realtime.engineio.polling import PollingConsumer
from realtime.engineio.server import Server
from tests.socket_client import TIMEOUT


@asynccontextmanager
async def process(group: str, redis_url: str) -> AsyncIterator[Server]:
    """The server of one process in a group of processes."""
    server = Server(echo.echo_settings(), echo.engine_handler, redis_url=redis_url, namespace=group)
    try:
        yield server
    finally:
        await server.close()


async def opened(server: Server) -> str:
    """Open a session by a polling handshake, the first request of the process, and return its sid."""
    transport = httpx.ASGITransport(PollingConsumer.as_asgi(get_server=lambda: server))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        response = await client.get("/engine.io/?EIO=4&transport=polling")
        sid: str = json.loads(response.text[1:])["sid"]
        return sid


async def test_the_first_session_of_a_process_can_be_reached_from_another() -> None:
    group = f"test-{uuid4().hex}"
    async with process(group, settings.REDIS_URL) as old, process(group, settings.REDIS_URL) as new:
        await old.cluster.wait_until_reachable()
        assert await old.transport_of(await opened(new)) == "polling"


async def test_a_process_serves_its_own_sessions_although_redis_is_away() -> None:
    async with process("alone", "redis://127.0.0.1:1") as server:
        assert await server.transport_of(await opened(server)) == "polling"


async def until_reached(server: Server, sid: str) -> None:
    async with asyncio.timeout(TIMEOUT):
        while True:
            with suppress(SessionError):
                assert await server.transport_of(sid) == "polling"
                return
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("held", ["owner", "asker"])
async def test_a_session_is_reached_again_after_connections_to_redis_hang(
    held: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(reconnecting_redis, "_PING_INTERVAL", 0.2)
    monkeypatch.setattr(cluster, "_PUBLISH_TIMEOUT", 1.0)
    group = f"test-{uuid4().hex}"
    async with proxy_to(settings.REDIS_URL) as line:
        urls = [line.url if held == who else settings.REDIS_URL for who in ("owner", "asker")]
        async with process(group, urls[0]) as owner, process(group, urls[1]) as asker:
            sid = await opened(owner)
            await until_reached(asker, sid)
            line.stall_open_connections()
            await until_reached(asker, sid)
            assert caplog.text.count("the connection to Redis broke off") == 1
            line.restore()


async def test_a_malformed_message_does_not_stop_those_after_it() -> None:
    group = f"test-{uuid4().hex}"
    async with process(group, settings.REDIS_URL) as owner, process(group, settings.REDIS_URL) as other:
        sid = await opened(owner)
        async with redis.Redis.from_url(settings.REDIS_URL) as publisher:
            for malformed in (b"", b"\xc1", b"\x01"):
                await publisher.publish(f"{group}:eio:{owner.cluster.node}", malformed)
        assert await other.transport_of(sid) == "polling"
