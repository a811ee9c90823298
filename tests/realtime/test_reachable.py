"""A session of a process that has just started can be reached from the others as soon as its client knows of it."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import httpx
from django.conf import settings

from realtime import echo
from realtime.engineio.polling import PollingConsumer
from realtime.engineio.server import Server


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
