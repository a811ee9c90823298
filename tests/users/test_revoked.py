"""The end of a session reaches every process, whatever Redis goes through meanwhile."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
import redis.asyncio as redis
from django.conf import settings as conf
from pytest_django import Settings

from bench.chaos.proxy import TcpProxy, proxy_to
from tests.socket_client import PATIENCE
from users import revoked
from users.revoked import RevokedSessions


@pytest.fixture(autouse=True)
def looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revoked, "LOOK_EVERY", 0.05)


@pytest.fixture
def session_id() -> str:
    return f"sess_{uuid4().hex}"


@pytest.fixture
async def engine() -> AsyncIterator[redis.Redis]:
    async with redis.Redis.from_url(conf.REDIS_URL) as client:
        yield client


@asynccontextmanager
async def a_process() -> AsyncIterator[RevokedSessions]:
    """What another process knows of ended sessions."""
    sessions = RevokedSessions()
    try:
        yield sessions
    finally:
        await sessions.close()


@pytest.fixture
async def line() -> AsyncIterator[TcpProxy]:
    async with proxy_to(conf.REDIS_URL) as line:
        yield line


@pytest.fixture
async def behind(line: TcpProxy, settings: Settings) -> AsyncIterator[RevokedSessions]:
    """A process that reaches Redis by the line, as long as it is not cut."""
    direct, settings.REDIS_URL = settings.REDIS_URL, line.url
    async with a_process() as sessions:
        settings.REDIS_URL = direct
        yield sessions


async def hears(sessions: RevokedSessions, session_id: str) -> None:
    """Return when the end of the session is known there."""
    heard = asyncio.Event()
    sessions.listen(lambda ended: heard.set() if session_id in ended else None)
    async with asyncio.timeout(PATIENCE):
        await heard.wait()


async def test_an_end_that_redis_was_not_there_to_be_told_is_told_later(
    line: TcpProxy, behind: RevokedSessions, session_id: str
) -> None:
    async with a_process() as beside:
        line.cut()
        await behind.revoke(session_id, int(time.time()) + 60)
        assert session_id in behind
        await beside._look()
        assert session_id not in beside
        line.restore()
        await hears(beside, session_id)


async def test_an_end_that_redis_has_lost_is_told_again(session_id: str, engine: redis.Redis) -> None:
    async with a_process() as old, a_process() as new:
        await old.revoke(session_id, int(time.time()) + 60)
        await engine.delete(revoked._KEY)
        await hears(new, session_id)


async def test_an_end_that_is_past_is_not_told_any_more(
    line: TcpProxy, behind: RevokedSessions, session_id: str, settings: Settings, engine: redis.Redis
) -> None:
    line.cut()
    settings.LOCAL_TOKEN_LIFETIME = -60  # all tokens have run out by now
    await behind.revoke(session_id, int(time.time()) - 60)
    line.restore()
    await behind._look()
    assert session_id not in behind
    assert await engine.zscore(revoked._KEY, session_id) is None


async def test_ended_again_by_a_shorter_token_it_stays_ended_for_the_longer(
    session_id: str, engine: redis.Redis
) -> None:
    long = int(time.time()) + 10 * conf.LOCAL_TOKEN_LIFETIME
    async with a_process() as sessions:
        await sessions.revoke(session_id, long)
        await sessions.revoke(session_id, int(time.time()))
        await sessions._look()
    assert await engine.zscore(revoked._KEY, session_id) == long + conf.TOKEN_LEEWAY
