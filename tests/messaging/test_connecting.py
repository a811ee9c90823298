"""What happens while a connection is connecting: its session ends, or one of its rooms cannot be joined."""

import asyncio
import time
from dataclasses import replace

import orjson
import pytest

from foundation.errors import Unavailable
from groups import selectors as groups
from groups import services as group_services
from messaging.consumers import ChatConsumer
from messaging.group_logs import GroupLogs
from messaging.session_expiry import SESSION_OVER, close_revoked_sessions
from realtime.application import Handshake
from realtime.hub.change import Position
from realtime.hub.connection import Connection
from realtime.hub.hub import get_hub
from realtime.jsonsocket.connection import ENCODER
from tests.cast import Person
from tests.recording_channel import RecordingChannel
from users import models, tokens, user_cache
from users.revoked import revoked_sessions
from users.user import User


class Gate:
    """Delays the read of a user until it is opened."""

    def __init__(self) -> None:
        self.reached, self.opened = asyncio.Event(), asyncio.Event()
        self._get = models.get

    async def get(self, user_id: str) -> User | None:
        self.reached.set()
        await self.opened.wait()
        return await self._get(user_id)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    user_cache.clear()
    gate = Gate()
    monkeypatch.setattr(models, "get", gate.get)
    return gate


class Client:
    """A client of the JSON protocol, whose consumer has no websocket."""

    def __init__(self) -> None:
        self.channel = RecordingChannel()
        self.connection = Connection(encoder=ENCODER, channel=self.channel)
        self.chat = ChatConsumer()
        self.chat.open(self.connection, lambda: None)

    async def connect(self, token: str) -> None:
        await self.chat.connect(Handshake({"token": token}))

    async def begin(self, token: str, gate: Gate) -> None:
        """Sign in; the user is being read."""
        self._connecting = asyncio.create_task(self.connect(token))
        await gate.reached.wait()

    async def is_not_connected(self) -> None:
        await self._connecting
        assert [orjson.loads(packet)["event"] for packet in self.channel.packets] == ["error"]
        assert self.channel.closed == SESSION_OVER
        assert self.connection not in get_hub().connections()


async def test_a_session_that_is_revoked_while_its_user_is_read_is_not_connected(alice: Person, gate: Gate) -> None:
    close_revoked_sessions()
    client = Client()
    await client.begin(alice.token, gate)
    await revoked_sessions().revoke(alice.actor.session_id, alice.actor.expires_at)
    gate.opened.set()
    await client.is_not_connected()


async def test_a_token_that_expires_while_its_user_is_read_is_not_connected(
    alice: Person, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    expired = replace(await tokens.verify(alice.token), expires_at=int(time.time()) - 3600)

    async def verify(token: str) -> tokens.Claims:
        return expired

    monkeypatch.setattr(tokens, "verify", verify)
    client = Client()
    await client.begin(alice.token, gate)
    await client.channel.written.wait()
    gate.opened.set()
    await client.is_not_connected()


async def test_a_connection_that_is_still_connecting_joins_no_group_that_its_user_is_added_to(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`connect` joins all rooms when it is retried, under the lock that joining the added group waits for."""

    async def unavailable(user_id: str) -> User | None:
        raise Unavailable

    user_cache.clear()
    monkeypatch.setattr(models, "get", unavailable)
    client = Client()
    with pytest.raises(Unavailable):
        await client.connect(alice.token)
    lock = client.connection.state.lock
    with pytest.raises(Unavailable):
        await client.connect(alice.token)
    assert client.connection.state.lock is lock
    await GroupLogs().on_joined(client.connection, group_id)
    assert (client.connection.rooms, client.channel.packets) == (set(), [])


class Heads:
    """The heads of the groups' logs: the read of `failing` fails once that of `slow`, which waits, has begun."""

    def __init__(self, failing: str, slow: str) -> None:
        self._failing, self._slow = failing, slow
        self.reached, self.opened = asyncio.Event(), asyncio.Event()
        self._head_position = groups.get_head_position

    async def get_head_position(self, *, group_id: str) -> Position:
        if group_id == self._slow:
            self.reached.set()
            await self.opened.wait()
        elif group_id == self._failing:
            await self.reached.wait()
            raise Unavailable
        return await self._head_position(group_id=group_id)

    def recover(self) -> None:
        self._failing = ""
        self.opened.set()


@pytest.fixture
async def heads(alice: Person, bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch) -> Heads:
    another = await group_services.create_group(actor=alice.actor, name="Lighthouse", member_ids=[bob.id])
    heads = Heads(failing=another.id, slow=group_id)
    monkeypatch.setattr(groups, "get_head_position", heads.get_head_position)
    return heads


async def loaded(group_id: str) -> None:
    """Return once the group's room has been loaded, by whoever began that."""
    connection = Connection(encoder=ENCODER, channel=RecordingChannel())
    await get_hub().join(connection, group_id)


async def test_a_connection_that_could_not_join_one_room_is_in_no_other(
    bob: Person, group_id: str, heads: Heads
) -> None:
    client = Client()
    with pytest.raises(Unavailable):
        await client.connect(bob.token)
    heads.recover()
    await loaded(group_id)
    assert (client.connection.rooms, client.channel.packets) == (set(), [])


async def test_a_retry_joins_no_room_that_the_user_has_left_since_the_first_attempt(
    alice: Person, bob: Person, group_id: str, heads: Heads
) -> None:
    client = Client()
    with pytest.raises(Unavailable):
        await client.connect(bob.token)
    await group_services.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
    # The user's groups are read without those that were left, so nothing would remove the connection from the room.
    connecting = asyncio.create_task(client.connect(bob.token))
    heads.recover()
    await connecting
    await loaded(group_id)
    assert group_id not in client.connection.rooms
    ready = orjson.loads(client.channel.packets[0])
    assert (ready["event"], client.connection.rooms) == ("ready", {group["id"] for group in ready["data"]["groups"]})
    await client.chat.disconnect()
