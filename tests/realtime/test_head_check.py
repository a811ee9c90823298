"""A hub that receives nothing from the others finds in the store what its rooms have missed, however many they are."""

import asyncio
import math
from collections import Counter
from collections.abc import AsyncIterator, Callable
from uuid import uuid4

import pytest
from pytest_django import Settings

from bench.chaos.proxy import TcpProxy, proxy_to
from foundation.errors import Unavailable
from messaging import services
from messaging.group_logs import GroupLogs
from realtime.hub.change import Position
from realtime.hub.connection import Connection
from realtime.hub.head_check import BATCH
from realtime.hub.hub import Hub, get_hub
from realtime.hub.room import Room
from tests.cast import Person
from tests.dynamodb.endpoint import until
from tests.layers import PIPELINED, on_redis
from tests.recording_channel import RecordingChannel

from .test_room import ENCODER


class FailingLogs(GroupLogs):
    """The groups' logs, in a store that can be made to fail."""

    def __init__(self) -> None:
        self.checks: Counter[str] = Counter()
        # How many rooms each check compared.
        self.sizes: list[int] = []
        self.joined: set[str] = set()
        self.fails: Callable[[dict[str, int]], bool] = lambda positions: False
        self.rooms_of_fails = False

    async def head(self, room: str) -> Position:
        return Position(1, 0) if room.startswith("quiet") else await super().head(room)

    async def rooms_behind(self, positions: dict[str, int]) -> set[str]:
        self.checks.update(positions)
        self.sizes.append(len(positions))
        # More than a batch would always time out.
        if len(positions) > BATCH or self.fails(positions):
            raise Unavailable
        return await super().rooms_behind(positions)

    async def rooms_of(self, user_ids: list[str]) -> dict[str, set[str]]:
        if self.rooms_of_fails:
            raise Unavailable
        return await super().rooms_of(user_ids)

    async def on_joined(self, connection: Connection, room: str) -> None:
        self.joined.add(room)


@pytest.fixture
def logs() -> FailingLogs:
    return FailingLogs()


@pytest.fixture
async def redis_proxy(settings: Settings) -> AsyncIterator[TcpProxy]:
    """A proxy between the hub under test and Redis."""
    # The services publish on a hub of their own, without the proxy.
    get_hub()
    async with proxy_to(settings.REDIS_URL) as redis_proxy:
        settings.REDIS_URL = redis_proxy.url
        yield redis_proxy


@pytest.fixture
async def hub(logs: FailingLogs, redis_proxy: TcpProxy, settings: Settings) -> AsyncIterator[Hub]:
    settings.NAMESPACE = f"deaf-{uuid4().hex}"
    settings.CHANNEL_LAYERS = on_redis(PIPELINED, settings.REDIS_URL)
    settings.ROOM_CHECK_INTERVAL = settings.MEMBERSHIP_CHECK_INTERVAL = settings.QUIET_ROOM_CHECK_INTERVAL = 0.1
    hub = Hub(logs)
    yield hub
    await hub.close()


def connection_of(person: Person) -> Connection:
    connection = Connection(encoder=ENCODER, channel=RecordingChannel())
    connection.user_id = person.id
    return connection


async def join(hub: Hub, *names: str) -> list[Room]:
    connection = Connection(encoder=ENCODER, channel=RecordingChannel())
    return await asyncio.gather(*(hub.join(connection, name) for name in names))


async def send(sender: Person, group_id: str) -> int:
    sent = await services.send_message(actor=sender.actor, group_id=group_id, content="ahoy")
    seq: int = sent["message"]["seq"]
    return seq


async def test_a_room_is_checked_although_the_check_of_another_batch_fails(
    hub: Hub, logs: FailingLogs, alice: Person, group_id: str
) -> None:
    logs.fails = lambda positions: "quiet_1" in positions
    await join(hub, *(f"quiet_{number}" for number in range(BATCH)), group_id)
    seq = await send(alice, group_id)
    await until(lambda: hub.position(group_id).seq == seq)


async def test_a_check_that_fails_when_the_link_has_reconnected_is_repeated(
    hub: Hub, logs: FailingLogs, redis_proxy: TcpProxy, alice: Person, group_id: str
) -> None:
    logs.fails = lambda positions: True
    (room,) = await join(hub, group_id)
    # Never quiet: it is checked only because the link reconnects.
    room.last_received = float("inf")
    seq = await send(alice, group_id)
    redis_proxy.cut()
    await until(lambda: not hub._link.is_up)
    redis_proxy.restore()
    await until(lambda: logs.checks[group_id] > 0)
    enough = logs.checks[group_id] + 3
    logs.fails = lambda positions: logs.checks[group_id] < enough
    await until(lambda: hub.position(group_id).seq == seq)


async def test_a_connection_joins_the_room_that_it_misses_although_the_check_of_heads_fails(
    hub: Hub, logs: FailingLogs, alice: Person, group_id: str
) -> None:
    logs.fails = lambda positions: True
    await join(hub, group_id)
    await until(lambda: logs.checks[group_id] > 0)
    hub.add(connection_of(alice))
    await until(lambda: group_id in logs.joined)


async def test_heads_are_checked_although_the_check_of_memberships_fails(
    hub: Hub, logs: FailingLogs, alice: Person, group_id: str
) -> None:
    logs.rooms_of_fails = True
    hub.add(connection_of(alice))
    await join(hub, group_id)
    seq = await send(alice, group_id)
    await until(lambda: hub.position(group_id).seq == seq)


async def test_quiet_rooms_are_checked_in_turns_while_the_link_is_up_and_all_while_it_is_down(
    hub: Hub, logs: FailingLogs, redis_proxy: TcpProxy, settings: Settings
) -> None:
    """A user of a thousand quiet groups costs 33 keys a second: each of them is compared once in thirty."""
    settings.QUIET_ROOM_CHECK_INTERVAL = 15 * settings.ROOM_CHECK_INTERVAL
    await until(lambda: hub._link.is_up)
    await join(hub, *(f"quiet_{number}" for number in range(BATCH)))
    logs.sizes.clear()
    await until(lambda: len(logs.sizes) >= 15)
    assert max(logs.sizes) == math.ceil(BATCH / 15)
    # Each had its turn by now, but perhaps for those of the first check, which was under way.
    assert len(logs.checks) >= BATCH - math.ceil(BATCH / 15)
    redis_proxy.cut()
    await until(lambda: max(logs.sizes) == BATCH)
