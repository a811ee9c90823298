"""A websocket that is written to by awaiting: packets leave in order, and none after one that was lost."""

import asyncio

import pytest

from realtime.transport.asgi_socket import AwaitedSocket
from realtime.transport.encoded import Encoded, RawPacket
from realtime.transport.websocket import SocketHandler

from .sockets import NullHandler, run_ready_tasks

pytestmark = pytest.mark.unit


class LossySocket(AwaitedSocket):
    """Fails to send one packet, and could send the next."""

    def __init__(self, handler: SocketHandler, *, loses: str = "") -> None:
        super().__init__(handler)
        self.loses = loses
        self.sent: list[RawPacket] = []
        self.close_codes: list[int] = []

    async def _send(self, packet: RawPacket) -> None:
        await asyncio.sleep(0)
        if packet == self.loses:
            raise ConnectionError
        self.sent.append(packet)

    async def _close(self, code: int, reason: str) -> None:
        self.close_codes.append(code)


async def test_packets_leave_in_order_and_then_it_closes() -> None:
    handler = NullHandler()
    socket = LossySocket(handler)
    socket.write(Encoded(["1", "2"]))
    await run_ready_tasks()
    socket.write(Encoded(["3"]))
    socket.close(1000)
    socket.write(Encoded(["too late"]))
    await run_ready_tasks()
    assert (socket.sent, socket.close_codes) == (["1", "2", "3"], [1000])
    assert handler.writable_calls == 2


async def test_nothing_follows_a_packet_that_was_lost() -> None:
    socket = LossySocket(NullHandler(), loses="2")
    socket.write(Encoded(["1", "2", "3"]))
    await run_ready_tasks()
    socket.write(Encoded(["4"]))
    await run_ready_tasks()
    assert (socket.sent, socket.close_codes) == (["1"], [1011])


async def test_nothing_is_written_after_it_was_stopped() -> None:
    socket = LossySocket(NullHandler())
    socket.write(Encoded(["1"]))
    socket.stop()
    socket.write(Encoded(["2"]))
    await run_ready_tasks()
    assert socket.sent == []
