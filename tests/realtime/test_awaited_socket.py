"""A websocket that is written to by awaiting: in order, and nothing after what was lost."""

import asyncio

from realtime.transport.encoded import Encoded, RawPacket
from realtime.transport.websocket import AwaitedSocket, Socket


class Owner:
    def __init__(self) -> None:
        self.asked = 0

    def opened(self, socket: Socket) -> None: ...

    def frame_received(self, frame: RawPacket) -> None: ...

    def writable(self) -> None:
        self.asked += 1

    def lost(self, code: int) -> None: ...


class Breaking(AwaitedSocket):
    """Loses one packet, and could take the next."""

    def __init__(self, owner: Owner, *, loses: str = "") -> None:
        super().__init__(owner)
        self.loses = loses
        self.sent: list[RawPacket] = []
        self.closed_with: list[int] = []

    async def _send(self, packet: RawPacket) -> None:
        await asyncio.sleep(0)
        if packet == self.loses:
            raise ConnectionError
        self.sent.append(packet)

    async def _close(self, code: int, reason: str) -> None:
        self.closed_with.append(code)


async def all_that_can_go_on() -> None:
    for _ in range(30):
        await asyncio.sleep(0)


async def test_what_was_written_leaves_in_order_and_then_it_closes() -> None:
    owner = Owner()
    socket = Breaking(owner)
    socket.write(Encoded(["1", "2"]))
    await all_that_can_go_on()
    socket.write(Encoded(["3"]))
    socket.close(1000)
    socket.write(Encoded(["too late"]))
    await all_that_can_go_on()
    assert (socket.sent, socket.closed_with) == (["1", "2", "3"], [1000])
    assert owner.asked == 2


async def test_nothing_follows_a_packet_that_was_lost() -> None:
    socket = Breaking(Owner(), loses="2")
    socket.write(Encoded(["1", "2", "3"]))
    await all_that_can_go_on()
    socket.write(Encoded(["4"]))
    await all_that_can_go_on()
    assert socket.sent == ["1"]


async def test_who_is_gone_is_written_nothing_more() -> None:
    socket = Breaking(Owner())
    socket.write(Encoded(["1"]))
    socket.gone()
    socket.write(Encoded(["2"]))
    await all_that_can_go_on()
    assert socket.sent == []
