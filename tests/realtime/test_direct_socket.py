"""An open websocket: which messages its handler gets, what it writes, and how it is closed."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from websockets.frames import Frame, Opcode

from realtime.transport import direct_socket
from realtime.transport.encoded import Encoded
from realtime.transport.websocket import Socket

from .socket_stage import MAX_SIZE, Peer, Stage, staged

pytestmark = pytest.mark.unit

INTERNAL_ERROR = 1011


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage


def text(data: str, *, fin: bool = True) -> Frame:
    return Frame(Opcode.TEXT, data.encode(), fin)


def more(data: str, *, fin: bool = True) -> Frame:
    return Frame(Opcode.CONT, data.encode(), fin)


async def test_messages_arrive_whole_however_they_are_fragmented(stage: Stage) -> None:
    pieces = [
        text("whole"),
        text("in ", fin=False),
        Frame(Opcode.PING, b"?"),
        more("two ", fin=False),
        more("or three"),
    ]
    data = stage.peer.bytes_of(*pieces, Frame(Opcode.BINARY, b"\xff"), text(""))
    for byte in data:
        stage.socket.data_received(bytes([byte]))
    stage.socket.data_received(data)
    assert stage.handler.frames == ["whole", "in two or three", b"\xff", ""] * 2
    assert await stage.peer.receive(Opcode.PONG) == b"?"


async def test_what_the_handler_writes_when_it_is_opened_arrives_before_its_close(stage: Stage) -> None:
    def greet_and_close(socket: Socket) -> None:
        socket.write(Encoded(["hello", "there"]))
        socket.close(4000)

    stage.handler.on_open = greet_and_close
    stage.handler.opened(stage.socket)
    assert [await stage.peer.receive(Opcode.TEXT) for _ in range(2)] == [b"hello", b"there"]
    assert await stage.peer.receive(Opcode.CLOSE) == (4000).to_bytes(2)


async def test_what_is_written_arrives(stage: Stage) -> None:
    stage.socket.write(Encoded(["ä" * 200]))
    assert (await stage.peer.receive(Opcode.TEXT)).decode() == "ä" * 200


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (lambda peer: peer.bytes_of(Frame(Opcode.TEXT, b"\xc3")), 1007),
        (lambda peer: text("unmasked").serialize(mask=False), 1002),
        (lambda peer: peer.bytes_of(more("of nothing")), 1002),
        (lambda peer: peer.bytes_of(text("x" * (MAX_SIZE + 1))), 1009),
        (lambda peer: peer.bytes_of(text("x" * MAX_SIZE, fin=False), more("x")), 1009),
        (lambda peer: peer.bytes_of(text("bad")), INTERNAL_ERROR),
    ],
    ids=["no UTF-8", "unmasked", "continues nothing", "too big", "too big in pieces", "a bug here"],
)
async def test_a_peer_that_breaks_the_protocol_is_told_why_and_closed(
    stage: Stage, data: Callable[[Peer], bytes], code: int
) -> None:
    # A later message is dropped, in the same piece of data or not: one before it is lost.
    stage.peer.writer.write(
        stage.peer.bytes_of(text("before")) + data(stage.peer) + stage.peer.bytes_of(text("after")),
    )
    assert int.from_bytes((await stage.peer.receive(Opcode.CLOSE))[:2]) == code
    if code == INTERNAL_ERROR:
        # The peer did nothing wrong: the server waits for its close frame.
        stage.peer.send(text("later"), Frame(Opcode.CLOSE, code.to_bytes(2)))
    assert await stage.lost_codes() == [code]
    await stage.peer.until_closed()
    assert stage.handler.frames == ["before"]


async def test_a_peer_that_closes_gets_a_close_frame_and_what_it_sent_before_arrives(stage: Stage) -> None:
    stage.peer.send(text("last words"), Frame(Opcode.CLOSE, (4321).to_bytes(2)))
    assert await stage.lost_codes() == [4321]
    assert await stage.peer.receive(Opcode.CLOSE) == (4321).to_bytes(2)
    await stage.peer.until_closed()
    assert stage.handler.frames == ["last words"]
    stage.socket.write(Encoded(["too late"]))
    stage.socket.close(1000)
    assert stage.handler.lost_codes == [4321]


async def test_a_lost_peer_is_reported_once(stage: Stage) -> None:
    stage.peer.writer.close()
    assert await stage.lost_codes() == [1006]
    assert stage.connections == set()
    for late in (stage.socket.pause, stage.socket.resume, stage.socket.shutdown):
        late()
    assert stage.handler.lost_codes == [1006]


async def test_closing_waits_for_the_peers_close_frame(stage: Stage) -> None:
    stage.socket.write(Encoded(["goodbye"]))
    stage.socket.close(4008, "too slow")
    stage.socket.write(Encoded(["never sent"]))
    assert await stage.peer.receive(Opcode.TEXT) == b"goodbye"
    assert await stage.peer.receive(Opcode.CLOSE) == (4008).to_bytes(2) + b"too slow"
    assert stage.handler.lost_codes == []
    stage.peer.send(Frame(Opcode.CLOSE, (4008).to_bytes(2)))
    assert await stage.lost_codes() == [4008]
    await stage.peer.until_closed()
    assert stage.peer.received == []


async def test_pausing_does_not_hold_up_a_socket_that_is_closing(stage: Stage) -> None:
    stage.socket.close(1000)
    stage.socket.pause()
    stage.peer.send(Frame(Opcode.CLOSE, (1000).to_bytes(2)))
    assert await stage.lost_codes() == [1000]


async def test_a_peer_that_sends_no_close_frame_is_cut_off(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(direct_socket, "_CLOSE_TIMEOUT", 0.01)
    stage.socket.close(1000)
    assert await stage.lost_codes() == [1006]


async def test_a_peer_that_closes_and_reads_nothing_is_cut_off(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(direct_socket, "_CLOSE_TIMEOUT", 0.01)
    while stage.socket.ready:
        stage.socket.write(Encoded(["x" * 1_000_000]))
    stage.socket.data_received(stage.peer.bytes_of(Frame(Opcode.CLOSE, (1000).to_bytes(2))))
    assert stage.handler.lost_codes == [1000]
    async with asyncio.timeout(15):
        await stage.connections.left.wait()


async def test_a_server_that_shuts_down_says_so_and_waits_for_no_peer(stage: Stage) -> None:
    assert stage.connections == {stage.socket}
    stage.socket.shutdown()
    assert stage.handler.lost_codes == [1012]
    assert await stage.peer.receive(Opcode.CLOSE) == (1012).to_bytes(2)
    await stage.peer.until_closed()


async def test_a_peer_that_answers_pings_stays_and_a_silent_one_is_cut_off(stage: Stage) -> None:
    stage.socket.ping_every(0.01, 60.0)
    assert await stage.peer.receive(Opcode.PING) == b""
    stage.socket.ping_every(0.01, 0.01)
    assert await stage.lost_codes() == [1006]


async def test_a_peer_is_not_cut_off_while_it_is_not_read(stage: Stage) -> None:
    stage.socket.pause()
    stage.socket.ping_every(0.01, 0.01)
    for _ in range(3):
        await stage.peer.receive(Opcode.PING)
    assert stage.handler.lost_codes == []


async def test_a_peer_that_answers_is_pinged_again_and_again(stage: Stage) -> None:
    stage.socket.ping_every(0.01, 1.5)
    for _ in range(3):
        await stage.peer.receive(Opcode.PING)
        stage.peer.send(Frame(Opcode.PONG, b""))
    assert stage.handler.lost_codes == []


async def test_the_handler_is_called_when_the_socket_is_ready_again(stage: Stage) -> None:
    much = Encoded(["x" * 1_000_000])
    while stage.socket.ready:
        stage.socket.write(much)
    assert not stage.handler.is_writable.is_set()
    async with asyncio.timeout(15):
        while not stage.handler.is_writable.is_set():
            await stage.peer.receive(Opcode.TEXT)
    assert stage.socket.ready


async def test_a_peer_that_pings_and_does_not_read_is_sent_a_bounded_number_of_pongs(stage: Stage) -> None:
    ping = Frame(Opcode.PING, b"x" * 125)
    many = stage.peer.bytes_of(*[ping] * 1000)
    sent = 0
    transport = stage.transport
    async with asyncio.timeout(60):
        while transport.is_reading():
            stage.peer.writer.write(many)
            sent += 1000
            await asyncio.sleep(0)
            assert transport.get_write_buffer_size() < 2_000_000
    for _ in range(sent):
        assert await stage.peer.receive(Opcode.PONG) == b"x" * 125
    stage.peer.send(text("still there"))
    async with asyncio.timeout(15):
        await stage.handler.has_received.wait()


async def test_nothing_is_read_while_the_socket_is_paused(stage: Stage) -> None:
    stage.socket.pause()
    stage.peer.send(text("later"))
    await asyncio.gather(stage.peer.writer.drain(), *(asyncio.sleep(0) for _ in range(30)))
    assert stage.handler.frames == []
    stage.socket.resume()
    async with asyncio.timeout(15):
        await stage.handler.has_received.wait()
    assert stage.handler.frames == ["later"]
