"""The time for signing in is the client's: while what it sent waits for its turn, it does not run out."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import pytest

from foundation.limits import compute
from messaging.consumers import ChatConsumer
from realtime.jsonsocket.connection import JsonConnection
from realtime.socketio.connection import SocketIOConnection
from realtime.transport.inbox import Inbox

from .socket_stage import staged

pytestmark = pytest.mark.unit


class Lane:
    """Where everything waits until the test lets it `go`."""

    def __init__(self) -> None:
        self.has_come, self.go = asyncio.Event(), asyncio.Event()

    async def wait_behind(self, who: str, gone: Callable[[], bool] | None = None) -> None:
        self.has_come.set()
        await self.go.wait()


@pytest.fixture
def lane(monkeypatch: pytest.MonkeyPatch) -> Lane:
    lane = Lane()
    monkeypatch.setattr(compute, "must_wait", lambda who, *, is_request=False: True)
    monkeypatch.setattr(compute, "wait_behind", lane.wait_behind)
    return lane


@pytest.fixture
async def connection() -> AsyncIterator[JsonConnection]:
    async with staged() as stage:
        connection = JsonConnection(ChatConsumer(), {}, 60.0, 1_000_000)
        connection.opened(stage.socket)
        yield connection


async def test_a_json_client_has_its_time_anew(connection: JsonConnection, lane: Lane) -> None:
    connection.frame_received('{"event":"connect","data":{}}')
    await lane.has_come.wait()
    first = connection._deadline
    connection._on_connect_timeout()
    assert not connection._closing
    assert connection._deadline not in (None, first)
    lane.go.set()
    while connection._inbox.pending:  # noqa: ASYNC110 - turns of the loop are what is waited for
        await asyncio.sleep(0)
    # It had no token.
    assert connection._closing


async def test_a_json_client_that_sends_nothing_is_closed(connection: JsonConnection) -> None:
    connection._on_connect_timeout()
    assert connection._closing


@pytest.mark.parametrize("is_behind", [True, False])
async def test_a_client_of_socketio_has_its_time_anew(is_behind: bool) -> None:
    reasons: list[str] = []
    session: Any = SimpleNamespace(
        is_behind=is_behind,
        settings=SimpleNamespace(connect_timeout=60.0),
        charge_to=lambda caller: None,
        close=reasons.append,
    )
    connection = SocketIOConnection({}, {})
    connection.on_open(session)
    first = connection._deadline
    connection._on_connect_timeout(session)
    assert reasons == ([] if is_behind else ["no namespace was connected"])
    assert (connection._deadline is first) == (not is_behind)
    await connection.on_close(session, "")


async def test_what_has_waited_is_behind_until_it_is_handled(lane: Lane) -> None:
    seen: list[bool] = []

    async def handle(item: str) -> None:
        seen.append(inbox.is_behind)

    inbox: Inbox[str] = Inbox(handle, on_drained=lambda: None)
    inbox.put("connect")
    await lane.has_come.wait()
    lane.go.set()
    with suppress(TimeoutError):
        async with asyncio.timeout(5):
            while inbox._task:  # noqa: ASYNC110 - turns of the loop are what is waited for
                await asyncio.sleep(0)
    assert (seen, inbox.is_behind) == ([True], False)
