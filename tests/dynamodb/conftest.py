"""A scripted endpoint, and a client of it."""

from collections.abc import AsyncIterator

import pytest

from dynamodb.client import Client
from dynamodb.pool import ConnectionPool

from .endpoint import ScriptedEndpoint, scripted


@pytest.fixture
async def endpoint() -> AsyncIterator[ScriptedEndpoint]:
    async with scripted() as endpoint:
        yield endpoint


@pytest.fixture
async def pool(endpoint: ScriptedEndpoint) -> ConnectionPool:
    return endpoint.pool()


@pytest.fixture
async def client(endpoint: ScriptedEndpoint, pool: ConnectionPool) -> AsyncIterator[Client]:
    client = endpoint.client(pool)
    yield client
    client.close()
