"""An encoder may have to wait: its connections get everything late and in order, those of other encoders at once."""

import asyncio

import pytest

from realtime.hub.connection import Connection
from realtime.hub.event_batch import EventBatch, NotReady, TransientEvent
from tests.recording_channel import RecordingChannel

from .test_room import ENCODER

pytestmark = pytest.mark.unit


class WaitingEncoder:
    """Waits once for each event whose data is in `slow`."""

    def __init__(self, *slow: bytes) -> None:
        self.waits = {data: asyncio.get_running_loop().create_future() for data in slow}

    def event(self, name: str, data: bytes) -> str:
        if (wait := self.waits.get(data)) and not wait.done():
            raise NotReady(wait)
        return ENCODER.event(name, data)


def _batch(*numbers: int) -> EventBatch:
    return EventBatch([TransientEvent("message", b"%d" % number, number) for number in numbers])


def _expected(*numbers: int) -> list[str]:
    return [ENCODER.event("message", b"%d" % number) for number in numbers]


class Client:
    def __init__(self, encoder: WaitingEncoder) -> None:
        self.channel = RecordingChannel()
        self.connection = Connection(encoder=encoder, channel=self.channel)

    @property
    def packets(self) -> list[str]:
        return list(map(str, self.channel.packets))


async def test_what_follows_waits_too() -> None:
    encoder = WaitingEncoder(b"2", b"4")
    client = Client(encoder)
    client.connection.deliver("r", _batch(1))
    client.connection.deliver("r", _batch(2, 3))
    client.connection.deliver("r", _batch(4, 5))
    assert client.packets == _expected(1)
    assert not client.connection.keeps_up
    encoder.waits[b"2"].set_result(None)
    await asyncio.sleep(0)
    assert client.packets == _expected(1, 2, 3)
    client.connection.deliver("r", _batch(6))
    encoder.waits[b"4"].set_result(None)
    await asyncio.sleep(0)
    assert client.packets == _expected(1, 2, 3, 4, 5, 6)
    client.connection.deliver("r", _batch(7))
    assert client.packets == _expected(1, 2, 3, 4, 5, 6, 7)


async def test_a_failed_wait_ends_too() -> None:
    encoder = WaitingEncoder(b"1")
    client = Client(encoder)
    client.connection.deliver("r", _batch(1))
    encoder.waits[b"1"].set_exception(RuntimeError("a bug"))
    await asyncio.sleep(0)
    assert client.packets == _expected(1)


async def test_what_waits_is_dropped_when_its_room_is_left() -> None:
    encoder = WaitingEncoder(b"1")
    client = Client(encoder)
    client.connection.deliver("left", _batch(1))
    client.connection.deliver("stays", _batch(2))
    client.connection.discard_room("left")
    encoder.waits[b"1"].set_result(None)
    await asyncio.sleep(0)
    assert client.packets == _expected(2)


async def test_a_connection_that_waits_for_long_is_closed() -> None:
    client = Client(WaitingEncoder(b"0"))
    for number in range(3000):
        client.connection.deliver("r", _batch(number))
    assert client.connection.closed


async def test_what_may_be_dropped_is_not_waited_for() -> None:
    client = Client(WaitingEncoder(b"1"))
    assert not client.connection.deliver_transient(_batch(1))
    assert client.connection.deliver_transient(_batch(2))
    assert not client.connection.closed


async def test_a_snapshot_may_be_prepared() -> None:
    encoder = WaitingEncoder(b"1", b"2")
    client = Client(encoder)
    batch = _batch(1, 2)
    preparing = asyncio.create_task(client.connection.prepare(batch))
    for number in (b"1", b"2"):
        await asyncio.sleep(0)
        assert not preparing.done()
        encoder.waits[number].set_result(None)
    await preparing
    client.connection.send(batch)
    assert client.packets == _expected(1, 2)


async def test_whoever_goes_while_it_waits_takes_nobody_with_it() -> None:
    encoder, batch = WaitingEncoder(b"2"), _batch(1, 2, 3)
    gone, here = (asyncio.create_task(Client(encoder).connection.prepare(batch)) for _ in range(2))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    assert not encoder.waits[b"2"].cancelled()
    encoder.waits[b"2"].set_result(None)
    await here
    assert list(map(str, batch.encoded_for(encoder).packets)) == _expected(1, 2, 3)


async def test_what_many_have_waited_for_is_encoded_once() -> None:
    encoder, batch, encoded = WaitingEncoder(b"2"), _batch(1, 2), []
    event = encoder.event
    encoder.event = lambda name, data: encoded.append(data) or event(name, data)  # type: ignore[func-returns-value,method-assign]
    clients = [Client(encoder) for _ in range(20)]
    for client in clients:
        client.connection.deliver("r", batch)
    # One of them has asked for all.
    assert len(encoded) <= 4
    encoder.waits[b"2"].set_result(None)
    await asyncio.sleep(0)
    assert all(client.packets == _expected(1, 2) for client in clients)
    assert encoded.count(b"2") <= 3
