"""A revocation reaches every process, even if Redis is down or loses it meanwhile."""

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
from tests.socket_client import TIMEOUT
from users import revoked
from users.revoked import RevokedSessions


@pytest.fixture(autouse=True)
def poll_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revoked, "POLL_INTERVAL", 0.05)


@pytest.fixture
def session_id() -> str:
    return f"sess_{uuid4().hex}"


@pytest.fixture
async def redis_client() -> AsyncIterator[redis.Redis]:
    async with redis.Redis.from_url(conf.REDIS_URL) as client:
        yield client


@asynccontextmanager
async def new_process() -> AsyncIterator[RevokedSessions]:
    """The revoked sessions of a further process."""
    sessions = RevokedSessions()
    try:
        yield sessions
    finally:
        await sessions.close()


@pytest.fixture
async def proxy() -> AsyncIterator[TcpProxy]:
    async with proxy_to(conf.REDIS_URL) as proxy:
        yield proxy


@pytest.fixture
async def behind_proxy(proxy: TcpProxy, settings: Settings) -> AsyncIterator[RevokedSessions]:
    """A process that reaches Redis through the proxy, until it is cut."""
    direct, settings.REDIS_URL = settings.REDIS_URL, proxy.url
    async with new_process() as sessions:
        settings.REDIS_URL = direct
        yield sessions


async def wait_until_revoked(sessions: RevokedSessions, session_id: str) -> None:
    revoked_event = asyncio.Event()
    sessions.add_listener(lambda ended: revoked_event.set() if session_id in ended else None)
    async with asyncio.timeout(TIMEOUT):
        await revoked_event.wait()


async def test_a_session_revoked_while_redis_is_down_ends_elsewhere_later(
    proxy: TcpProxy, behind_proxy: RevokedSessions, session_id: str
) -> None:
    async with new_process() as other:
        proxy.cut()
        await behind_proxy.revoke(session_id, int(time.time()) + 60)
        assert session_id in behind_proxy
        await other.poll()
        assert session_id not in other
        proxy.restore()
        await wait_until_revoked(other, session_id)


async def test_a_revocation_that_redis_lost_is_written_again(session_id: str, redis_client: redis.Redis) -> None:
    async with new_process() as old, new_process() as new:
        await old.revoke(session_id, int(time.time()) + 60)
        await redis_client.delete(revoked.REDIS_KEY)
        await wait_until_revoked(new, session_id)


async def test_a_reinstated_user_is_not_kept_out_by_a_process_that_did_not_hear(redis_client: redis.Redis) -> None:
    user_id = f"user_{uuid4().hex}"
    async with new_process() as one, new_process() as other:
        await one.deactivate_user(user_id)
        await other.poll()
        assert revoked.is_deactivated(other, user_id=user_id)
        await one.reinstate_user(user_id)
        await redis_client.delete(f"{revoked.REDIS_KEY}:latest")
        await other.poll()
        await one.poll()
        for process in (one, other):
            assert not revoked.is_deactivated(process, user_id=user_id)


async def test_a_deactivation_while_redis_is_down_is_told_as_a_change(
    proxy: TcpProxy, behind_proxy: RevokedSessions
) -> None:
    user_id = f"user_{uuid4().hex}"
    async with new_process() as other:
        proxy.cut()
        assert not await behind_proxy.deactivate_user(user_id)
        assert not await behind_proxy.change_user(user_id, 7)
        proxy.restore()
        await wait_until_revoked(other, f"changed:{user_id}:7")
        assert not revoked.is_deactivated(other, user_id=user_id)


async def test_an_expired_revocation_is_not_written(
    proxy: TcpProxy, behind_proxy: RevokedSessions, session_id: str, settings: Settings, redis_client: redis.Redis
) -> None:
    proxy.cut()
    settings.LOCAL_TOKEN_LIFETIME = -60  # all tokens have expired
    await behind_proxy.revoke(session_id, int(time.time()) - 60)
    proxy.restore()
    await behind_proxy.poll()
    assert session_id not in behind_proxy
    assert await redis_client.zscore(revoked.REDIS_KEY, session_id) is None


async def test_a_second_revocation_does_not_shorten_the_first(session_id: str, redis_client: redis.Redis) -> None:
    long = int(time.time()) + 10 * conf.LOCAL_TOKEN_LIFETIME
    async with new_process() as sessions:
        await sessions.revoke(session_id, long)
        await sessions.revoke(session_id, int(time.time()))
        await sessions.poll()
    assert await redis_client.zscore(revoked.REDIS_KEY, session_id) == long + conf.TOKEN_LEEWAY
