"""A client that cannot be connected for now is told so, and retried for a while: no open connection gets nothing."""

import asyncio
from typing import Any

import orjson
import pytest

from foundation.errors import Forbidden, Unauthenticated, Unavailable
from realtime import connecting
from realtime.application import Handshake
from realtime.connecting import ReconnectRequired, connect_with_retries
from realtime.hub.connection import TRY_AGAIN_LATER, Connection
from realtime.jsonsocket.connection import ENCODER
from tests.recording_channel import RecordingChannel


class FailingApplication:
    """Its `connect` fails with these errors in turn, and succeeds after that."""

    def __init__(self, *errors: Exception, revoked: bool = False) -> None:
        self._errors, self._revoked = list(errors), revoked
        self.connected = self.authenticated = 0

    async def connect(self, connection: Connection, handshake: Handshake) -> None:
        if self._errors:
            raise self._errors.pop(0)
        self.connected += 1

    async def authenticate(self, connection: Connection, handshake: Handshake) -> None:
        if self._revoked:
            raise Unauthenticated
        self.authenticated += 1

    async def dispatch(self, connection: Connection, event: Any, arguments: list[Any], acknowledge: Any) -> None:
        raise AssertionError("no event is sent here")

    async def disconnect(self, connection: Connection) -> None:
        raise AssertionError("the transport calls this")


@pytest.fixture(autouse=True)
def _no_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "RETRY_DELAY", (0.0, 0.0))


def errors_sent(channel: RecordingChannel) -> list[tuple[str, str, str]]:
    packets = map(orjson.loads, channel.packets)
    return [(packet["event"], packet["data"]["event"], packet["data"]["code"]) for packet in packets]


async def connect(application: FailingApplication) -> RecordingChannel:
    channel = RecordingChannel()
    await connect_with_retries(application, Connection(encoder=ENCODER, channel=channel), Handshake({}))
    return channel


@pytest.mark.parametrize("error", [Unavailable(), RuntimeError("a bug")])
async def test_a_failure_that_may_pass_is_sent_once_and_retried_until_it_has_passed(error: Exception) -> None:
    application = FailingApplication(error, error, error)
    channel = await connect(application)
    assert errors_sent(channel) == [("error", "connect", "unavailable")]
    # Each retry checks the session again.
    assert (application.authenticated, application.connected, channel.closed) == (3, 1, None)


async def test_after_the_last_retry_the_connection_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "RETRY_TIMEOUT", 0.0)
    channel = await connect(FailingApplication(Unavailable()))
    assert (errors_sent(channel), channel.closed) == ([("error", "connect", "unavailable")], TRY_AGAIN_LATER)


async def test_a_session_that_is_revoked_between_retries_is_not_connected() -> None:
    application = FailingApplication(Unavailable(), revoked=True)
    channel = await connect(application)
    assert errors_sent(channel) == [("error", "connect", "unavailable"), ("error", "connect", "unauthenticated")]
    assert (application.connected, channel.closed) == (0, TRY_AGAIN_LATER)


async def test_an_error_that_is_not_retryable_closes_the_connection() -> None:
    application = FailingApplication(Forbidden())
    channel = await connect(application)
    assert errors_sent(channel) == [("error", "connect", "forbidden")]
    assert (application.connected, channel.closed) == (0, TRY_AGAIN_LATER)


@pytest.mark.parametrize("before", [[], [Unavailable()]])
async def test_a_client_that_must_reconnect_is_not_retried(before: list[Exception]) -> None:
    application = FailingApplication(*before, ReconnectRequired())
    channel = await connect(application)
    assert {*errors_sent(channel)} == {("error", "connect", "unavailable")}
    assert (application.connected, channel.closed) == (0, TRY_AGAIN_LATER)


async def test_a_client_that_connects_at_once_is_sent_no_error() -> None:
    channel = await connect(FailingApplication())
    assert (channel.packets, channel.closed) == ([], None)


async def test_there_is_a_delay_before_each_retry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "RETRY_DELAY", (30.0, 30.0))
    channel = RecordingChannel()
    application = FailingApplication(Unavailable())
    connection = Connection(encoder=ENCODER, channel=channel)
    retrying = asyncio.create_task(connect_with_retries(application, connection, Handshake({})))
    await channel.written.wait()
    assert (application.connected, channel.closed) == (0, None)
    retrying.cancel()
