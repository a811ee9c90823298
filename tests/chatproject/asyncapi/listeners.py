"""Clients of both endpoints that record all messages under the keys that the AsyncAPI document has for them."""

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import socketio
import websockets
from socketio.exceptions import ConnectionError as ConnectError

TIMEOUT = 20.0
Auth = dict[str, Any]


class Listener(ABC):
    """`recorded` has the (key in the document, payload) of each message of either side."""

    channel: str

    def __init__(self) -> None:
        self.recorded: list[tuple[str, Any]] = []
        self._changed = asyncio.Condition()

    @abstractmethod
    async def connect(self, url: str, auth: Auth) -> None: ...

    @abstractmethod
    async def call(self, event: str, data: Any) -> dict[str, Any]:
        """Send an event and return its acknowledgement; the event is recorded only if it was accepted."""

    @abstractmethod
    async def emit(self, event: str, data: Any) -> None:
        """Send an event without asking for an acknowledgement."""

    @abstractmethod
    async def close(self) -> None: ...

    @staticmethod
    def data(payload: Any) -> Any:
        """Return the data of an event or an acknowledgement."""
        return payload

    async def record(self, key: str, payload: Any) -> None:
        async with self._changed:
            self.recorded.append((key, payload))
            self._changed.notify_all()

    async def wait_for(self, key: str, condition: Callable[[Any], bool] = lambda data: True) -> Any:
        """Return the data of the first message under the key that satisfies the condition; wait for it if needed."""

        def matching() -> list[Any]:
            datas = (self.data(payload) for recorded_key, payload in self.recorded if recorded_key == key)
            return [data for data in datas if condition(data)]

        async with asyncio.timeout(TIMEOUT), self._changed:
            await self._changed.wait_for(matching)
        return matching()[0]


class SocketIOListener(Listener):
    channel = "socketio"

    def __init__(self) -> None:
        super().__init__()
        self._client = socketio.AsyncClient(reconnection=False)
        self._client.on("*", self._on_event)
        self._client.on("connect_error", self._on_connect_error)

    async def _on_event(self, event: str, data: Any) -> None:
        await self.record(f"server.{event}", data)

    async def _on_connect_error(self, data: Any) -> None:
        await self.record("server.connect_error", data)

    async def connect(self, url: str, auth: Auth) -> None:
        with suppress(ConnectError):
            await self._client.connect(url, transports=["websocket"], auth=auth, wait_timeout=TIMEOUT)
        await self.record("client.connect", auth)

    async def call(self, event: str, data: Any) -> dict[str, Any]:
        reply: dict[str, Any] = await self._client.call(event, data, timeout=TIMEOUT)
        if reply["ok"]:
            await self.record(f"client.{event}", data)
        await self.record(f"reply.{event}", reply)
        return reply

    async def emit(self, event: str, data: Any) -> None:
        await self._client.emit(event, data)

    async def close(self) -> None:
        await self._client.disconnect()


class JsonListener(Listener):
    channel = "json"

    def __init__(self) -> None:
        super().__init__()
        self._sent: dict[str, dict[str, Any]] = {}

    async def connect(self, url: str, auth: Auth) -> None:
        self._socket = await websockets.connect(f"ws{url.removeprefix('http')}/ws/")
        self._reader = asyncio.create_task(self._read())
        await self._send({"event": "connect", "data": auth})

    async def _send(self, frame: dict[str, Any]) -> None:
        await self._socket.send(json.dumps(frame))
        if "ack" not in frame:
            await self.record(f"client.{frame['event']}", frame)

    async def _read(self) -> None:
        async for text in self._socket:
            frame = json.loads(text)
            if sent := self._sent.get(frame.get("ack")):
                if frame["data"]["ok"]:
                    await self.record(f"client.{sent['event']}", sent)
                await self.record(f"reply.{sent['event']}", frame)
            else:
                await self.record(f"server.{frame.get('event')}", frame)

    async def call(self, event: str, data: Any) -> dict[str, Any]:
        ack = str(len(self._sent))
        self._sent[ack] = {"event": event, "data": data, "ack": ack}
        await self._send(self._sent[ack])
        async with asyncio.timeout(TIMEOUT), self._changed:
            await self._changed.wait_for(lambda: self._replies(ack))
        return self._replies(ack)[0]

    def _replies(self, ack: str) -> list[dict[str, Any]]:
        return [frame["data"] for key, frame in self.recorded if key.startswith("reply.") and frame["ack"] == ack]

    async def emit(self, event: str, data: Any) -> None:
        await self._socket.send(json.dumps({"event": event, "data": data}))

    async def ping(self) -> None:
        await self._send({"event": "ping"})

    async def close_code(self) -> str:
        async with asyncio.timeout(TIMEOUT):
            await self._socket.wait_closed()
        return str(self._socket.close_code)

    @staticmethod
    def data(payload: Any) -> Any:
        return payload.get("data")

    async def close(self) -> None:
        await self._socket.close()
        with suppress(websockets.ConnectionClosed):
            await self._reader


@asynccontextmanager
async def connected(endpoint: type[Listener], url: str, **auth: Any) -> AsyncIterator[Listener]:
    listener = endpoint()
    try:
        await listener.connect(url, auth)
        yield listener
    finally:
        await listener.close()
