"""A client at either socket door that keeps all that was said, filed as the AsyncAPI document files its messages."""

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import socketio
import websockets
from socketio.exceptions import ConnectionError as Refused

PATIENCE = 20.0
Auth = dict[str, Any]


class Listener(ABC):
    """`heard` holds (message's key in the document, payload) of all that was said by either side."""

    channel: str

    def __init__(self) -> None:
        self.heard: list[tuple[str, Any]] = []
        self._news = asyncio.Condition()

    @abstractmethod
    async def connect(self, url: str, auth: Auth) -> None: ...

    @abstractmethod
    async def ask(self, event: str, data: Any) -> dict[str, Any]:
        """Send an event and return its answer; what was sent is filed only when it was not refused."""

    @abstractmethod
    async def tell(self, event: str, data: Any) -> None:
        """Send an event without asking for an answer."""

    @abstractmethod
    async def close(self) -> None: ...

    @staticmethod
    def data(payload: Any) -> Any:
        """Return what an event or an answer carries."""
        return payload

    async def keep(self, key: str, payload: Any) -> None:
        async with self._news:
            self.heard.append((key, payload))
            self._news.notify_all()

    async def until(self, key: str, true: Callable[[Any], bool] = lambda data: True) -> Any:
        """Return what the first such message carries, waiting for it if it has not come yet."""

        def found() -> list[Any]:
            carried = (self.data(payload) for filed, payload in self.heard if filed == key)
            return [data for data in carried if true(data)]

        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(found)
        return found()[0]


class SocketIOListener(Listener):
    channel = "socketio"

    def __init__(self) -> None:
        super().__init__()
        self._client = socketio.AsyncClient(reconnection=False)
        self._client.on("*", self._on_event)
        self._client.on("connect_error", self._on_refusal)

    async def _on_event(self, event: str, data: Any) -> None:
        await self.keep(f"server.{event}", data)

    async def _on_refusal(self, data: Any) -> None:
        await self.keep("server.connect_error", data)

    async def connect(self, url: str, auth: Auth) -> None:
        with suppress(Refused):
            await self._client.connect(url, transports=["websocket"], auth=auth, wait_timeout=PATIENCE)
        await self.keep("client.connect", auth)

    async def ask(self, event: str, data: Any) -> dict[str, Any]:
        answer: dict[str, Any] = await self._client.call(event, data, timeout=PATIENCE)
        if answer["ok"]:
            await self.keep(f"client.{event}", data)
        await self.keep(f"answer.{event}", answer)
        return answer

    async def tell(self, event: str, data: Any) -> None:
        await self._client.emit(event, data)

    async def close(self) -> None:
        await self._client.disconnect()


class JsonListener(Listener):
    channel = "json"

    def __init__(self) -> None:
        super().__init__()
        self._asked: dict[str, dict[str, Any]] = {}

    async def connect(self, url: str, auth: Auth) -> None:
        self._socket = await websockets.connect(f"ws{url.removeprefix('http')}/ws/")
        self._reader = asyncio.create_task(self._read())
        await self._send({"event": "connect", "data": auth})

    async def _send(self, frame: dict[str, Any]) -> None:
        await self._socket.send(json.dumps(frame))
        if "ack" not in frame:
            await self.keep(f"client.{frame['event']}", frame)

    async def _read(self) -> None:
        async for text in self._socket:
            frame = json.loads(text)
            if asked := self._asked.get(frame.get("ack")):
                if frame["data"]["ok"]:
                    await self.keep(f"client.{asked['event']}", asked)
                await self.keep(f"answer.{asked['event']}", frame)
            else:
                await self.keep(f"server.{frame.get('event')}", frame)

    async def ask(self, event: str, data: Any) -> dict[str, Any]:
        ack = str(len(self._asked))
        self._asked[ack] = {"event": event, "data": data, "ack": ack}
        await self._send(self._asked[ack])
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(lambda: self._answer(ack))
        return self._answer(ack)[0]

    def _answer(self, ack: str) -> list[dict[str, Any]]:
        return [frame["data"] for key, frame in self.heard if key.startswith("answer.") and frame["ack"] == ack]

    async def tell(self, event: str, data: Any) -> None:
        await self._socket.send(json.dumps({"event": event, "data": data}))

    async def ping(self) -> None:
        await self._send({"event": "ping"})

    async def closed_with(self) -> str:
        async with asyncio.timeout(PATIENCE):
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
async def listening(door: type[Listener], url: str, **auth: Any) -> AsyncIterator[Listener]:
    listener = door()
    try:
        await listener.connect(url, auth)
        yield listener
    finally:
        await listener.close()
