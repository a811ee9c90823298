"""What a client makes the server compute is charged to it, whatever it sends (`foundation.limits.compute`)."""

import asyncio
import json
from collections import Counter
from contextlib import suppress
from typing import Any

import pytest
from websockets.sync.client import connect

from chatproject import rate_limit
from foundation.limits import compute
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


@pytest.mark.parametrize("owes", [False, True])
async def test_whoever_asks_too_often_whether_the_server_is_well_waits_a_moment(
    monkeypatch: pytest.MonkeyPatch, owes: bool
) -> None:
    monkeypatch.setattr(rate_limit, "_PROBE_SECONDS", 0.01)
    waited = asyncio.Event()

    async def wait_for_turn(who: str, *, is_request: bool = False) -> None:
        assert not is_request
        if owes:
            waited.set()
            await asyncio.Event().wait()

    monkeypatch.setattr(compute, "wait_for_turn", wait_for_turn)
    await rate_limit._wait_for_turn("address:x", is_probe=True)
    assert waited.is_set() == owes


async def test_a_request_whose_client_has_gone_while_it_waited_is_not_served(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What waits is the more the busier the server is: it would be busy with answers for nobody."""
    waiting, go, served = asyncio.Event(), asyncio.Event(), []

    async def wait_for_turn(who: str, *, is_request: bool = False) -> None:
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


def _has_noticed(task: "asyncio.Task[Any]") -> bool:
    return bool(task.get_coro().cr_frame.f_locals["self"].disconnected)  # type: ignore[union-attr]
