"""What tests of health share: servers in a namespace of their own, whose processes no others count with theirs."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.core.asgi import get_asgi_application

from health import shared
from tests.serving import ROOT, Server

TOKEN = "figures-please"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
PATIENCE = 20.0

Report = dict[str, Any]
Environment = Mapping[str, str]


@pytest.fixture(scope="session")
async def often() -> Environment:
    """The settings of servers that sample themselves often, so that nobody waits long; their tables are there."""
    return await sampling_often("health")


async def sampling_often(name: str) -> Environment:
    """Return such settings in a namespace of this name: nobody counts a process of another, nor one that just ended."""
    environment = {"HEALTH_TOKEN": TOKEN, "HEALTH_INTERVAL": "0.2", "NAMESPACE": f"{settings.NAMESPACE}-{name}"}
    command = (sys.executable, "manage.py", "create_tables")
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, env={**os.environ, **environment})
    assert await process.wait() == 0
    return environment


async def report_of(server: Server, scope: str = "all") -> Report:
    """Return the figures that a server reports."""
    async with httpx.AsyncClient(base_url=server.url, timeout=PATIENCE) as client:
        response = await client.get(f"/api/health?scope={scope}", headers=BEARER)
    report: Report = response.json()
    return report


async def until(ask: Callable[[], Awaitable[Report]], true: Callable[[Report], bool]) -> Report:
    """Return the first report of which this is true."""
    report: Report = {}
    try:
        async with asyncio.timeout(PATIENCE):
            while not true(report := await ask()):  # noqa: ASYNC110 - what it waits for is in other processes
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"it never became true; the last report: {report}") from None
    return report


async def becomes_stale() -> None:
    """Return once the last report is no longer given out."""
    await asyncio.sleep(shared.MAX_AGE_SECONDS + 0.1)


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application in this process, without a token of its own."""
    application: Any = get_asgi_application()
    transport = httpx.ASGITransport(app=application)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:3000") as client:
        yield client
