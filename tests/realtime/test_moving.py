"""While a client moves from polling to its websocket, which of its GETs are let go, and with what."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from realtime import echo
from realtime.engineio.packets import Packet
from realtime.engineio.server import Server
from realtime.engineio.session import Session, SessionError


@pytest.fixture
async def session() -> AsyncIterator[Session]:
    """One that polls, has had its OPEN packet, and whose websocket is being tried."""
    server = Server(echo._settings(), echo._engine, redis_url="", namespace="moving")
    session = server.open({"headers": {}}, transport="polling")
    assert (await session.poll()).startswith("0{")
    yield session
    await server.close()


async def all_that_can_go_on() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def get(session: Session) -> asyncio.Task[str]:
    """Begin a GET and return it once it waits: there is nothing for it."""
    polling = asyncio.create_task(session.poll())
    await all_that_can_go_on()
    return polling


async def send(packet: Packet) -> None:
    """Write to a websocket that takes everything."""


async def close(code: int) -> None:
    """Close it."""


async def test_the_get_that_waits_is_let_go_so_that_the_client_can_move(session: Session) -> None:
    waiting = await get(session)
    session.begin_upgrade()
    session.note_poll()
    session.release_poll()
    assert await waiting == "6"


async def test_a_get_after_the_move_is_refused_although_the_release_comes_later(session: Session) -> None:
    """From another process, the release and the word of the move may come after the client's next GET."""
    session.begin_upgrade()
    session.note_poll()
    late = await get(session)
    session.release_poll()
    await all_that_can_go_on()
    assert not late.done()
    session.attach(send, close)
    with pytest.raises(SessionError) as refusal:
        await late
    assert refusal.value.code == 3
