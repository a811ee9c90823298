"""What is sent to every connection, or ends several, goes on after one whose channel fails."""

from collections.abc import AsyncIterator

import orjson
import pytest

from messaging.connection_state import ConnectionState
from messaging.session_expiry import SESSION_OVER, close_revoked_sessions
from messaging.shutdown import announce_shutdown
from realtime.hub.connection import TRY_AGAIN_LATER, Connection
from realtime.hub.hub import get_hub
from realtime.jsonsocket.connection import ENCODER
from realtime.transport.encoded import Encoded
from tests.cast import Person
from tests.recording_channel import RecordingChannel
from users import tokens
from users.revoked import revoked_sessions


class FailingChannel(RecordingChannel):
    def send(self, encoded: Encoded) -> None:
        raise RuntimeError("a bug of the channel")


@pytest.fixture
async def channels(alice: Person) -> AsyncIterator[tuple[RecordingChannel, RecordingChannel]]:
    """Return the channels of two connections of alice's session: one that fails, and a later one that works."""
    claims, hub = await tokens.verify(alice.token), get_hub()
    channels = FailingChannel(), RecordingChannel()
    connections = [Connection(encoder=ENCODER, channel=channel) for channel in channels]
    for number, connection in enumerate(connections):
        # The hub visits users in the order in which they came, but a user's connections in any order.
        connection.user_id, connection.state = f"user_{number}", ConnectionState(claims)
        hub.add(connection)
    assert [c for c in hub.connections() if c in connections] == connections
    yield channels
    for connection in connections:
        hub.remove(connection)


async def test_a_shutdown_is_announced_to_all(channels: tuple[RecordingChannel, RecordingChannel]) -> None:
    failing, working = channels
    announce_shutdown()
    assert [orjson.loads(packet)["event"] for packet in working.packets] == ["drain"]
    assert (failing.closed, working.closed) == (TRY_AGAIN_LATER, None)


async def test_a_revoked_session_ends_on_all_its_connections(
    channels: tuple[RecordingChannel, RecordingChannel], alice: Person
) -> None:
    failing, working = channels
    close_revoked_sessions()
    await revoked_sessions().revoke(alice.actor.session_id, alice.actor.expires_at)
    assert [orjson.loads(packet)["event"] for packet in working.packets] == ["error"]
    assert (failing.closed, working.closed) == (TRY_AGAIN_LATER, SESSION_OVER)
