"""A body that comes too slowly is refused, and one user has only so many uploads under way."""

import asyncio

import pytest
from pytest_django import Settings

from chatproject import body_limit, refusal
from chatproject.body_limit import UPLOAD_PATH, BodyLimit, BodyPace
from chatproject.refusal import Message, Receive, Scope, Send
from chatproject.routing import http_urlpatterns
from realtime.transport.routes import Routes
from tests.cast import Person
from tests.serving import serving

from .test_body_limit import Application, Caller, call


class Trickle(Caller):
    """Sends a byte every few milliseconds, without end."""

    async def receive(self) -> Message:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"x", "more_body": True}


@pytest.mark.parametrize(("rate", "deadline"), [(1000.0, 60.0), (0.001, 0.1)], ids=["too slow", "too long"])
async def test_a_body_that_trickles_is_refused(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, rate: float, deadline: float
) -> None:
    monkeypatch.setattr(body_limit, "IDLE_SECONDS", 0.1)
    monkeypatch.setattr(refusal, "DRAIN_SECONDS", 0.05)
    settings.MIN_BODY_RATE, settings.BODY_TIMEOUT = rate, deadline
    caller = Trickle()
    application = await call(caller)
    assert (caller.status, caller.error["retryable"], application.disconnected) == (408, True, True)


@pytest.mark.parametrize("rate", [1000.0, 0.001], ids=["too slow", "too long"])
async def test_a_polling_body_that_trickles_is_refused(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, rate: float
) -> None:
    monkeypatch.setattr(body_limit, "IDLE_SECONDS", 0.1)
    monkeypatch.setattr(refusal, "DRAIN_SECONDS", 0.05)
    settings.MIN_BODY_RATE, settings.BODY_TIMEOUT = rate, 0.3
    caller = Trickle(path="/socket.io/", host="127.0.0.1")
    caller.scope["query_string"] = b"EIO=4&transport=polling&sid=x"
    routes: refusal.Application = Routes(http_urlpatterns)
    async with asyncio.timeout(5):
        await routes(caller.scope, caller.receive, caller.send)
    assert (caller.status, caller.error["retryable"]) == (408, True)


async def test_a_body_at_a_fair_rate_is_taken(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """However long it takes in all: longer than the patience that a stalled one meets."""
    monkeypatch.setattr(body_limit, "IDLE_SECONDS", 0.1)
    settings.MIN_BODY_RATE = 1.0
    caller, application = Caller(*[b"x" * 10] * 20), Application()

    async def receive() -> Message:
        await asyncio.sleep(0.01)
        return await caller.receive()

    await BodyPace(application)(caller.scope, receive, caller.send)
    assert (caller.status, application.body) == (200, b"x" * 200)


async def test_on_a_real_server_a_polling_body_that_never_ends_is_refused() -> None:
    async with serving({"BODY_TIMEOUT": "0.5"}) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        head = "POST /socket.io/?EIO=4&transport=polling&sid=x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 900"
        writer.write(f"{head}\r\n\r\nx".encode())
        async with asyncio.timeout(10):
            assert (await reader.readline()).startswith(b"HTTP/1.1 408")
        writer.transport.abort()


async def test_time_that_the_server_takes_is_not_the_clients(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr(body_limit, "IDLE_SECONDS", 0.2)
    settings.MIN_BODY_RATE = 10.0
    caller = Caller(*[b"x"] * 4)
    received = []

    async def slow_application(scope: Scope, receive: Receive, send: Send) -> None:
        for _ in range(4):
            await asyncio.sleep(0.1)
            received.append(await receive())
        await send({"type": "http.response.start", "status": 200, "headers": []})

    await BodyLimit(slow_application)(caller.scope, caller.receive, caller.send)
    assert (caller.status, [message["body"] for message in received]) == (200, [b"x"] * 4)


async def test_uploads_of_one_user_at_once_are_bounded(alice: Person, bob: Person, settings: Settings) -> None:
    settings.MAX_UPLOADS_AT_ONCE = 2
    started, released = asyncio.Semaphore(0), asyncio.Event()

    async def storing(scope: Scope, receive: Receive, send: Send) -> None:
        started.release()
        await released.wait()
        await Application()(scope, receive, send)

    limited = BodyLimit(storing)

    def caller(person: Person) -> Caller:
        return Caller(b"x", path=UPLOAD_PATH, authorization=f"Bearer {person.token}")

    async def upload(person: Person) -> Caller:
        one = caller(person)
        await limited(one.scope, one.receive, one.send)
        return one

    running = [asyncio.create_task(upload(person)) for person in (alice, alice, bob)]
    for _ in running:
        await started.acquire()
    refused = await upload(alice)
    assert (refused.status, refused.error["code"], refused.error["retryAfter"]) == (429, "rate_limited", 2.0)
    released.set()
    assert [(await task).status for task in running] == [200] * 3
    assert (await upload(alice)).status == 200
