"""A client that cannot be connected for now is told so, and retried for a while: no open connection gets nothing."""

import asyncio

import orjson
import pytest

from foundation.errors import AppError, Forbidden, Unauthenticated, Unavailable
from realtime import connecting
from realtime.application import Handshake
from realtime.connecting import ReconnectRequired, connect_with_retries
from realtime.consumer import EventConsumer
from realtime.hub.connection import TRY_AGAIN_LATER, Connection
from realtime.jsonsocket.connection import ENCODER
from tests.recording_channel import RecordingChannel


class FailingConsumer(EventConsumer):
    """Accepts its client, and then fails with these errors in turn; `revoked`: it accepts nobody a second time."""

    def __init__(self, *errors: Exception, revoked: bool = False) -> None:
        super().__init__()
        self._errors, self._revoked = list(errors), revoked
        self.connected = self.authenticated = 0

    async def connect(self, handshake: Handshake) -> None:
        if self.accepted and self._revoked:
            raise Unauthenticated
        self.authenticated += 1
        self.accept()
        if self._errors:
            raise self._errors.pop(0)
        self.connected += 1


@pytest.fixture(autouse=True)
def _no_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "RETRY_DELAY", (0.0, 0.0))


def errors_sent(channel: RecordingChannel) -> list[tuple[str, str, str]]:
    packets = map(orjson.loads, channel.packets)
    return [(packet["event"], packet["data"]["event"], packet["data"]["code"]) for packet in packets]


async def connect(consumer: EventConsumer) -> RecordingChannel:
    channel = RecordingChannel()
    await connect_to(channel, consumer)
    return channel


async def connect_to(channel: RecordingChannel, consumer: EventConsumer) -> None:
    connection = Connection(encoder=ENCODER, channel=channel)
    consumer.open(connection, lambda: None)
    await connect_with_retries(consumer, connection, Handshake({}))


@pytest.mark.parametrize("error", [Unavailable(), RuntimeError("a bug")])
async def test_a_failure_that_may_pass_is_sent_once_and_retried_until_it_has_passed(error: Exception) -> None:
    consumer = FailingConsumer(error, error, error)
    channel = await connect(consumer)
    assert errors_sent(channel) == [("error", "connect", "unavailable")]
    # Each retry checks the session again.
    assert (consumer.authenticated, consumer.connected, channel.closed) == (4, 1, None)


async def test_after_the_last_retry_the_connection_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "RETRY_TIMEOUT", 0.0)
    channel = await connect(FailingConsumer(Unavailable()))
    assert (errors_sent(channel), channel.closed) == ([("error", "connect", "unavailable")], TRY_AGAIN_LATER)


async def test_a_session_that_is_revoked_between_retries_is_not_connected() -> None:
    consumer = FailingConsumer(Unavailable(), revoked=True)
    channel = await connect(consumer)
    assert errors_sent(channel) == [("error", "connect", "unavailable"), ("error", "connect", "unauthenticated")]
    assert (consumer.connected, channel.closed) == (0, TRY_AGAIN_LATER)


async def test_an_error_that_is_not_retryable_closes_the_connection() -> None:
    consumer = FailingConsumer(Forbidden())
    channel = await connect(consumer)
    assert errors_sent(channel) == [("error", "connect", "forbidden")]
    assert (consumer.connected, channel.closed) == (0, TRY_AGAIN_LATER)


@pytest.mark.parametrize("before", [[], [Unavailable()]])
async def test_a_client_that_must_reconnect_is_not_retried(before: list[Exception]) -> None:
    consumer = FailingConsumer(*before, ReconnectRequired())
    channel = await connect(consumer)
    assert {*errors_sent(channel)} == {("error", "connect", "unavailable")}
    assert (consumer.connected, channel.closed) == (0, TRY_AGAIN_LATER)


async def test_a_client_that_connects_at_once_is_sent_no_error() -> None:
    channel = await connect(FailingConsumer())
    assert (channel.packets, channel.closed) == ([], None)


async def test_there_is_a_delay_before_each_retry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connecting, "RETRY_DELAY", (30.0, 30.0))
    channel = RecordingChannel()
    consumer = FailingConsumer(Unavailable())
    retrying = asyncio.create_task(connect_to(channel, consumer))
    await channel.written.wait()
    assert (consumer.connected, channel.closed) == (0, None)
    retrying.cancel()


class Refusing(EventConsumer):
    async def connect(self, handshake: Handshake) -> None:
        raise Unauthenticated


class Undecided(EventConsumer):
    async def connect(self, handshake: Handshake) -> None:
        pass


@pytest.mark.parametrize(("consumer", "error"), [(Refusing(), Unauthenticated), (Undecided(), Forbidden)])
async def test_a_client_that_is_not_accepted_is_refused_by_the_protocol(
    consumer: EventConsumer, error: type[AppError]
) -> None:
    with pytest.raises(error):
        await connect(consumer)
