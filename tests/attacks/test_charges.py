"""What a client makes the server compute is charged to it, whatever it sends (`foundation.limits.compute`)."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
import websockets
from pytest_django import Settings
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from chatproject import rate_limit
from foundation.limits import compute
from foundation.limits.connections import waiting_handshakes
from realtime.transport import uvicorn_http
from tests.cast import Person

from .corpus.requests import Request
from .raw_http import exchange
from .stage import scenery

ADDRESS = "address:127.0.0.1"
_PART = b'--b\r\nContent-Disposition: form-data; name="f"\r\n\r\nx\r\n'
_FORM = {"Content-Type": "multipart/form-data; boundary=b"}


@pytest.fixture
def charged(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Seconds by who is charged."""
    seconds: Counter[str] = Counter()

    def charge(who: str, cost: float) -> None:
        seconds[who] += cost  # type: ignore[assignment] # counts fractions

    monkeypatch.setattr(compute, "charge", charge)
    return seconds


async def test_a_head_without_an_end_is_charged_to_its_address(port: int, charged: Counter[str]) -> None:
    head = b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 5_000
    await asyncio.to_thread(exchange, port, head, hangs_up=True)
    assert charged[ADDRESS] > 0
    assert set(charged) == {ADDRESS}


async def test_a_payload_for_a_session_that_is_not_is_charged_to_its_address(port: int, charged: Counter[str]) -> None:
    path, head = "/socket.io/?EIO=4&transport=polling&sid=none", {"Content-Length": "900000"}
    stranger = {**head, "Cookie": None}
    await asyncio.to_thread(exchange, port, Request("", "POST", path, b"3" * 900_000, stranger).raw({"$cookie": ""}))
    assert charged[ADDRESS] > 0
    assert set(charged) == {ADDRESS}


async def test_the_parts_of_a_form_are_charged_to_who_sends_it(
    port: int, alice: Person, bob: Person, charged: Counter[str]
) -> None:
    names = await scenery(alice, bob)
    headers = {**_FORM, "Authorization": f"Bearer {alice.token}"}
    charged.clear()
    await asyncio.to_thread(exchange, port, Request("", "POST", "/api/upload", _PART * 150, headers).raw(names))
    few = charged[alice.id]
    charged.clear()
    body = _PART * 10 + b"x" * 10
    await asyncio.to_thread(exchange, port, Request("", "POST", "/api/upload", body, headers).raw(names))
    # A part takes 40 µs.
    assert few > charged[alice.id] + 0.001


async def test_what_somebody_sends_is_not_charged_to_their_whole_office(
    port: int, alice: Person, charged: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uvicorn_http, "_FREE_HEAD_SECONDS", 60.0)
    received: list[str] = []
    monkeypatch.setattr(compute, "charge_step", lambda who, seconds: received.append(who))
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"Host: 127.0.0.1\r\nAuthorization: Bearer {alice.token}\r\nContent-Type: application/json\r\n"
    writer.write(f"POST /api/messages HTTP/1.1\r\n{head}Content-Length: 50000\r\n\r\n".encode())
    async with asyncio.timeout(20):
        while not charged[alice.id]:  # noqa: ASYNC110 - turns of the loop are what is waited for
            await asyncio.sleep(0)
    writer.write(b" " * 50_000)
    assert b" 400 " in await reader.readline()
    writer.close()
    assert set(received) == {alice.id}
    assert set(charged) == {alice.id}


async def test_a_handshake_and_many_frames_are_charged(port: int, alice: Person, charged: Counter[str]) -> None:
    def flood() -> None:
        with connect(f"ws://127.0.0.1:{port}/ws/") as socket:
            socket.send(json.dumps({"event": "connect", "data": {"token": alice.token}}))
            while json.loads(socket.recv(30)).get("event") != "ready":
                pass
            with suppress(OSError):
                socket.socket.sendall(b"\x81\x82\x00\x00\x00\x00{}" * 20_000)
            socket.recv(30)

    await asyncio.to_thread(flood)
    assert charged[ADDRESS] > 0
    assert charged[alice.id] > 0


