"""One interface for the transports of a chat client: Socket.IO by polling, websocket or upgrade, and JSON at /ws/."""

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
TIMEOUT = 10.0


class ConnectionLost(Exception):
    """The connection broke or timed out: requests in flight may or may not have taken effect."""


class Transport(Protocol):
    """One connection, which is opened once; it calls `on_event` for each event in order."""

    lost: asyncio.Event

    async def open(self, url: str, auth: dict[str, Any]) -> None:
        """Connect; raises `ConnectionLost`."""
        ...

    async def call(self, event: str, data: Any) -> dict[str, Any]:
        """Return the acknowledgement; raises `ConnectionLost`."""
        ...

    async def close(self) -> None:
        """Close the connection properly."""
        ...

    async def drop(self) -> None:
        """Break the connection without a closing handshake."""
        ...


async def _unless_lost(lost: asyncio.Event, operation: Any) -> Any:
    """Return the operation's result; raises `ConnectionLost` when `lost` is set first, or after `TIMEOUT`."""
    task, connection_lost = asyncio.ensure_future(operation), asyncio.create_task(lost.wait())
    try:
        await asyncio.wait({task, connection_lost}, timeout=TIMEOUT, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ConnectionLost
        return task.result()
    except Exception as error:  # the libraries raise all kinds of errors when a server dies
        raise ConnectionLost from error
    finally:
        for each in (task, connection_lost):
            each.cancel()
        await asyncio.wait({task, connection_lost})


async def _read_error_body(response: aiohttp.ClientResponse) -> None:
    """Read the body that the Socket.IO client leaves unread; until then aiohttp does not release the connection."""
    if response.status >= 400:
        await response.read()


class SocketIOTransport:
    """The official Python client with the given transports; behind a balancer each request may reach another server."""

    def __init__(self, on_event: OnEvent, transports: list[str]) -> None:
        self.lost = asyncio.Event()
        self._transports = transports
        one_request_per_connection = aiohttp.TCPConnector(force_close=True)
        self._http = aiohttp.ClientSession(
            connector=one_request_per_connection,
            raise_for_status=_read_error_body,
            ws_response_class=self._new_websocket,  # type: ignore[arg-type] # aiohttp only calls it
        )
        self._websockets: list[aiohttp.ClientWebSocketResponse] = []
        self._client = socketio.AsyncClient(
            reconnection=False, http_session=self._http, request_timeout=TIMEOUT, handle_sigint=False
        )
        self._client.on("*", on_event)
        self._client.on("disconnect", self._on_disconnect)

    def _on_disconnect(self, reason: str) -> None:
        self.lost.set()

    def _new_websocket(self, *arguments: Any, **options: Any) -> aiohttp.ClientWebSocketResponse:
        """Create a websocket and keep it, to close it in `drop`: the client forgets one whose upgrade failed."""
        self._websockets.append(aiohttp.ClientWebSocketResponse(*arguments, **options))
        return self._websockets[-1]

    async def open(self, url: str, auth: dict[str, Any]) -> None:
        connecting = self._client.connect(url, transports=self._transports, auth=auth, wait_timeout=TIMEOUT)
        try:
            await _unless_lost(self.lost, connecting)
        except BaseException:
            await self.drop()
            raise

    async def call(self, event: str, data: Any) -> dict[str, Any]:
        ack: dict[str, Any] = await _unless_lost(self.lost, self._client.call(event, data, timeout=TIMEOUT))
        return ack

    async def close(self) -> None:
        with contextlib.suppress(ConnectionLost):
            await _unless_lost(self.lost, self._client.disconnect())
        await self.drop()

    async def drop(self) -> None:
        engine = self._client.eio
        engine.state = "disconnected"
        # Otherwise the loops would see the closed session and open a new one.
        loops = [task for task in (engine.read_loop_task, engine.write_loop_task) if task]
        for loop in loops:
            loop.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        with contextlib.suppress(ValueError):
            engineio.base_client.connected_clients.remove(engine)
        await self._http.close()
        for websocket in self._websockets:
            # The TCP connection is closed by now, so this sends no close frame.
            await websocket.close()
        self.lost.set()


class JsonTransport:
    """Plain JSON over a websocket at /ws/."""

    def __init__(self, on_event: OnEvent) -> None:
        self.lost = asyncio.Event()
        self._on_event = on_event
        self._socket: websockets.ClientConnection | None = None
        self._ack_ids = itertools.count(1)
        self._pending: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._reader: asyncio.Task[None] | None = None

    async def open(self, url: str, auth: dict[str, Any]) -> None:
        address = url.replace("http", "ws", 1) + "/ws/"
        socket = await _unless_lost(self.lost, self._connect(address))
        self._reader = asyncio.create_task(self._read(socket))
        await self._send(socket, {"event": "connect", "data": auth})

    async def _connect(self, address: str) -> websockets.ClientConnection:
        connecting = websockets.connect(address, ping_interval=None, max_size=None, open_timeout=TIMEOUT, proxy=None)
        # Kept here, not in `open`: a cancelled `open` would lose a connection that was just established.
        self._socket = await connecting
        return self._socket

    async def _read(self, socket: websockets.ClientConnection) -> None:
        try:
            async for text in socket:
                frame = json.loads(text)
                if "ack" in frame:
                    ack = self._pending.pop(frame["ack"])
                    if not ack.done():
                        ack.set_result(frame["data"])
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
            raise ConnectionLost
        ack_id = next(self._ack_ids)
        ack = self._pending[ack_id] = asyncio.get_running_loop().create_future()
        await self._send(self._socket, {"event": event, "data": data, "ack": ack_id})
        result: dict[str, Any] = await _unless_lost(self.lost, ack)
        return result

    async def close(self) -> None:
        if self._socket:
            with contextlib.suppress(ConnectionLost):
                await _unless_lost(asyncio.Event(), self._socket.close())
        await self.drop()

    async def drop(self) -> None:
        if self._socket:
            self._socket.transport.abort()
        if self._reader:
            self._reader.cancel()
            await asyncio.wait({self._reader})
        self.lost.set()


TRANSPORT_FACTORIES: dict[str, Callable[[OnEvent], Transport]] = {
    "polling": lambda on_event: SocketIOTransport(on_event, ["polling"]),
    "websocket": lambda on_event: SocketIOTransport(on_event, ["websocket"]),
    "upgrade": lambda on_event: SocketIOTransport(on_event, ["polling", "websocket"]),
    "ws": JsonTransport,
}
