"""A connection whose encoder or channel fails is closed, and may resume; all others get what they should."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from pytest_django import Settings

from foundation.log_throttle import LogThrottle
from realtime.hub.broadcast import broadcast_once
from realtime.hub.connection import TRY_AGAIN_LATER, Connection
from realtime.hub.hub import Hub
from realtime.transport.encoded import Encoded
from tests.layers import IN_MEMORY
from tests.recording_channel import RecordingChannel

from .test_room import ENCODER, Log, change, packets

pytestmark = pytest.mark.unit

TYPING = '42["typing",{}]'


class FailingEncoder:
    def event(self, name: str, data: bytes) -> str:
        raise RuntimeError("a bug of the encoder")


class FailingChannel(RecordingChannel):
    """Fails when it is written to; `fails_to_close` when it is closed too."""

    fails_to_close = False

    def send(self, encoded: Encoded) -> None:
        raise RuntimeError("a bug of the channel")

    def close(self, reason: str, *, code: int = 1000) -> None:
        super().close(reason, code=code)
        if self.fails_to_close:
            raise RuntimeError("another bug of the channel")


class Client:
    """A connection and what its channel has recorded."""

    def __init__(self, user_id: str, *, encoder: Any = ENCODER, channel: RecordingChannel | None = None) -> None:
        self.channel = channel or RecordingChannel()
        self.connection = Connection(encoder=encoder, channel=self.channel)
        self.connection.user_id = user_id


@pytest.fixture
async def hub(settings: Settings) -> AsyncIterator[Hub]:
    settings.CHANNEL_LAYERS = IN_MEMORY
    hub = Hub(Log(10**6))
    yield hub
    await hub.close()


@pytest.fixture(params=["encoder", "channel", "channel that fails to close"])
def failing(request: pytest.FixtureRequest) -> Client:
    if request.param == "encoder":
        return Client("failing", encoder=FailingEncoder())
    channel = FailingChannel()
    channel.fails_to_close = request.param != "channel"
    return Client("failing", channel=channel)


async def join_all(hub: Hub, *clients: Client) -> None:
    for client in clients:
        hub.add(client.connection)
        await hub.join(client.connection, "r")


async def test_the_later_members_of_a_room_get_a_change_that_cannot_be_delivered_to_one(
    hub: Hub, failing: Client, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LogThrottle, "should_log", lambda self: True)
    first, last = Client("first"), Client("last")
    await join_all(hub, first, failing, last)
    hub.publish("r", [change(1)])
    hub.publish("r", [change(2), change(3)])
    assert first.channel.packets == last.channel.packets == packets(1, 3)
    assert (failing.connection.closed, failing.channel.closed) == (True, TRY_AGAIN_LATER)
    assert f"connection {failing.connection.id} is closed: nothing can be sent to it" in caplog.messages
    assert hub.position("r").seq == 3
    # Its client resumes from memory.
    assert [c.seq for c in await hub.changes_between("r", 0, 3) or []] == [1, 2, 3]


async def test_users_leave_a_room_although_their_last_change_cannot_be_delivered(hub: Hub, failing: Client) -> None:
    bob, alice = Client("bob"), Client("alice")
    await join_all(hub, failing, bob, alice)
    hub.publish("r", [change(1, left=("failing", "bob"), leave_data=b'{"left":true}')])
    hub.publish("r", [change(2)])
    assert bob.channel.packets == ['42["message",{"left":true}]']
    assert alice.channel.packets == packets(1, 2)
    assert hub.connections_in("r") == [alice.connection]
    assert failing.channel.closed == TRY_AGAIN_LATER


async def test_a_transient_event_reaches_the_members_after_one_that_fails(hub: Hub, failing: Client) -> None:
    last = Client("last")
    await join_all(hub, failing, last)
    hub.broadcast_transient("r", "typing", b"{}", sender="somebody", at=0)
    assert last.channel.packets == [TYPING]
    assert failing.channel.closed == TRY_AGAIN_LATER


async def test_a_broadcast_to_several_rooms_reaches_the_members_after_one_that_fails(hub: Hub, failing: Client) -> None:
    last = Client("last")
    await join_all(hub, failing, last)
    assert broadcast_once(hub, "typing", ["r"], lambda rooms: b"{}") == {failing.connection}
    assert last.channel.packets == [TYPING]
    assert failing.channel.closed == TRY_AGAIN_LATER


async def test_a_connection_that_fails_to_take_what_was_held_is_closed(hub: Hub, failing: Client) -> None:
    """Otherwise it would stay open, and its client would miss those changes for good."""
    await join_all(hub, failing)
    failing.connection.hold()
    hub.publish("r", [change(1)])
    failing.connection.release()
    assert failing.channel.closed == TRY_AGAIN_LATER


async def test_an_event_for_each_connection_closes_the_one_that_fails(failing: Client) -> None:
    failing.connection.emit_or_close("drain", {})
    assert failing.channel.closed == TRY_AGAIN_LATER
