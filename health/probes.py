"""Proves that this process serves: a request, and a message over a websocket, each on a real socket and back."""

import asyncio
import json
import logging
import socket
from collections.abc import Awaitable, Callable

from websockets.asyncio.client import connect as connect_websocket
from websockets.exceptions import WebSocketException

from foundation.log_throttle import LogThrottle
from foundation.per_loop import PerLoop
from realtime.transport.request import own_host

from .states import DOWN, OK, UNKNOWN

logger = logging.getLogger(__name__)

# As long as anybody waits for an answer that a busy process is late with.
PROBE_SECONDS = 5.0
_HTTP_PATH, _WEBSOCKET_PATH = "/api/health/live", "/ws/"
# The JSON protocol answers it before anybody has signed in.
_PING, _PONG = '{"event":"ping"}', {"event": "pong"}


class Probes:
    """The states of this process's own protocols, as they were when `run` last returned."""

    def __init__(self) -> None:
        # Returns a socket that this very process serves; None until it is known how.
        self.connect: Callable[[], Awaitable[socket.socket]] | None = None
        self.states = {"http": UNKNOWN, "websocket": UNKNOWN}
        self._log_throttle = LogThrottle()

    async def run(self) -> None:
        """Make both round trips; raises nothing."""
        if self.connect is None:
            return
        states = await asyncio.gather(*(self._state_of(name, probe) for name, probe in _PROBES.items()))
        self.states = dict(zip(_PROBES, states, strict=True))

    async def _state_of(self, name: str, probe: "Probe") -> str:
        assert self.connect
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                with await self.connect() as own:
                    if await probe(own):
                        return OK
            problem = "a wrong answer"
        except (OSError, EOFError, ValueError, WebSocketException) as error:
            problem = repr(error)
        if self._log_throttle.should_log():
            logger.warning("This process does not serve its own %s: %s", name, problem)
        return DOWN


async def _request(own: socket.socket) -> bool:
    reader, writer = await asyncio.open_connection(sock=own)
    try:
        writer.write(f"GET {_HTTP_PATH} HTTP/1.1\r\nHost: {own_host()}\r\nConnection: close\r\n\r\n".encode())
        status = await reader.readline()
        await reader.read()
    finally:
        writer.close()
    return status.split()[1:2] == [b"200"]


async def _exchange(own: socket.socket) -> bool:
    uri = f"ws://{own_host()}{_WEBSOCKET_PATH}"
    async with connect_websocket(
        uri, sock=own, proxy=None, compression=None, ping_interval=None, close_timeout=PROBE_SECONDS
    ) as websocket:
        await websocket.send(_PING)
        answer: object = json.loads(await websocket.recv())
        return answer == _PONG


Probe = Callable[[socket.socket], Awaitable[bool]]
_PROBES: dict[str, Probe] = {"http": _request, "websocket": _exchange}

probes = PerLoop(Probes)
