"""A hub that hears nothing of the others finds in the store what its rooms have missed, however many they are."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from uuid import uuid4

import pytest
from pytest_django import Settings

from foundation.errors import Unavailable
from messaging import services
from messaging.live import GroupLogs
from realtime.hub.change import Position
from realtime.hub.connection import Connection
from realtime.hub.head_check import BATCH
from realtime.hub.hub import Hub, get_hub
from realtime.hub.room import Room
from tests.cast import Person
from tests.dynamodb.endpoint import until
from tests.recording_channel import RecordingChannel

from .test_room import ENCODER


class Logs(GroupLogs):
    """The groups' logs; a store that does not answer in time can be had, too."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.admitted: set[str] = set()
        self.fails: Callable[[dict[str, int]], bool] = lambda positions: False
        self.knows_members = True

    async def position(self, room: str) -> Position:
        return Position(1, 0) if room.startswith("quiet") else await super().position(room)

    async def ahead(self, positions: dict[str, int]) -> set[str]:
        self.asked.update(positions)
        # As many as this are never answered in time.
        if len(positions) > BATCH or self.fails(positions):
            raise Unavailable
        return await super().ahead(positions)

    async def rooms_of(self, user_ids: list[str]) -> dict[str, set[str]]:
        if not self.knows_members:
            raise Unavailable
        return await super().rooms_of(user_ids)

    async def admit(self, connection: Connection, room: str) -> None:
        self.admitted.add(room)


@pytest.fixture
def logs() -> Logs:
    return Logs()


@pytest.fixture
async def hub(logs: Logs, settings: Settings) -> AsyncIterator[Hub]:
    # What the services publish goes elsewhere.
    get_hub()
    settings.NAMESPACE = f"deaf-{uuid4().hex}"
    settings.ROOM_CHECK_INTERVAL = settings.MEMBERSHIP_CHECK_INTERVAL = 0.1
    hub = Hub(logs)
    yield hub
    await hub.close()


def connection_of(person: Person) -> Connection:
    connection = Connection(encoder=ENCODER, channel=RecordingChannel())
    connection.user_id = person.id
    return connection


async def follow(hub: Hub, *names: str) -> list[Room]:
    nobody = Connection(encoder=ENCODER, channel=RecordingChannel())
    return await asyncio.gather(*(hub.join(nobody, name) for name in names))


async def say(who: Person, group_id: str) -> int:
    sent = await services.send_message(actor=who.actor, group_id=group_id, content="ahoy")
    seq: int = sent["message"]["seq"]
    return seq


async def test_a_room_in_another_part_is_compared_while_one_fails(
    hub: Hub, logs: Logs, alice: Person, group_id: str
) -> None:
    logs.fails = lambda positions: "quiet_1" in positions
    await follow(hub, *(f"quiet_{number}" for number in range(BATCH)), group_id)
    seq = await say(alice, group_id)
    await until(lambda: hub.position(group_id).seq == seq)


async def test_what_could_not_be_compared_when_the_link_was_back_is_looked_at_again(
    hub: Hub, logs: Logs, alice: Person, group_id: str
) -> None:
    logs.fails = lambda positions: True
    (room,) = await follow(hub, group_id)
    # It is never quiet: only the link's return makes anybody look.
    room.last_heard = float("inf")
    seq = await say(alice, group_id)
    later = logs.asked[group_id] + 3
    logs.fails = lambda positions: logs.asked[group_id] < later
    hub._link._on_return()
    await until(lambda: hub.position(group_id).seq == seq)


async def test_who_should_be_in_a_room_is_found_out_although_none_can_be_compared(
    hub: Hub, logs: Logs, alice: Person, group_id: str
) -> None:
    logs.fails = lambda positions: True
    await follow(hub, group_id)
    await until(lambda: logs.asked[group_id] > 0)
    hub.add(connection_of(alice))
    await until(lambda: group_id in logs.admitted)


async def test_rooms_are_compared_although_it_cannot_be_found_out_who_should_be_in_them(
    hub: Hub, logs: Logs, alice: Person, group_id: str
) -> None:
    logs.knows_members = False
    hub.add(connection_of(alice))
    await follow(hub, group_id)
    seq = await say(alice, group_id)
    await until(lambda: hub.position(group_id).seq == seq)
