"""A body that comes too slowly is refused, and one user has only so many uploads under way."""

import asyncio

import pytest
from pytest_django import Settings

from chatproject import body_limit, refusal
from chatproject.body_limit import UPLOAD_PATH, BodyLimit
from chatproject.refusal import Message, Receive, Scope, Send
from tests.cast import Person

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
