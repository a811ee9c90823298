"""Whoever cannot be brought in is told so, and tried again for a while: no connection is left that nothing reaches."""

import asyncio
from typing import Any

import orjson
import pytest

from foundation.errors import Forbidden, Unauthenticated, Unavailable
from realtime import application
from realtime.application import TRY_AGAIN, HalfwayIn, Handshake, bring_in
from realtime.hub.connection import Connection
from realtime.jsonsocket.connection import ENCODER
from tests.recording_channel import RecordingChannel

pytestmark = pytest.mark.unit


class Refusing:
    """An application whose `enter` fails with these in turn, and then no more."""

    def __init__(self, *failures: Exception, revoked: bool = False) -> None:
        self._failures, self._revoked = list(failures), revoked
        self.entered = self.authenticated = 0

    async def enter(self, connection: Connection, handshake: Handshake) -> None:
        if self._failures:
            raise self._failures.pop(0)
        self.entered += 1

    async def authenticate(self, connection: Connection, handshake: Handshake) -> None:
        if self._revoked:
            raise Unauthenticated
        self.authenticated += 1

    async def on_event(self, connection: Connection, event: Any, arguments: list[Any], reply: Any) -> None:
        raise AssertionError("it has not entered")

    async def exit(self, connection: Connection) -> None:
        raise AssertionError("that is for who has entered")


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "_RETRY_AFTER", (0.0, 0.0))


def told(channel: RecordingChannel) -> list[tuple[str, str, str]]:
    packets = map(orjson.loads, channel.packets)
    return [(packet["event"], packet["data"]["event"], packet["data"]["code"]) for packet in packets]


async def brought_in(refusing: Refusing) -> RecordingChannel:
    channel = RecordingChannel()
    await bring_in(refusing, Connection(encoder=ENCODER, channel=channel), Handshake({}))
    return channel


@pytest.mark.parametrize("failure", [Unavailable(), RuntimeError("a bug")])
async def test_who_cannot_enter_for_now_is_told_once_and_gets_in_later(failure: Exception) -> None:
    refusing = Refusing(failure, failure, failure)
    channel = await brought_in(refusing)
    assert told(channel) == [("error", "connect", "unavailable")]
    # Whether the session still goes on is asked at each try.
    assert (refusing.authenticated, refusing.entered, channel.closed) == (3, 1, None)


async def test_in_the_end_who_cannot_enter_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "_RETRY_FOR", 0.0)
    channel = await brought_in(Refusing(Unavailable()))
    assert (told(channel), channel.closed) == ([("error", "connect", "unavailable")], TRY_AGAIN)


async def test_a_session_that_ends_outside_does_not_get_in() -> None:
    refusing = Refusing(Unavailable(), revoked=True)
    channel = await brought_in(refusing)
    assert told(channel) == [("error", "connect", "unavailable"), ("error", "connect", "unauthenticated")]
    assert (refusing.entered, channel.closed) == (0, TRY_AGAIN)


async def test_what_cannot_change_is_not_tried_again() -> None:
    refusing = Refusing(Forbidden())
    channel = await brought_in(refusing)
    assert (told(channel), refusing.entered, channel.closed) == ([("error", "connect", "forbidden")], 0, TRY_AGAIN)


@pytest.mark.parametrize("before", [[], [Unavailable()]])
async def test_who_was_told_something_already_must_come_back(before: list[Exception]) -> None:
    refusing = Refusing(*before, HalfwayIn())
    channel = await brought_in(refusing)
    assert {*told(channel)} == {("error", "connect", "unavailable")}
    assert (refusing.entered, channel.closed) == (0, TRY_AGAIN)


async def test_who_enters_is_left_alone() -> None:
    channel = await brought_in(Refusing())
    assert (channel.packets, channel.closed) == ([], None)


async def test_those_who_wait_are_spread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "_RETRY_AFTER", (30.0, 30.0))
    channel = RecordingChannel()
    refusing = Refusing(Unavailable())
    waiting = asyncio.create_task(bring_in(refusing, Connection(encoder=ENCODER, channel=channel), Handshake({})))
    await channel.written.wait()
    assert (refusing.entered, channel.closed) == (0, None)
    waiting.cancel()
