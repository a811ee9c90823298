"""A connection joins a room only while it is in the hub, however long the room takes to load."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from pytest_django import Settings

from realtime.hub.change import Position
from realtime.hub.connection import Connection
from realtime.hub.hub import Hub
from tests.layers import IN_MEMORY
from tests.recording_channel import RecordingChannel

from .test_room import ENCODER, Log, change, packets

pytestmark = pytest.mark.unit


class SlowLog(Log):
    """Its head is read once `released`."""

    def __init__(self) -> None:
        super().__init__(length=10)
        self.reached, self.released = asyncio.Event(), asyncio.Event()

    async def head(self, room: str) -> Position:
        self.reached.set()
        await self.released.wait()
        return await super().head(room)


@pytest.fixture
def log() -> SlowLog:
    return SlowLog()


@pytest.fixture
async def hub(log: SlowLog, settings: Settings) -> AsyncIterator[Hub]:
    settings.CHANNEL_LAYERS = IN_MEMORY
    hub = Hub(log)
    yield hub
    await hub.close()


@pytest.fixture
def channel() -> RecordingChannel:
    return RecordingChannel()


@pytest.fixture
def connection(hub: Hub, channel: RecordingChannel) -> Connection:
    connection = Connection(encoder=ENCODER, channel=channel)
    connection.user_id = "alice"
    hub.add(connection)
    return connection


async def test_a_connection_that_is_removed_while_a_room_loads_does_not_join_it(
    hub: Hub, log: SlowLog, connection: Connection, channel: RecordingChannel
) -> None:
    joining = asyncio.create_task(hub.join(connection, "r"))
    await log.reached.wait()
    hub.remove(connection)
    log.released.set()
    await joining
    hub.publish("r", [change(1)])
    assert (connection.rooms, hub.connections_in("r"), channel.packets) == (set(), [], [])


async def test_a_connection_that_was_removed_does_not_join_a_loaded_room(
    hub: Hub, log: SlowLog, connection: Connection
) -> None:
    log.released.set()
    await hub.join(connection, "r")
    hub.remove(connection)
    hub.try_join(connection, "r")
    assert (connection.rooms, hub.connections_in("r")) == (set(), [])


async def test_a_connection_that_has_closed_is_not_added(hub: Hub, log: SlowLog, connection: Connection) -> None:
    """Its transport has removed it already, and would not do so again."""
    connection.end(1000, "over")
    hub.remove(connection)
    hub.add(connection)
    assert connection not in hub
    assert hub.connections() == []


async def test_a_connection_that_is_added_again_joins(
    hub: Hub, log: SlowLog, connection: Connection, channel: RecordingChannel
) -> None:
    hub.remove(connection)
    hub.add(connection)
    log.released.set()
    await hub.join(connection, "r")
    hub.publish("r", [change(1)])
    assert channel.packets == packets(1, 1)
