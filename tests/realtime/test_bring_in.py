"""Whoever cannot be brought in is told so, and comes back: no connection is left that nothing reaches."""

import asyncio
from typing import Any

import orjson
import pytest

from chatproject.errors import Unavailable
from realtime import application
from realtime.application import TRY_AGAIN, Handshake, bring_in
from realtime.connection import Connection
from realtime.json_session import WIRE
from tests.kept_line import KeptLine


class Refusing:
    """An application whose `enter` fails."""

    def __init__(self, failure: Exception | None) -> None:
        self._failure = failure

    async def enter(self, connection: Connection, handshake: Handshake) -> None:
        if self._failure:
            raise self._failure

    async def authenticate(self, connection: Connection, handshake: Handshake) -> None:
        raise AssertionError("it is let in already")

    async def on_event(self, connection: Connection, event: Any, arguments: list[Any], reply: Any) -> None:
        raise AssertionError("it has not entered")

    async def exit(self, connection: Connection) -> None:
        raise AssertionError("that is for who has entered")


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "_HELD_SECONDS", (0.0, 0.0))


@pytest.mark.parametrize("failure", [Unavailable(), RuntimeError("a bug")])
async def test_who_cannot_enter_is_told_and_ended(failure: Exception) -> None:
    line = KeptLine()
    await bring_in(Refusing(failure), Connection(wire=WIRE, line=line), Handshake({}))
    (told,) = map(orjson.loads, line.packets)
    assert told["event"] == "error"
    assert (told["data"]["event"], told["data"]["code"], told["data"]["retryable"]) == ("connect", "unavailable", True)
    assert line.closed == TRY_AGAIN


async def test_who_enters_is_left_alone() -> None:
    line = KeptLine()
    await bring_in(Refusing(None), Connection(wire=WIRE, line=line), Handshake({}))
    assert (line.packets, line.closed) == ([], None)


async def test_those_who_come_back_are_spread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(application, "_HELD_SECONDS", (30.0, 30.0))
    line = KeptLine()
    connection = Connection(wire=WIRE, line=line)
    held = asyncio.create_task(bring_in(Refusing(Unavailable()), connection, Handshake({})))
    await line.written.wait()
    assert line.closed is None
    held.cancel()
