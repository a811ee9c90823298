"""The transports that a chat client may use, behind one face: Socket.IO by polling, websocket or upgrade, and /ws/."""

import asyncio
import contextlib
import itertools
import json
from collections.abc import Callable
from typing import Any, Protocol

import aiohttp
import engineio.base_client
import socketio
import websockets

OnEvent = Callable[[str, Any], None]
PATIENCE = 10.0


class WireLost(Exception):
    """The wire is gone, or silent for too long: what was under way may or may not have been done."""


class Wire(Protocol):
    """One connection attempt; it is used once. `on_event` is called in the order of arrival."""

    lost: asyncio.Event

    async def open(self, url: str, auth: dict[str, Any]) -> None:
        """Connect; raises `WireLost`."""
        ...

    async def call(self, event: str, data: Any) -> dict[str, Any]:
        """Return the acknowledgement; raises `WireLost`."""
        ...

    async def close(self) -> None:
        """Say goodbye and end."""
        ...

    async def drop(self) -> None:
        """End as a cut cable does."""
        ...


async def _unless_lost(lost: asyncio.Event, work: Any) -> Any:
    """Return what the work returns; raises `WireLost` when the wire goes first, or patience ends."""
    task, gone = asyncio.ensure_future(work), asyncio.create_task(lost.wait())
    try:
        await asyncio.wait({task, gone}, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise WireLost
        return task.result()
    except Exception as error:  # the libraries raise whatever they stumble over when a server dies under them
        raise WireLost from error
    finally:
        for each in (task, gone):
            each.cancel()
        await asyncio.wait({task, gone})


async def _read_refusal(answer: aiohttp.ClientResponse) -> None:
    """Read what the Socket.IO client leaves unread, so that its connection is given back."""
    if answer.status >= 400:
        await answer.read()


class SocketIOWire:
    """The official Python client with the given transports; each of its requests may go to another server."""

    def __init__(self, on_event: OnEvent, transports: list[str]) -> None:
        self.lost = asyncio.Event()
        self._transports = transports
        one_request_each = aiohttp.TCPConnector(force_close=True)
        self._http = aiohttp.ClientSession(
            connector=one_request_each,
            raise_for_status=_read_refusal,
            ws_response_class=self._keep,  # type: ignore[arg-type] # it is only called
        )
        self._websockets: list[aiohttp.ClientWebSocketResponse] = []
        self._client = socketio.AsyncClient(
            reconnection=False, http_session=self._http, request_timeout=PATIENCE, handle_sigint=False
        )
        self._client.on("*", on_event)
        self._client.on("disconnect", self._gone)

    def _gone(self, reason: str) -> None:
        self.lost.set()

    def _keep(self, *arguments: Any, **options: Any) -> aiohttp.ClientWebSocketResponse:
        """Make a websocket that is known here: the client forgets one over which an upgrade came to nothing."""
        self._websockets.append(aiohttp.ClientWebSocketResponse(*arguments, **options))
        return self._websockets[-1]

    async def open(self, url: str, auth: dict[str, Any]) -> None:
        connecting = self._client.connect(url, transports=self._transports, auth=auth, wait_timeout=PATIENCE)
        try:
            await _unless_lost(self.lost, connecting)
        except BaseException:
            await self.drop()
            raise

    async def call(self, event: str, data: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await _unless_lost(self.lost, self._client.call(event, data, timeout=PATIENCE))
        return answer

    async def close(self) -> None:
        with contextlib.suppress(WireLost):
            await _unless_lost(self.lost, self._client.disconnect())
        await self.drop()

    async def drop(self) -> None:
        line = self._client.eio
        line.state = "disconnected"
        # Its loops would open a new session when they find theirs closed.
        loops = [task for task in (line.read_loop_task, line.write_loop_task) if task]
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        with contextlib.suppress(ValueError):
            engineio.base_client.connected_clients.remove(line)
        await self._http.close()
        for websocket in self._websockets:
            # The line is cut by now: nothing is said.
            await websocket.close()
        self.lost.set()


class JsonWire:
    """Plain JSON over a websocket at /ws/."""

    def __init__(self, on_event: OnEvent) -> None:
        self.lost = asyncio.Event()
        self._on_event = on_event
        self._socket: websockets.ClientConnection | None = None
        self._numbers = itertools.count(1)
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._reader: asyncio.Task[None] | None = None

    async def open(self, url: str, auth: dict[str, Any]) -> None:
        address = url.replace("http", "ws", 1) + "/ws/"
        self._socket = await _unless_lost(self.lost, self._connect(address))
        self._reader = asyncio.create_task(self._read(self._socket))
        await self._send(self._socket, {"event": "connect", "data": auth})

    async def _connect(self, address: str) -> websockets.ClientConnection:
        return await websockets.connect(address, ping_interval=None, max_size=None, open_timeout=PATIENCE, proxy=None)

    async def _read(self, socket: websockets.ClientConnection) -> None:
        try:
            async for text in socket:
                frame = json.loads(text)
                if "ack" in frame:
                    answer = self._answers.pop(frame["ack"])
                    if not answer.done():
                        answer.set_result(frame["data"])
                else:
                    self._on_event(frame["event"], frame.get("data"))
        except websockets.WebSocketException:
            pass
        finally:
            self.lost.set()

    async def _send(self, socket: websockets.ClientConnection, frame: dict[str, Any]) -> None:
        await _unless_lost(self.lost, socket.send(json.dumps(frame)))

    async def call(self, event: str, data: Any) -> dict[str, Any]:
        if self._socket is None:
            raise WireLost
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        await self._send(self._socket, {"event": event, "data": data, "ack": number})
        result: dict[str, Any] = await _unless_lost(self.lost, answer)
        return result

    async def close(self) -> None:
        if self._socket:
            with contextlib.suppress(WireLost):
                await _unless_lost(asyncio.Event(), self._socket.close())
        await self.drop()

    async def drop(self) -> None:
        if self._socket:
            self._socket.transport.abort()
        if self._reader:
            self._reader.cancel()
            await asyncio.wait({self._reader})
        self.lost.set()


KINDS: dict[str, Callable[[OnEvent], Wire]] = {
    "polling": lambda on_event: SocketIOWire(on_event, ["polling"]),
    "websocket": lambda on_event: SocketIOWire(on_event, ["websocket"]),
    "upgrade": lambda on_event: SocketIOWire(on_event, ["polling", "websocket"]),
    "ws": JsonWire,
}
