"""A websocket here of a session elsewhere: what comes in goes there in order, and nothing after what was lost."""

import asyncio
from typing import Any

from realtime.engineio.cluster import OwnerGone
from realtime.engineio.contract import Settings
from realtime.engineio.websocket import RelayedWebSocket
from realtime.transport.encoded import RawPacket
from realtime.transport.websocket import AwaitedSocket


class Elsewhere:
    """The way to the session's owner; it loses one frame."""

    settings = Settings(25.0, 20.0, 45.0, 10.0, 1_000_000)

    def __init__(self, *, loses: str) -> None:
        self.loses = loses
        self.arrived: list[RawPacket | None] = []

    async def forward(self, sid: str, packet: RawPacket | None) -> None:
        await asyncio.sleep(0)
        if packet == self.loses:
            raise OwnerGone
        self.arrived.append(packet)

    async def transport_of(self, sid: str) -> str:
        return "websocket"


class Socket(AwaitedSocket):
    def __init__(self, owner: Any) -> None:
        super().__init__(owner)
        self.closed_with: list[int] = []

    async def _send(self, packet: RawPacket) -> None: ...

    async def _close(self, code: int, reason: str) -> None:
        self.closed_with.append(code)


async def all_that_can_go_on() -> None:
    for _ in range(30):
        await asyncio.sleep(0)


async def test_nothing_follows_a_frame_that_was_lost_but_that_the_websocket_is_gone() -> None:
    server: Any = Elsewhere(loses="42")
    carrier = RelayedWebSocket(server, "sid")
    socket = Socket(carrier)
    carrier.opened(socket)
    for frame in ("41", "42", "43"):
        carrier.frame_received(frame)
    await all_that_can_go_on()
    carrier.frame_received("44")
    await all_that_can_go_on()
    assert server.arrived == ["41"]
    assert socket.closed_with == [1002]
    carrier.lost(1006)
    await all_that_can_go_on()
    assert server.arrived == ["41", None]


async def test_a_websocket_that_went_before_the_loss_is_told_of_as_well() -> None:
    server: Any = Elsewhere(loses="42")
    carrier = RelayedWebSocket(server, "sid")
    carrier.opened(Socket(carrier))
    for frame in ("42", "43"):
        carrier.frame_received(frame)
    carrier.lost(1006)
    await all_that_can_go_on()
    assert server.arrived == [None]
