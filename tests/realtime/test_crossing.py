"""What a GET is answered with when it crosses another request, or the server is late."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, cast

import pytest

from examples import echo
from realtime.engineio.contract import SessionError, Settings
from realtime.engineio.server import Server
from realtime.engineio.session import EngineSession
from realtime.engineio.websocket import Upgrade
from realtime.transport.encoded import RawPacket
from realtime.transport.websocket import AwaitedSocket
from tests.dynamodb.endpoint import until


@asynccontextmanager
async def polling_session(settings: Settings) -> AsyncIterator[EngineSession]:
    """One that polls and has had its OPEN packet."""
    server = Server(settings, echo._engine, redis_url="", namespace="crossing")
    session = server.open({}, transport="polling")
    assert (await session.poll()).startswith("0{")
    yield session
    await server.close()


@pytest.fixture
async def session() -> AsyncIterator[EngineSession]:
    async with polling_session(echo._settings()) as session:
        yield session


async def all_that_can_go_on() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def get(session: EngineSession) -> asyncio.Task[str]:
    """Begin a GET and return it once it waits: there is nothing for it."""
    polling = asyncio.create_task(session.poll())
    await all_that_can_go_on()
    return polling


class Wide(AwaitedSocket):
    """A websocket that takes everything."""

    async def _send(self, packet: RawPacket) -> None:
        pass

    async def _close(self, code: int, reason: str) -> None:
        pass


async def test_the_get_that_waits_is_let_go_so_that_the_client_can_move(session: EngineSession) -> None:
    waiting = await get(session)
    session.begin_upgrade()
    session.note_poll()
    session.release_poll()
    assert await waiting == "6"


async def test_a_get_after_the_move_is_refused_although_the_release_comes_later(session: EngineSession) -> None:
    """From another process, the release and the word of the move may come after the client's next GET."""
    session.begin_upgrade()
    session.note_poll()
    late = await get(session)
    session.release_poll()
    await all_that_can_go_on()
    assert not late.done()
    session.opened(Wide(session))
    with pytest.raises(SessionError) as refusal:
        await late
    assert refusal.value.code == 3


async def test_a_get_is_refused_that_came_after_a_move_for_which_the_client_did_not_wait(
    session: EngineSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From another process, probe and move may come after the client's next GET: then it is not the one to let go."""
    server = cast(Server, session._host)
    call = server._call

    async def from_elsewhere(sid: str, operation: str) -> Any:
        result = await call(sid, operation)
        await all_that_can_go_on()
        return result

    monkeypatch.setattr(server, "_call", from_elsewhere)
    late = await get(session)
    upgrade = Upgrade(server, session.sid, base64=False)
    upgrade.opened(Wide(upgrade))
    for frame in ("2probe", "5"):
        upgrade.frame_received(frame)
    with pytest.raises(SessionError) as refusal:
        await late
    assert refusal.value.code == 3


async def test_a_lock_that_nobody_gives_back_ends_by_itself() -> None:
    async with polling_session(replace(echo._settings(), upgrade_timeout=0.2)) as session:
        assert session.begin_upgrade()
        assert not session.begin_upgrade()
        await until(lambda: not session.upgrading)
        waiting = await get(session)
        # Longer than a GET waits while a websocket is tried; the ping is not due yet.
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(waiting), 0.3)
        assert session.begin_upgrade()
        session.close("done")
        await waiting


async def test_a_websocket_whose_time_to_take_over_is_past_takes_nothing_from_the_one_that_did(
    session: EngineSession,
) -> None:
    winner = Wide(session)
    session.opened(winner)
    with pytest.raises(SessionError) as refusal:
        await session._host._on_call("carry", {"sid": session.sid, "node": "late"})  # type: ignore[attr-defined]
    assert refusal.value.code == 3
    assert session.closed is None


async def test_the_get_after_one_that_was_given_up_is_refused_although_the_word_of_it_comes_later(
    session: EngineSession,
) -> None:
    waiting = await get(session)
    session.abort_poll()
    with pytest.raises(SessionError) as refusal:
        await waiting
    assert refusal.value.code == 1


@asynccontextmanager
async def late_server() -> AsyncIterator[EngineSession]:
    """A session that should have been pinged, and given up, while the server did something else."""
    async with polling_session(replace(echo._settings(), ping_interval=0.1, ping_timeout=0.5)) as session:
        yield session


async def be_late() -> None:
    await all_that_can_go_on()
    time.sleep(0.7)  # noqa: ASYNC251 - nothing else goes on meanwhile
    await all_that_can_go_on()


async def test_a_client_that_is_silent_is_gone_when_it_was_announced_although_the_ping_was_late() -> None:
    async with late_server() as session:
        await be_late()
        with pytest.raises(SessionError) as refusal:
            await session.poll()
        assert refusal.value.code == 1


async def test_a_client_that_waits_for_a_late_ping_has_all_the_time_to_answer() -> None:
    async with late_server() as session:
        waiting = await get(session)
        await be_late()
        assert await waiting == "2"
        await session.post(b"3")
        assert session.closed is None
