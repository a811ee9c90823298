"""A websocket that is open: what it hands on, what it writes, and how it ends."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from websockets.frames import Frame, Opcode

from realtime.transport import direct_socket
from realtime.transport.encoded import Encoded
from realtime.transport.websocket import Socket

from .socket_stage import MAX_SIZE, Peer, Stage, staged

INTERNAL_ERROR = 1011


@pytest.fixture
async def stage() -> AsyncIterator[Stage]:
    async with staged() as stage:
        yield stage


def text(data: str, *, fin: bool = True) -> Frame:
    return Frame(Opcode.TEXT, data.encode(), fin)


def more(data: str, *, fin: bool = True) -> Frame:
    return Frame(Opcode.CONT, data.encode(), fin)


async def test_messages_are_handed_on_however_they_come(stage: Stage) -> None:
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
    assert stage.owner.frames == ["whole", "in two or three", b"\xff", ""] * 2
    assert await stage.peer.hear(Opcode.PONG) == b"?"


async def test_the_answer_to_the_handshake_comes_first_and_with_it_what_the_owner_has_to_say(stage: Stage) -> None:
    def greet_and_close(socket: Socket) -> None:
        socket.write(Encoded(["hello", "there"]))
        socket.close(4000)

    stage.owner.begins = greet_and_close
    stage.socket.begin(b"HTTP/1.1 101\r\n\r\n")
    async with asyncio.timeout(15):
        assert await stage.peer.reader.readexactly(16) == b"HTTP/1.1 101\r\n\r\n"
    assert [await stage.peer.hear(Opcode.TEXT) for _ in range(2)] == [b"hello", b"there"]
    assert await stage.peer.hear(Opcode.CLOSE) == (4000).to_bytes(2)


async def test_what_is_written_arrives(stage: Stage) -> None:
    stage.socket.write(Encoded(["ä" * 200]))
    assert (await stage.peer.hear(Opcode.TEXT)).decode() == "ä" * 200


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
async def test_who_sends_what_is_not_allowed_is_told_and_gone(
    stage: Stage, data: Callable[[Peer], bytes], code: int
) -> None:
    # What follows in the same piece, or later, is not handed on: something before it is lost.
    stage.peer.writer.write(
        stage.peer.bytes_of(text("before")) + data(stage.peer) + stage.peer.bytes_of(text("after")),
    )
    assert int.from_bytes((await stage.peer.hear(Opcode.CLOSE))[:2]) == code
    if code == INTERNAL_ERROR:
        # The peer did nothing wrong: its part in closing is waited for.
        stage.peer.send(text("later"), Frame(Opcode.CLOSE, code.to_bytes(2)))
    assert await stage.lost() == [code]
    await stage.peer.until_closed()
    assert stage.owner.frames == ["before"]


async def test_a_peer_that_closes_is_answered_and_what_it_said_before_is_heard(stage: Stage) -> None:
    stage.peer.send(text("last words"), Frame(Opcode.CLOSE, (4321).to_bytes(2)))
    assert await stage.lost() == [4321]
    assert await stage.peer.hear(Opcode.CLOSE) == (4321).to_bytes(2)
    await stage.peer.until_closed()
    assert stage.owner.frames == ["last words"]
    stage.socket.write(Encoded(["too late"]))
    stage.socket.close(1000)
    assert stage.owner.losses == [4321]


async def test_a_peer_that_is_gone_is_told_once(stage: Stage) -> None:
    stage.peer.writer.close()
    assert await stage.lost() == [1006]
    assert stage.siblings == set()
    for late in (stage.socket.pause, stage.socket.resume, stage.socket.shutdown):
        late()
    assert stage.owner.losses == [1006]


async def test_closing_waits_for_the_peers_answer(stage: Stage) -> None:
    stage.socket.write(Encoded(["goodbye"]))
    stage.socket.close(4008, "too slow")
    stage.socket.write(Encoded(["never sent"]))
    assert await stage.peer.hear(Opcode.TEXT) == b"goodbye"
    assert await stage.peer.hear(Opcode.CLOSE) == (4008).to_bytes(2) + b"too slow"
    assert stage.owner.losses == []
    stage.peer.send(Frame(Opcode.CLOSE, (4008).to_bytes(2)))
    assert await stage.lost() == [4008]
    await stage.peer.until_closed()
    assert stage.peer.heard == []


async def test_who_pauses_a_peer_that_is_closing_does_not_hold_it_up(stage: Stage) -> None:
    stage.socket.close(1000)
    stage.socket.pause()
    stage.peer.send(Frame(Opcode.CLOSE, (1000).to_bytes(2)))
    assert await stage.lost() == [1000]


async def test_who_does_not_answer_the_closing_is_cut_off(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(direct_socket, "_CLOSE_SECONDS", 0.01)
    stage.socket.close(1000)
    assert await stage.lost() == [1006]


async def test_who_closes_and_reads_nothing_is_cut_off(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(direct_socket, "_CLOSE_SECONDS", 0.01)
    while stage.socket.ready:
        stage.socket.write(Encoded(["x" * 1_000_000]))
    stage.socket.data_received(stage.peer.bytes_of(Frame(Opcode.CLOSE, (1000).to_bytes(2))))
    assert stage.owner.losses == [1000]
    async with asyncio.timeout(15):
        await stage.gone.wait()


async def test_a_server_that_goes_down_says_so_and_waits_for_nobody(stage: Stage) -> None:
    assert stage.siblings == {stage.socket}
    stage.socket.shutdown()
    assert stage.owner.losses == [1012]
    assert await stage.peer.hear(Opcode.CLOSE) == (1012).to_bytes(2)
    await stage.peer.until_closed()


async def test_a_peer_that_answers_pings_stays_and_a_silent_one_is_cut_off(stage: Stage) -> None:
    stage.socket.ping_every(0.01, 60.0)
    assert await stage.peer.hear(Opcode.PING) == b""
    stage.socket.ping_every(0.01, 0.01)
    assert await stage.lost() == [1006]


async def test_a_peer_that_is_not_read_is_not_taken_for_silent(stage: Stage) -> None:
    stage.socket.pause()
    stage.socket.ping_every(0.01, 0.01)
    for _ in range(3):
        await stage.peer.hear(Opcode.PING)
    assert stage.owner.losses == []


async def test_pings_go_on_while_something_comes(stage: Stage) -> None:
    stage.socket.ping_every(0.01, 1.5)
    for _ in range(3):
        await stage.peer.hear(Opcode.PING)
        stage.peer.send(Frame(Opcode.PONG, b""))
    assert stage.owner.losses == []


async def test_the_owner_is_told_when_there_is_room_again(stage: Stage) -> None:
    much = Encoded(["x" * 1_000_000])
    while stage.socket.ready:
        stage.socket.write(much)
    assert not stage.owner.was_asked.is_set()
    async with asyncio.timeout(15):
        while not stage.owner.was_asked.is_set():
            await stage.peer.hear(Opcode.TEXT)
    assert stage.socket.ready


async def test_a_peer_that_pings_and_does_not_read_is_not_answered_without_end(stage: Stage) -> None:
    ping = Frame(Opcode.PING, b"x" * 125)
    many = stage.peer.bytes_of(*[ping] * 1000)
    sent = 0
    transport = stage.socket._transport
    async with asyncio.timeout(60):
        while transport.is_reading():
            stage.peer.writer.write(many)
            sent += 1000
            await asyncio.sleep(0)
            assert transport.get_write_buffer_size() < 2_000_000
    for _ in range(sent):
        assert await stage.peer.hear(Opcode.PONG) == b"x" * 125
    stage.peer.send(text("still there"))
    async with asyncio.timeout(15):
        await stage.owner.has_heard.wait()


async def test_nothing_is_read_while_it_is_paused(stage: Stage) -> None:
    stage.socket.pause()
    stage.peer.send(text("later"))
    await asyncio.gather(stage.peer.writer.drain(), *(asyncio.sleep(0) for _ in range(30)))
    assert stage.owner.frames == []
    stage.socket.resume()
    async with asyncio.timeout(15):
        await stage.owner.has_heard.wait()
    assert stage.owner.frames == ["later"]
