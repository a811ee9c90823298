"""A session may end while its connection is entering: then it does not get in."""

import asyncio
import time
from dataclasses import replace

import orjson
import pytest

from messaging.consumers import SESSION_OVER, ChatApplication, end_revoked_sessions
from messaging.live import GroupLogs
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
    """Holds the reading of a user until it is opened."""

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
    made = Gate()
    monkeypatch.setattr(models, "get", made.get)
    return made


class Newcomer:
    """Let in by a token; the user behind it is being read."""

    def __init__(self) -> None:
        self.line = RecordingChannel()
        self.connection = Connection(encoder=ENCODER, channel=self.line)

    async def begin(self, token: str, gate: Gate) -> None:
        chat, handshake = ChatApplication(), Handshake({"token": token})
        await chat.authenticate(self.connection, handshake)
        self._entering = asyncio.create_task(chat.enter(self.connection, handshake))
        await gate.reached.wait()

    async def stays_out(self) -> None:
        await self._entering
        assert [orjson.loads(packet)["event"] for packet in self.line.packets] == ["error"]
        assert self.line.closed == SESSION_OVER
        assert self.connection not in get_hub().connections()


async def test_a_session_that_is_revoked_while_its_user_is_read_does_not_get_in(alice: Person, gate: Gate) -> None:
    end_revoked_sessions()
    newcomer = Newcomer()
    await newcomer.begin(alice.token, gate)
    await revoked_sessions().revoke(alice.actor.session_id, alice.actor.expires_at)
    gate.opened.set()
    await newcomer.stays_out()


async def test_a_token_that_runs_out_while_its_user_is_read_does_not_get_in(
    alice: Person, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    over = replace(await tokens.verify(alice.token), expires_at=int(time.time()) - 3600)

    async def verified(token: str) -> tokens.Claims:
        return over

    monkeypatch.setattr(tokens, "verify", verified)
    newcomer = Newcomer()
    await newcomer.begin(alice.token, gate)
    await newcomer.line.written.wait()
    gate.opened.set()
    await newcomer.stays_out()


async def test_who_could_not_enter_is_brought_into_no_group_on_the_side(alice: Person, group_id: str) -> None:
    """They try again, under the lock that whoever would bring them in may wait for already."""
    newcomer, chat, handshake = Newcomer(), ChatApplication(), Handshake({"token": alice.token})
    await chat.authenticate(newcomer.connection, handshake)
    lock = newcomer.connection.state.lock
    await chat.authenticate(newcomer.connection, handshake)
    assert newcomer.connection.state.lock is lock
    await GroupLogs().admit(newcomer.connection, group_id)
    assert (newcomer.connection.rooms, newcomer.line.packets) == (set(), [])
