"""A room: strict order whatever comes in, gaps healed from the log, and no slow client in anybody's way."""

import asyncio
import random
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from realtime.hub.change import Change, Position
from realtime.hub.connection import TOO_SLOW, Connection
from realtime.hub.frame import Encoded, Frame, Packet, TransientEvent
from realtime.hub.room import RING_SIZE, Room
from realtime.socketio.session import encoder_for
from realtime.transport.outbox import MAX_PACKETS, Outbox
from realtime.transport.websocket import AwaitedSocket

ENCODER = encoder_for("/")


def change(seq: int, **more: Any) -> Change:
    return Change(seq, "message", b'{"seq":%d}' % seq, message_count=seq, **more)


class Log:
    """A log that a room can follow; it is the truth, whatever the room was told."""

    def __init__(self, length: int, start: int = 0) -> None:
        self.length, self.start = length, start
        self.reads = 0

    async def head(self, room: str) -> Position:
        return Position(self.start, self.start)

    async def changes(self, room: str, after: int) -> list[Change]:
        self.reads += 1
        return [change(seq) for seq in range(after + 1, min(after + 8, self.length) + 1)]

    async def rooms_behind(self, positions: dict[str, int]) -> set[str]:
        return {name for name, seq in positions.items() if seq < self.length}

    async def on_joined(self, connection: Connection, room: str) -> None:
        raise AssertionError("no user is added here")

    async def rooms_of(self, user_ids: list[str]) -> dict[str, set[str]]:
        return {}


class Socket(AwaitedSocket):
    """A websocket that hands what is written to its client, which may have stopped reading."""

    owner: "Client"

    async def _send(self, packet: Packet) -> None:
        await self.owner.take(str(packet))

    async def _close(self, code: int, reason: str) -> None:
        pass


class Client:
    """A connection whose websocket writes into a list, and can be stopped."""

    def __init__(self, user_id: str = "user_1") -> None:
        self.texts: list[str] = []
        self.closed_with: list[int] = []
        self.arrived = asyncio.Condition()
        self.reads = asyncio.Event()
        self.reads.set()
        self.connection = Connection(encoder=ENCODER, channel=self)
        self.connection.user_id = user_id
        self.outbox = Outbox(on_overflow=self._overflow)
        self.socket = Socket(self)
        self.opened(self.socket)

    # --- the owner of the websocket ----------------------------------------------------------------------------------
    def opened(self, socket: Any) -> None:
        self.outbox.attach(socket)

    def frame_received(self, frame: Packet) -> None:
        raise AssertionError("nobody speaks here")

    def writable(self) -> None:
        self.outbox.flush()

    def lost(self, code: int) -> None:
        raise AssertionError("nobody goes here")

    # --- the line ----------------------------------------------------------------------------------------------------
    @property
    def backlog(self) -> int:
        return len(self.outbox)

    def send(self, encoded: Encoded) -> None:
        self.outbox.put(encoded)

    def close(self, reason: str, *, code: int = 1000) -> None:
        self.closed_with.append(code)

    def _overflow(self) -> None:
        self.outbox.clear()
        self.outbox.detach()
        self.connection.end(TOO_SLOW, "too slow")

    async def take(self, text: str) -> None:
        await self.reads.wait()
        async with self.arrived:
            self.texts.append(text)
            self.arrived.notify_all()

    async def has(self, count: int) -> list[str]:
        async with asyncio.timeout(10), self.arrived:
            await self.arrived.wait_for(lambda: len(self.texts) >= count)
        return self.texts


async def opened(log: Log, *clients: Client) -> Room:
    room = Room("r", log, lambda name: None)
    await room.load()
    for client in clients:
        room.members[client.connection] = None
    return room


def wanted(first: int, last: int) -> list[str]:
    return [f'42["message",{{"seq":{seq}}}]' for seq in range(first, last + 1)]


@given(st.data())
@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
async def test_whatever_the_link_does_each_change_arrives_once_and_in_order(data: st.DataObject) -> None:
    length = data.draw(st.integers(1, 60))
    told = [seq for seq in range(1, length + 1) if data.draw(st.booleans())]
    told += data.draw(st.lists(st.sampled_from(told), max_size=20)) if told else []
    told = data.draw(st.permutations(told))
    client = Client()
    room = await opened(Log(length), client)
    for seq in told:
        room.receive([change(seq)])
    await room.fetch()
    assert await client.has(length) == wanted(1, length)
    client.outbox.detach()


async def test_a_gap_is_healed_without_being_asked() -> None:
    client, log = Client(), Log(5)
    room = await opened(log, client)
    room.receive([change(1)])
    room.receive([change(4)])
    assert await client.has(5) == wanted(1, 5)
    assert log.reads >= 1
    client.outbox.detach()


