"""The official Python Socket.IO clients, for tests: they keep every event in order, and wait for events."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import engineio
import socketio

from .cast import Person

TIMEOUT = 20.0


class _OrderedClient(engineio.Client):  # type: ignore[misc] # engineio has no types
    """Handles packets in order: the client would start a thread for each, and attachments could overtake each other."""

    def _trigger_event(self, event: str, *arguments: Any, **options: Any) -> Any:
        return super()._trigger_event(event, *arguments, **{**options, "run_async": False})


class _Client(socketio.Client):  # type: ignore[misc] # socketio has no types
    def _engineio_client_class(self) -> type[_OrderedClient]:
        return _OrderedClient


class InThreads:
    """The client for programs without asyncio, with the interface of the one for asyncio."""

    def __init__(self, *, reconnection: bool = False) -> None:
        self._client = _Client(reconnection=reconnection)
        self._loop = asyncio.get_running_loop()

    def on(self, event: str, handler: Callable[..., Any]) -> None:
        def handle(*arguments: Any) -> None:
            # Waits, as the asyncio client awaits its handler, so that events stay in order.
            asyncio.run_coroutine_threadsafe(handler(*arguments), self._loop).result(TIMEOUT)

        self._client.on(event, handle)

    async def connect(self, *arguments: Any, **options: Any) -> None:
        await asyncio.to_thread(self._client.connect, *arguments, **options)

    async def call(self, *arguments: Any, **options: Any) -> Any:
        return await asyncio.to_thread(self._client.call, *arguments, **options)

    async def emit(self, *arguments: Any, **options: Any) -> None:
        await asyncio.to_thread(self._client.emit, *arguments, **options)

    async def disconnect(self) -> None:
        await asyncio.to_thread(self._client.disconnect)

    def transport(self) -> Any:
        return self._client.transport()


def with_asyncio() -> socketio.AsyncClient:
    return socketio.AsyncClient(reconnection=False)


class SocketClient:
    """One client; `events` has everything received, as (name, data), in order."""

    def __init__(self, make: Callable[[], Any] = with_asyncio, transports: Sequence[str] = ("websocket",)) -> None:
        self.client = make()
        self._transports = list(transports)
        self.events: list[tuple[str, Any]] = []
        self._arrived = asyncio.Condition()
        self.client.on("*", self._keep)
        self.client.on("disconnect", self._on_disconnect)

    async def _keep(self, event: str, data: Any) -> None:
        async with self._arrived:
            self.events.append((event, data))
            self._arrived.notify_all()

    async def _on_disconnect(self, reason: str) -> None:
        await self._keep("disconnect", reason)

    async def open(
        self, url: str, person: Person | None, *, since: dict[str, int] | None = None, **auth: Any
    ) -> dict[str, Any]:
        """Connect and return the data of `ready`."""
        if person:
            auth = {"token": person.token, **auth}
        if since is not None:
            auth["since"] = since
        await self.connect(url, auth)
        ready: dict[str, Any] = await self.wait_for("ready")
        return ready

    async def connect(self, url: str, auth: dict[str, Any], **options: Any) -> None:
        await self.client.connect(url, transports=self._transports, auth=auth, wait_timeout=TIMEOUT, **options)

    async def send(self, event: str, data: Any) -> dict[str, Any]:
        """Emit and return the acknowledgement."""
        acknowledgement: dict[str, Any] = await self.client.call(event, data, timeout=TIMEOUT)
        return acknowledgement

    def all(self, name: str) -> list[Any]:
        return [data for event, data in self.events if event == name]

    async def wait_for(self, name: str, matches: Callable[[Any], bool] = lambda data: True) -> Any:
        """Return the first event of this name that matches, waiting for it if it has not come yet."""

        def found() -> Any:
            return next((data for event, data in self.events if event == name and matches(data)), None)

        await self.wait_until(lambda: found() is not None)
        return found()

    async def wait_until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(TIMEOUT), self._arrived:
            await self._arrived.wait_for(true)


@asynccontextmanager
async def connected(
    url: str, person: Person | None, *, since: dict[str, int] | None = None, **auth: Any
) -> AsyncIterator[SocketClient]:
    """A client that is connected and has had its `ready`."""
    client = SocketClient()
    try:
        await client.open(url, person, since=since, **auth)
        yield client
    finally:
        await client.client.disconnect()
