"""Sends hostile frames and packets over websockets that live on, or are closed as the protocols say."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from .stage import Stage


async def send_frames(stage: Stage, frames: Iterable[str]) -> None:
    """Send each frame over a connection to `/ws/` that lives, and wait for its answer, which is short."""

    async def answered(socket: ClientConnection) -> None:
        await socket.send('{"event":"ping"}')
        while json.loads(answer := str(await socket.recv())).get("event") != "pong":
            assert len(answer) < 5_000

    await _send_all(stage.json_socket, frames, answered)


async def send_packets(stage: Stage, packets: Iterable[str | bytes]) -> None:
    """Send each packet over a connection of Socket.IO that lives; an event that is not there is answered after it."""

    async def answered(socket: ClientConnection) -> None:
        await socket.send('42777["nothing"]')
        while not (answer := str(await socket.recv())).startswith("43777["):
            assert len(answer) < 5_000

    await _send_all(stage.socketio, packets, answered)


async def _send_all(
    connect: Callable[[], Awaitable[ClientConnection]],
    frames: Iterable[str | bytes],
    answered: Callable[[ClientConnection], Awaitable[None]],
) -> None:
    socket = await connect()
    for frame in frames:
        try:
            async with asyncio.timeout(20):
                await socket.send(frame)
                await answered(socket)
        except ConnectionClosed as closed:
            assert closed.rcvd is None or closed.rcvd.code in (1000, 1002, 1007, 1009)  # noqa: PT017 - it may be closed, or not
            socket = await connect()
    await socket.close()
