"""An operation that fails in the process that owns the session: its caller, in another process, gets an error."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.conf import settings

from examples import echo
from realtime.engineio import packets
from realtime.engineio.contract import OperationFailed
from realtime.engineio.polling import PollingConsumer
from realtime.engineio.server import Server
from realtime.engineio.session import EngineIOSession


@pytest.fixture
async def servers() -> AsyncIterator[tuple[Server, Server]]:
    """The server that owns the sessions, and that at which their requests arrive."""
    namespace = f"test-{uuid4().hex}"
    async with AsyncExitStack() as stack:
        owner, other = (
            Server(echo.echo_settings(), echo.engine_handler, redis_url=settings.REDIS_URL, namespace=namespace)
            for _ in "12"
        )
        for server in (owner, other):
            stack.push_async_callback(server.close)
            await server.cluster.wait_until_reachable()
        yield owner, other


def fail(*_: Any) -> Any:
    raise RuntimeError("a bug")


async def test_the_caller_gets_an_error_at_once(
    servers: tuple[Server, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, other = servers
    session = owner.open_session({}, transport="polling")
    monkeypatch.setattr(packets, "encode_payload", fail)
    with pytest.raises(OperationFailed):
        await other.poll(session.sid)
    assert session.close_reason == "internal error"


async def test_a_result_that_cannot_be_relayed_is_an_error(
    servers: tuple[Server, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, other = servers
    session = owner.open_session({}, transport="polling")
    monkeypatch.setattr(packets, "encode_payload", lambda popped: object())
    with pytest.raises(OperationFailed):
        await other.poll(session.sid)


async def test_a_relayed_get_that_fails_is_answered(
    servers: tuple[Server, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, other = servers
    session = owner.open_session({}, transport="polling")
    monkeypatch.setattr(packets, "encode_payload", fail)
    transport = httpx.ASGITransport(PollingConsumer.as_asgi(get_server=lambda: other))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client, asyncio.timeout(10):
        response = await client.get(f"/engine.io/?EIO=4&transport=polling&sid={session.sid}")
    assert response.status_code == 500


async def test_a_relayed_frame_that_fails_closes_its_session(
    servers: tuple[Server, Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    owner, other = servers
    session = owner.open_session({}, transport="websocket")
    closed = asyncio.Event()
    close_handler = EngineIOSession.close_handler

    async def closing(session: EngineIOSession) -> None:
        await close_handler(session)
        closed.set()

    monkeypatch.setattr(EngineIOSession, "close_handler", closing)
    monkeypatch.setattr(EngineIOSession, "frame_received", fail)
    await other.forward(session.sid, "4hello")
    async with asyncio.timeout(10):
        await closed.wait()
    assert session.close_reason == "internal error"