async def nothing() -> dict[str, Any]:
    return {}


@pytest.mark.parametrize("owes", [False, True])
async def test_whoever_asks_too_often_whether_the_server_is_well_waits_a_moment(
    monkeypatch: pytest.MonkeyPatch, owes: bool
) -> None:
    monkeypatch.setattr(rate_limit, "_PROBE_SECONDS", 0.01)
    waited = asyncio.Event()

    async def wait_for_turn(who: str, *, is_request: bool = False, gone: object = None) -> None:
        assert not is_request
        if owes:
            waited.set()
            await asyncio.Event().wait()

    monkeypatch.setattr(compute, "wait_for_turn", wait_for_turn)
    await rate_limit._wait_for_turn("address:x", nothing, is_probe=True)
    assert waited.is_set() == owes


async def test_a_request_whose_client_has_gone_while_it_waited_is_not_served(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits is the more the busier the server is: it would be busy with answers for nobody."""
    waiting, go, served = asyncio.Event(), asyncio.Event(), []

    async def wait_for_turn(who: str, *, is_request: bool = False, gone: object = None) -> None:
        waiting.set()
        await go.wait()

    async def serve(*arguments: object) -> None:
        served.append(arguments)

    monkeypatch.setattr(compute, "wait_for_turn", wait_for_turn)
    monkeypatch.setattr(rate_limit.RateLimit, "_serve", serve)
    for path in ("/api/schema", "/api/groups"):
        waiting.clear()
        go.clear()
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        await waiting.wait()
        (task,) = [task for task in asyncio.all_tasks() if "run_asgi" in repr(task)]
        writer.transport.abort()
        async with asyncio.timeout(20):
            while not _has_noticed(task):  # noqa: ASYNC110 - turns of the loop are what is waited for
                await asyncio.sleep(0)
        go.set()
        await task
    assert served == []


class Waiting:
    """The handshakes that wait for their turn, each with whether its client has gone, until the test lets them `go`."""

    def __init__(self) -> None:
        self.gone: list[Callable[[], bool]] = []
        self.go = asyncio.Event()

    async def wait_behind(self, who: str, gone: Callable[[], bool]) -> None:
        self.gone.append(gone)
        await self.go.wait()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(20):
            while len(self.gone) < count:  # noqa: ASYNC110 - turns of the loop are what is waited for
                await asyncio.sleep(0)


@pytest.fixture
def waiting(monkeypatch: pytest.MonkeyPatch) -> Waiting:
    waiting = Waiting()
    monkeypatch.setattr(compute, "must_wait", lambda who, *, is_request=False: True)
    monkeypatch.setattr(compute, "wait_behind", waiting.wait_behind)
    return waiting


async def test_only_so_many_handshakes_of_an_address_wait(port: int, settings: Settings, waiting: Waiting) -> None:
    settings.MAX_ANONYMOUS_CONNECTIONS = 2

    async def status() -> int:
        try:
            async with websockets.connect(f"ws://127.0.0.1:{port}/ws/"):
                return 101
        except InvalidStatus as refused:
            return refused.response.status_code

    statuses = [asyncio.create_task(status()) for _ in range(2)]
    await waiting.until(2)
    assert await status() == 429
    waiting.go.set()
    assert await asyncio.gather(*statuses) == [101, 101]
    assert not waiting_handshakes.is_full("127.0.0.1")


async def test_a_handshake_whose_client_has_gone_is_known_to_be_for_nobody(port: int, waiting: Waiting) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    head = "Host: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    writer.write(f"GET /ws/ HTTP/1.1\r\n{head}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode())
    await waiting.until(1)
    assert not waiting.gone[0]()
    writer.transport.abort()
    async with asyncio.timeout(20):
        while not waiting.gone[0]():  # noqa: ASYNC110 - turns of the loop are what is waited for
            await asyncio.sleep(0)
    waiting.go.set()


def _has_noticed(task: "asyncio.Task[Any]") -> bool:
    return bool(task.get_coro().cr_frame.f_locals["self"].disconnected)  # type: ignore[union-attr]
