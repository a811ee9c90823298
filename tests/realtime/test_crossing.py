"""The response to a GET that crosses another request, or when the server is late."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from examples import echo
from foundation.limits import compute
from realtime.engineio.contract import SessionError, Settings
from realtime.engineio.relayed_websocket import RelayedWebSocket
from realtime.engineio.server import Server
from realtime.engineio.session import EngineIOSession
from realtime.engineio.upgrade import Upgrade
from realtime.engineio.websocket_consumer import EngineIOWebSocketConsumer
from realtime.transport.request import ADDRESS
from tests.dynamodb.endpoint import until

from .sockets import NullSocket, run_ready_tasks

pytestmark = pytest.mark.unit


class DistantServer(Server):
    """A server whose operations return later, as those of another process do."""

    async def begin_upgrade(self, sid: str) -> bool:
        result = await super().begin_upgrade(sid)
        await run_ready_tasks()
        return result

    async def note_poll(self, sid: str) -> None:
        await super().note_poll(sid)
        await run_ready_tasks()

    async def release_poll(self, sid: str) -> None:
        await super().release_poll(sid)
        await run_ready_tasks()


@asynccontextmanager
async def polling_session(settings: Settings) -> AsyncIterator[EngineIOSession]:
    """A session that polls and has had its OPEN packet."""
    server = Server(settings, echo.engine_handler, redis_url="", namespace="crossing")
    yield await opened(server)
    await server.close()


async def opened(server: Server) -> EngineIOSession:
    session = server.open_session({}, transport="polling")
    assert (await session.poll()).startswith("0{")
    return session


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = DistantServer(echo.echo_settings(), echo.engine_handler, redis_url="", namespace="crossing")
    yield server
    await server.close()


@pytest.fixture
async def session(server: Server) -> EngineIOSession:
    return await opened(server)


async def get(session: EngineIOSession) -> asyncio.Task[str]:
    """Start a GET, and return it once it waits because nothing is queued."""
    polling = asyncio.create_task(session.poll())
    await run_ready_tasks()
    return polling


async def test_a_waiting_get_is_released_so_that_the_client_can_move(session: EngineIOSession) -> None:
    waiting = await get(session)
    session.begin_upgrade()
    session.note_poll()
    session.release_poll()
    assert await waiting == "6"


async def test_a_get_after_the_move_is_refused_although_the_release_arrives_later(session: EngineIOSession) -> None:
    """Through another process, the release and the move may arrive after the client's next GET."""
    session.begin_upgrade()
    session.note_poll()
    late = await get(session)
    session.release_poll()
    await run_ready_tasks()
    assert not late.done()
    session.opened(NullSocket(session))
    with pytest.raises(SessionError) as refusal:
        await late
    assert refusal.value.code == 3


async def test_a_get_after_a_move_that_did_not_wait_for_the_probe_is_refused(
    server: Server, session: EngineIOSession
) -> None:
    """Through another process, probe and move may arrive after the client's next GET, which must not be released."""
    late = await get(session)
    upgrade = Upgrade(server, session.sid, base64=False)
    upgrade.opened(NullSocket(upgrade))
    for frame in ("2probe", "5"):
        upgrade.frame_received(frame)
    with pytest.raises(SessionError) as refusal:
        await late
    assert refusal.value.code == 3


async def test_an_upgrade_is_charged_to_its_address(
    server: Server, session: EngineIOSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    charged: list[str] = []
    monkeypatch.setattr(compute, "charge", lambda who, seconds: charged.append(who))
    query = {"EIO": ["4"], "transport": ["websocket"], "sid": [session.sid]}
    upgrade = await EngineIOWebSocketConsumer(lambda: server).find_handler(query, {ADDRESS: "192.0.2.1"})
    assert isinstance(upgrade, Upgrade)
    upgrade.opened(NullSocket(upgrade))
    upgrade.frame_received("2probe")
    await until(lambda: bool(charged))
    assert set(charged) == {"address:192.0.2.1"}


async def test_a_relayed_websocket_is_charged_to_its_address(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    async def relay(sid: str, relayed: RelayedWebSocket) -> None:
        pass

    charged: list[str] = []
    monkeypatch.setattr(compute, "charge", lambda who, seconds: charged.append(who))
    monkeypatch.setattr(server, "attach_websocket", relay)
    relayed = await Upgrade(server, "elsewhere", base64=False, caller="address:192.0.2.1")._next_handler()
    relayed.frame_received("4hello")
    await run_ready_tasks()
    assert set(charged) == {"address:192.0.2.1"}


async def test_a_lock_that_is_never_released_expires() -> None:
    async with polling_session(replace(echo.echo_settings(), upgrade_timeout=0.2)) as session:
        assert session.begin_upgrade()
        assert not session.begin_upgrade()
        await until(lambda: not session.upgrading)
        waiting = await get(session)
        # Longer than a GET waits during an upgrade; the ping is not due yet.
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(waiting), 0.3)
        assert session.begin_upgrade()
        session.close("done")
        await waiting


async def test_a_websocket_that_upgrades_too_late_does_not_replace_the_one_that_did(
    server: Server, session: EngineIOSession
) -> None:
    session.opened(NullSocket(session))
    with pytest.raises(SessionError) as refusal:
        await server.attach_websocket(session.sid, RelayedWebSocket(server, session.sid))
    assert refusal.value.code == 3
    assert session.close_reason is None


async def test_a_waiting_get_is_refused_when_the_client_is_found_to_have_dropped_it(
    session: EngineIOSession,
) -> None:
    waiting = await get(session)
    session.abort_poll()
    with pytest.raises(SessionError) as refusal:
        await waiting
    assert refusal.value.code == 1


@asynccontextmanager
async def session_on_a_busy_server() -> AsyncIterator[EngineIOSession]:
    """A session whose ping and time-out both fall due while the server is busy."""
    async with polling_session(replace(echo.echo_settings(), ping_interval=0.1, ping_timeout=0.5)) as session:
        yield session


async def be_busy() -> None:
    await run_ready_tasks()
    time.sleep(0.7)  # noqa: ASYNC251 - nothing else goes on meanwhile
    await run_ready_tasks()


async def test_a_silent_client_times_out_on_time_although_its_ping_was_late() -> None:
    async with session_on_a_busy_server() as session:
        await be_busy()
        with pytest.raises(SessionError) as refusal:
            await session.poll()
        assert refusal.value.code == 1


async def test_a_client_that_waits_for_a_late_ping_has_the_whole_timeout_to_answer() -> None:
    async with session_on_a_busy_server() as session:
        waiting = await get(session)
        await be_busy()
        assert await waiting == "2"
        await session.post(b"3")
        assert session.close_reason is None
