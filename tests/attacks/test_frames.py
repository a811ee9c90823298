"""Many frames at once, and frames that are too large: each client has its turn, and its bounds."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from websockets.frames import Frame, Opcode

from tests.realtime.socket_stage import MAX_SIZE, Stage, staged

pytestmark = pytest.mark.unit


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage


async def _until(stage: Stage, count: int) -> None:
    async with asyncio.timeout(20):
        while len(stage.handler.frames) < count:  # noqa: ASYNC110 - turns of the loop are what is tested
            await asyncio.sleep(0)


async def test_a_segment_of_tiny_frames_is_handled_in_many_turns_of_the_loop(stage: Stage) -> None:
    sent = [str(n) for n in range(20_000)]
    data = stage.peer.bytes_of(*(Frame(Opcode.TEXT, text.encode()) for text in sent))
    stage.socket.data_received(data)
    assert 0 < len(stage.handler.frames) < 1000
    before, turns = len(stage.handler.frames), 0
    while len(stage.handler.frames) < len(sent):
        await asyncio.sleep(0)
        assert len(stage.handler.frames) - before < 1000
        before, turns = len(stage.handler.frames), turns + 1
    assert turns >= 20
    assert stage.handler.frames == sent


async def test_nothing_is_parsed_while_the_handler_has_enough(stage: Stage) -> None:
    frame_received = stage.handler.frame_received

    def pause(frame: str | bytes) -> None:
        frame_received(frame)
        stage.socket.pause()

    stage.handler.frame_received = pause  # type: ignore[method-assign]
    stage.socket.data_received(stage.peer.bytes_of(*[Frame(Opcode.TEXT, b"12345678")] * 20_000))
    taken = len(stage.handler.frames)
    assert taken < 1000
    for _ in range(10):
        await asyncio.sleep(0)
    assert len(stage.handler.frames) == taken
    stage.handler.frame_received = frame_received  # type: ignore[method-assign]
    stage.socket.resume()
    await _until(stage, 20_000)


async def test_what_comes_after_a_segment_stays_behind_it(stage: Stage) -> None:
    stage.peer.send(*(Frame(Opcode.TEXT, str(n).encode()) for n in range(30_000)))
    await stage.peer.writer.drain()
    stage.peer.send(Frame(Opcode.TEXT, b"last"))
    await _until(stage, 30_001)
    assert stage.handler.frames == [*map(str, range(30_000)), "last"]


async def test_a_frame_over_the_limit_is_refused_by_its_head(stage: Stage) -> None:
    whole = stage.peer.bytes_of(Frame(Opcode.TEXT, b"x" * (MAX_SIZE + 1)))
    stage.socket.data_received(whole[:14])
    assert stage.handler.too_large_frames == 1
    assert (await stage.peer.receive(Opcode.CLOSE))[:2] == (1009).to_bytes(2)
    assert stage.handler.frames == []


async def test_the_limit_of_a_socket_can_be_raised(stage: Stage) -> None:
    stage.socket.limit(2 * MAX_SIZE)
    stage.socket.data_received(stage.peer.bytes_of(Frame(Opcode.TEXT, b"x" * 2 * MAX_SIZE)))
    assert stage.handler.frames == ["x" * 2 * MAX_SIZE]


async def test_a_message_in_the_smallest_pieces_takes_what_it_weighs(stage: Stage) -> None:
    pieces = [Frame(Opcode.TEXT, b"", False), *[Frame(Opcode.CONT, b"ab", False)] * 400, Frame(Opcode.CONT, b"")]
    stage.socket.data_received(stage.peer.bytes_of(*pieces))
    await _until(stage, 1)
    assert stage.handler.frames == ["ab" * 400]


async def test_the_smallest_frames_are_handled_few_at_a_time_and_charged(stage: Stage) -> None:
    stage.socket.data_received(stage.peer.bytes_of(*[Frame(Opcode.TEXT, b"{}")] * 2_000))
    # Each takes 10 µs: it was 512, and nobody paid.
    assert 0 < len(stage.handler.frames) <= 300
    assert stage.handler.charged > 0
    while len(stage.handler.frames) < 2_000:
        before = len(stage.handler.frames)
        await asyncio.sleep(0)
        assert len(stage.handler.frames) - before <= 600
