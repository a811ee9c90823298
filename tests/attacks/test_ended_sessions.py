"""Any number of sessions that have ended costs a poll what is new."""

import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
import redis.asyncio as redis
from django.conf import settings

from users.revoked import REDIS_KEY, RevokedSessions

COUNT = 5_000


@pytest.fixture
async def redis_client() -> AsyncIterator[redis.Redis]:
    async with redis.Redis.from_url(settings.REDIS_URL) as client:
        yield client


@pytest.fixture
def key() -> str:
    """Ended sessions of our own: this process has others, which it writes wherever they are missing."""
    return f"{REDIS_KEY}:{uuid4().hex}"


@pytest.fixture
async def many(redis_client: redis.Redis, key: str) -> AsyncIterator[list[str]]:
    """Sessions that ended long ago."""
    sessions = [f"sess_{number}" for number in range(COUNT)]
    await redis_client.zadd(key, dict.fromkeys(sessions, time.time() + 1000))
    yield sessions
    await redis_client.delete(key, f"{key}:latest")


@pytest.fixture
async def process(key: str) -> AsyncIterator[RevokedSessions]:
    sessions = RevokedSessions(key)
    yield sessions
    await sessions.close()


async def test_only_what_is_new_is_read(
    many: list[str], process: RevokedSessions, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await process.poll()
    assert all(session in process for session in many)

    async def refuse(*arguments: Any, **options: Any) -> None:
        raise AssertionError("all of them were read again")

    monkeypatch.setattr(process._redis, "zrange", refuse)
    other = RevokedSessions(key)
    for number in range(3):
        await other.revoke(f"new_{number}", int(time.time()) + 60)
        await process.poll()
        assert f"new_{number}" in process
    await other.close()


async def test_what_was_missed_in_the_stream_is_read(
    many: list[str], process: RevokedSessions, redis_client: redis.Redis, key: str
) -> None:
    await process.poll()
    await redis_client.zadd(key, {"sess_missed": time.time() + 1000})
    await process.poll()
    assert "sess_missed" in process


async def test_what_redis_lost_is_written_again_in_pages(
    many: list[str], process: RevokedSessions, redis_client: redis.Redis, key: str
) -> None:
    await process.poll()
    await redis_client.delete(key)
    await process.poll()
    stored: Any = await redis_client.zrange(key, 0, -1)
    assert {name.decode() for name in stored} == set(many)


async def test_a_session_is_forgotten_with_its_last_token(
    many: list[str], process: RevokedSessions, redis_client: redis.Redis, key: str
) -> None:
    await redis_client.zadd(key, {"sess_expired": time.time() - 1})
    await process.poll()
    assert "sess_expired" not in process
    process._drop_expired(time.time() + 2000)
    assert len(process._known) == 0
