"""A session may end while its connection is connecting: then it gets nothing."""

import asyncio
import time
from dataclasses import replace

import orjson
import pytest

from messaging.consumers import ChatApplication
from messaging.group_logs import GroupLogs
from messaging.session_expiry import SESSION_OVER, close_revoked_sessions
from realtime.application import Handshake
from realtime.hub.connection import Connection
from realtime.hub.hub import get_hub
from realtime.jsonsocket.connection import ENCODER
from tests.cast import Person
from tests.recording_channel import RecordingChannel
from users import models, tokens, user_cache
from users.models import User
from users.revoked import revoked_sessions


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
    """Authenticated by a token; its user is being read."""

    def __init__(self) -> None:
        self.channel = RecordingChannel()
        self.connection = Connection(encoder=ENCODER, channel=self.channel)

    async def begin(self, token: str, gate: Gate) -> None:
        chat, handshake = ChatApplication(), Handshake({"token": token})
        await chat.authenticate(self.connection, handshake)
        self._connecting = asyncio.create_task(chat.connect(self.connection, handshake))
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
    alice: Person, group_id: str
) -> None:
    """`connect` joins all rooms when it is retried, under the lock that joining the added group waits for."""
    client, chat, handshake = Client(), ChatApplication(), Handshake({"token": alice.token})
    await chat.authenticate(client.connection, handshake)
    lock = client.connection.state.lock
    await chat.authenticate(client.connection, handshake)
    assert client.connection.state.lock is lock
    await GroupLogs().on_joined(client.connection, group_id)
    assert (client.connection.rooms, client.channel.packets) == (set(), [])