async def test_what_is_told_in_order_costs_no_read() -> None:
    client, log = Client(), Log(100)
    room = await opened(log, client)
    for seq in range(1, 101):
        room.receive([change(seq)])
    await client.has(100)
    assert log.reads == 0
    client.outbox.detach()


async def test_a_frame_is_encoded_once_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    clients = [Client(f"user_{n}") for n in range(20)]
    encoded: list[bytes] = []
    original = type(ENCODER).event

    def count(self: Any, name: str, data: bytes) -> str:
        encoded.append(data)
        return original(self, name, data)

    monkeypatch.setattr(type(ENCODER), "event", count)
    room = await opened(Log(3), *clients)
    for seq in (1, 2, 3):
        room.receive([change(seq)])
    for client in clients:
        assert await client.has(3) == wanted(1, 3)
        client.outbox.detach()
    assert len(encoded) == 3


async def test_a_client_that_does_not_read_is_closed_and_holds_nobody_up() -> None:
    sleeper, reader = Client("user_1"), Client("user_2")
    sleeper.reads.clear()
    room = await opened(Log(10**6), sleeper, reader)
    for seq in range(1, MAX_PACKETS + 201):
        room.receive([change(seq)])
        if seq % 500 == 0:
            await reader.has(seq)
    await reader.has(MAX_PACKETS + 200)
    assert sleeper.closed_with == [TOO_SLOW]
    assert sleeper.backlog == 0
    reader.outbox.detach()


async def test_who_leaves_hears_of_it_and_then_nothing_more() -> None:
    bob, alice = Client("bob"), Client("alice")
    room = await opened(Log(3), bob, alice)
    room.receive([change(1)])
    room.receive([change(2, left=("bob",), leave_data=b'{"farewell":true}')])
    room.receive([change(3)])
    assert await alice.has(3) == wanted(1, 3)
    assert await bob.has(2) == [*wanted(1, 1), '42["message",{"farewell":true}]']
    assert bob.connection not in room.members
    for client in (bob, alice):
        client.outbox.detach()


async def test_what_was_erased_is_not_told_from_memory() -> None:
    room = await opened(Log(3))
    for seq in (1, 2):
        room.receive([change(seq)])
    assert [c.seq for c in room.changes_after(0) or []] == [1, 2]
    room.receive([change(3, erases=True)])
    assert room.changes_after(0) is None
    assert [c.seq for c in room.changes_after(2) or []] == [3]


async def test_memory_reaches_back_a_bounded_way() -> None:
    room = await opened(Log(RING_SIZE + 5))
    for seq in range(1, RING_SIZE + 6):
        room.receive([change(seq)])
    assert room.changes_after(4) is None
    assert len(room.changes_after(5) or []) == RING_SIZE
    assert room.changes_after(RING_SIZE + 5) == []


async def test_what_is_held_back_follows_the_snapshot_that_it_is_not_in() -> None:
    client = Client()
    room = await opened(Log(10), client)
    client.connection.hold()
    for seq in (1, 2, 3, 4):
        room.receive([change(seq)])
    client.connection.drop_held("r", through=2)
    client.connection.emit("ready", {})
    client.connection.release()
    room.receive([change(5)])
    assert await client.has(4) == ['42["ready",{}]', *wanted(3, 5)]
    client.outbox.detach()


async def test_typing_is_shed_before_anything_else() -> None:
    client = Client()
    client.reads.clear()
    room = await opened(Log(1000), client)
    for seq in range(1, 301):
        room.receive([change(seq)])
    client.connection.deliver_if_idle(Frame([TransientEvent("typing", b"{}")]))
    client.reads.set()
    assert await client.has(300) == wanted(1, 300)
    client.connection.deliver_if_idle(Frame([TransientEvent("typing", b"{}")]))
    assert (await client.has(301))[-1] == '42["typing",{}]'
    client.outbox.detach()


async def test_early_changes_of_a_room_that_is_still_loading_are_kept() -> None:
    released = asyncio.Event()

    class SlowLog(Log):
        async def head(self, room: str) -> Position:
            await released.wait()
            return Position(2, 2)

    client = Client()
    room = Room("r", SlowLog(5), lambda name: None)
    loading = asyncio.create_task(room.load())
    order = [1, 2, 3, 4]
    random.Random(4).shuffle(order)
    for seq in order:
        room.receive([change(seq)])
    room.members[client.connection] = None
    released.set()
    await loading
    assert await client.has(2) == wanted(3, 4)
    client.outbox.detach()
