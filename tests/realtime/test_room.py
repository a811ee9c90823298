"""A room delivers in order whatever it receives, reads missing changes from its log, and no client delays another."""

import asyncio
import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from realtime.hub.change import Change, Position
from realtime.hub.connection import TOO_SLOW, Connection
from realtime.hub.event_batch import EventBatch, TransientEvent
from realtime.hub.room import Room
from realtime.socketio.connection import encoder_for
from realtime.transport.asgi_socket import AwaitedSocket
from realtime.transport.encoded import Encoded, RawPacket
from realtime.transport.outbox import MAX_PACKETS, Outbox

pytestmark = pytest.mark.unit


ENCODER = encoder_for("/")


def change(seq: int, **more: Any) -> Change:
    return Change(seq, "message", b'{"seq":%d}' % seq, message_count=seq, **more)


class Log:
    """The log of a room: it has all changes, whatever the room receives."""

    def __init__(self, length: int, start: int = 0) -> None:
        self.length, self.start = length, start
        self.reads = self.rewritings = 0

    async def head(self, room: str) -> Position:
        return Position(self.start, self.start)

    async def changes(self, room: str, after: int) -> list[Change]:
        self.reads += 1
        return [change(seq) for seq in range(after + 1, min(after + 8, self.length) + 1)]

    def rewritten(self, changes: list[Change], latest: Change) -> list[Change]:
        self.rewritings += 1
        return [replace(change, data=b'{"seq":%d,"now":%d}' % (change.seq, latest.seq)) for change in changes]

    async def rooms_behind(self, positions: dict[str, int]) -> set[str]:
        return {name for name, seq in positions.items() if seq < self.length}

    async def on_joined(self, connection: Connection, room: str) -> None:
        raise AssertionError("no user is added here")

    async def rooms_of(self, user_ids: list[str]) -> dict[str, set[str]]:
        return {}


class Socket(AwaitedSocket):
    """A websocket that passes what is written to its client, which may have stopped reading."""

    handler: "Client"

    async def _send(self, packet: RawPacket) -> None:
        await self.handler.write(str(packet))

    async def _close(self, code: int, reason: str) -> None:
        pass


class Client:
    """A connection whose websocket writes into a list, and can be stopped."""

    transport = "websocket"

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
    def charge(self, seconds: float) -> None:
        pass

    def opened(self, socket: Any) -> None:
        self.outbox.attach(socket)

    def too_large(self) -> None: ...

    def frame_received(self, frame: RawPacket) -> None:
        raise AssertionError("nothing is received here")

    def writable(self) -> None:
        self.outbox.flush()

    def lost(self, code: int) -> None:
        raise AssertionError("no websocket is lost here")

    # --- the channel -------------------------------------------------------------------------------------------------
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

    async def write(self, text: str) -> None:
        await self.reads.wait()
        async with self.arrived:
            self.texts.append(text)
            self.arrived.notify_all()

    async def receive(self, count: int) -> list[str]:
        async with asyncio.timeout(10), self.arrived:
            await self.arrived.wait_for(lambda: len(self.texts) >= count)
        return self.texts


async def loaded_room(log: Log, *clients: Client) -> Room:
    room = Room("r", log, lambda name: None)
    await room.load()
    for client in clients:
        room.members[client.connection] = None
    return room


def packets(first: int, last: int) -> list[str]:
    return [f'42["message",{{"seq":{seq}}}]' for seq in range(first, last + 1)]


@given(st.data())
@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
async def test_whatever_the_link_does_each_change_is_delivered_once_and_in_order(data: st.DataObject) -> None:
    length = data.draw(st.integers(1, 60))
    received = [seq for seq in range(1, length + 1) if data.draw(st.booleans())]
    received += data.draw(st.lists(st.sampled_from(received), max_size=20)) if received else []
    received = data.draw(st.permutations(received))
    client = Client()
    room = await loaded_room(Log(length), client)
    for seq in received:
        room.receive([change(seq)])
    await room.fetch()
    assert await client.receive(length) == packets(1, length)
    client.outbox.detach()


async def test_a_gap_is_read_from_the_log_after_a_while() -> None:
    client, log = Client(), Log(5)
    room = await loaded_room(log, client)
    room.receive([change(1)])
    room.receive([change(4)])
    assert await client.receive(5) == packets(1, 5)
    assert log.reads >= 1
    client.outbox.detach()


async def test_changes_received_in_order_cost_no_read() -> None:
    client, log = Client(), Log(100)
    room = await loaded_room(log, client)
    for seq in range(1, 101):
        room.receive([change(seq)])
    await client.receive(100)
    assert log.reads == 0
    client.outbox.detach()


async def test_a_change_is_encoded_once_for_all_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    clients = [Client(f"user_{n}") for n in range(20)]
    encoded: list[bytes] = []
    original = type(ENCODER).event

    def count(self: Any, name: str, data: bytes) -> str:
        encoded.append(data)
        return original(self, name, data)

    monkeypatch.setattr(type(ENCODER), "event", count)
    room = await loaded_room(Log(3), *clients)
    for seq in (1, 2, 3):
        room.receive([change(seq)])
    for client in clients:
        assert await client.receive(3) == packets(1, 3)
        client.outbox.detach()
    assert len(encoded) == 3


async def test_a_client_that_does_not_read_is_closed_and_delays_no_other() -> None:
    stalled, reader = Client("user_1"), Client("user_2")
    stalled.reads.clear()
    room = await loaded_room(Log(10**6), stalled, reader)
    for seq in range(1, MAX_PACKETS + 201):
        room.receive([change(seq)])
        if seq % 500 == 0:
            await reader.receive(seq)
    await reader.receive(MAX_PACKETS + 200)
    assert stalled.closed_with == [TOO_SLOW]
    assert stalled.backlog == 0
    reader.outbox.detach()


async def test_a_user_who_leaves_gets_the_leave_data_and_nothing_after_it() -> None:
    bob, alice = Client("bob"), Client("alice")
    room = await loaded_room(Log(3), bob, alice)
    room.receive([change(1)])
    room.receive([change(2, left=("bob",), leave_data=b'{"left":true}')])
    room.receive([change(3)])
    assert await alice.receive(3) == packets(1, 3)
    assert await bob.receive(2) == [*packets(1, 1), '42["message",{"left":true}]']
    assert bob.connection not in room.members
    for client in (bob, alice):
        client.outbox.detach()


async def test_held_changes_that_a_snapshot_contains_are_dropped_and_the_others_follow_it() -> None:
    client = Client()
    room = await loaded_room(Log(10), client)
    client.connection.hold()
    for seq in (1, 2, 3, 4):
        room.receive([change(seq)])
    client.connection.drop_held("r", through=2)
    client.connection.emit("ready", {})
    client.connection.release()
    room.receive([change(5)])
    assert await client.receive(4) == ['42["ready",{}]', *packets(3, 5)]
    client.outbox.detach()


async def test_transient_events_are_dropped_while_a_client_is_slow() -> None:
    client = Client()
    client.reads.clear()
    room = await loaded_room(Log(1000), client)
    for seq in range(1, 301):
        room.receive([change(seq)])
    client.connection.deliver_transient(EventBatch([TransientEvent("typing", b"{}")]))
    client.reads.set()
    assert await client.receive(300) == packets(1, 300)
    client.connection.deliver_transient(EventBatch([TransientEvent("typing", b"{}")]))
    assert (await client.receive(301))[-1] == '42["typing",{}]'
    client.outbox.detach()


async def test_changes_received_while_a_room_loads_are_delivered_after() -> None:
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
    assert await client.receive(2) == packets(3, 4)
    client.outbox.detach()
