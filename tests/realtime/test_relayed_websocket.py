"""A websocket whose session lives in another process: frames go there in order, and none after one that was lost."""

import asyncio
from typing import Any

import pytest

from realtime.engineio.cluster import OwnerGone
from realtime.engineio.contract import Settings
from realtime.engineio.relayed_websocket import RelayedWebSocket
from realtime.transport.encoded import RawPacket

from .sockets import NullSocket, run_ready_tasks

pytestmark = pytest.mark.unit


class LossyServer:
    """Forwards to the session's owner, and loses one frame."""

    settings = Settings(25.0, 20.0, 45.0, 10.0, 1_000_000)

    def __init__(self, *, loses: str) -> None:
        self.loses = loses
        self.forwarded: list[RawPacket | None] = []

    async def forward(self, sid: str, frame: RawPacket | None) -> None:
        await asyncio.sleep(0)
        if frame == self.loses:
            raise OwnerGone
        self.forwarded.append(frame)

    async def transport_of(self, sid: str) -> str:
        return "websocket"


async def test_only_the_end_of_the_websocket_is_forwarded_after_a_frame_that_was_lost() -> None:
    server: Any = LossyServer(loses="42")
    relayed = RelayedWebSocket(server, "sid")
    socket = NullSocket(relayed)
    relayed.opened(socket)
    for frame in ("41", "42", "43"):
        relayed.frame_received(frame)
    await run_ready_tasks()
    relayed.frame_received("44")
    await run_ready_tasks()
    assert server.forwarded == ["41"]
    assert socket.close_codes == [1002]
    relayed.lost(1006)
    await run_ready_tasks()
    assert server.forwarded == ["41", None]


async def test_the_end_of_a_websocket_is_forwarded_although_a_frame_before_it_was_lost() -> None:
    server: Any = LossyServer(loses="42")
    relayed = RelayedWebSocket(server, "sid")
    relayed.opened(NullSocket(relayed))
    for frame in ("42", "43"):
        relayed.frame_received(frame)
    relayed.lost(1006)
    await run_ready_tasks()
    assert server.forwarded == [None]
