"""No frame keeps the event loop for over 50 ms of computing, whatever it is: over the corpus, and generated ones."""

import asyncio
from collections.abc import Iterator
from functools import partial

import pytest
from pytest_django import Settings
from websockets.frames import Frame, Opcode

from foundation.errors import TokenExpired
from messaging.consumers import ChatConsumer
from realtime.jsonsocket.connection import JsonConnection
from realtime.socketio.packets import decode
from realtime.transport.errors import ProtocolError
from tests.cpu_time import cpu_seconds
from tests.realtime.socket_stage import Stage, staged
from tests.test_bad_input import EVENTS
from users.actor import Actor

from .corpus.generated import Generator
from .corpus.packets import FRAMES
from .corpus.values import spoiled
from .turns import MAX_SECONDS, Turns

pytestmark = pytest.mark.unit


@pytest.fixture(autouse=True)
def _unlimited(settings: Settings) -> None:
    settings.RATE_LIMITS = {}


class Expired(ChatConsumer):
    """Events that are valid end here: what they cost after that is another matter."""

    @property
    def actor(self) -> Actor:
        raise TokenExpired


def frames() -> Iterator[tuple[str, str]]:
    for title, event, data in spoiled(EVENTS):
        yield title, f'{{"event":"{event}","ack":1,"data":{data}}}'
    yield from FRAMES.items()
    for number, frame in enumerate(Generator(28).frames(1_000)):
        yield f"generated {number}", frame


async def test_no_frame_keeps_the_loop(turns: Turns) -> None:
    consumer = Expired()
    async with staged() as stage:
        connection = JsonConnection(consumer, {}, 60.0, 1_000_000)
        connection.opened(stage.socket)
        connection._on_accept()
        consumer.accepted = True
        slow = {title: await _seconds(stage, connection, text, turns) for title, text in frames()}
        consumer.accepted = False
    assert {title: seconds for title, seconds in slow.items() if seconds > MAX_SECONDS} == {}


async def _seconds(stage: Stage, connection: JsonConnection, text: str, turns: Turns) -> float:
    """Return the longest callback that the frame causes, in the best of three times."""
    data = Frame(Opcode.TEXT, text.encode(errors="replace")).serialize(mask=True)

    async def attempt() -> None:
        asyncio.get_running_loop().call_soon(stage.socket.data_received, data)
        await asyncio.sleep(0)
        while connection._inbox.pending or stage.socket._unparsed:  # noqa: ASYNC110 - turns are what is measured
            await asyncio.sleep(0)

    return (await turns.best(attempt))[0]


def test_no_packet_of_socketio_takes_long() -> None:
    packets = [f"42{number}" + f'["{event}",{data}]' for number, (_, event, data) in enumerate(spoiled(EVENTS))]
    for packet in [*packets, "4" * 900_000, "42" + "9" * 900_000, "45" + "-" * 900_000, "40/" + "x," * 400_000]:
        seconds = cpu_seconds(partial(decode, packet), ProtocolError, enough=MAX_SECONDS)
        assert seconds < MAX_SECONDS, packet[:60]
