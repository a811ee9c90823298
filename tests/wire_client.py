"""A client on any of the transports, for tests: it keeps every event in order, and waits for events."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from bench.delivery.transports import TRANSPORT_FACTORIES

from .cast import Person
from .socket_client import TIMEOUT

TRANSPORTS = tuple(TRANSPORT_FACTORIES)


class WireClient:
    """`events` has everything received, as (name, data), in order."""

    def __init__(self, transport: str) -> None:
        self.events: list[tuple[str, Any]] = []
        self.wire = TRANSPORT_FACTORIES[transport](self._keep)
        self._arrived = asyncio.Event()

    def _keep(self, event: str, data: Any = None) -> None:
        self.events.append((event, data))
        self._arrived.set()

    async def send(self, event: str, data: Any) -> dict[str, Any]:
        """Emit and return the acknowledgement."""
        return await self.wire.call(event, data)

    def all(self, name: str) -> list[Any]:
        return [data for event, data in self.events if event == name]

    async def wait_for(self, name: str, matches: Callable[[Any], bool] = lambda data: True) -> Any:
        """Return the first event of this name that matches, waiting for it if it has not come yet."""
        await self.wait_until(lambda: any(matches(data) for data in self.all(name)))
        return next(data for data in self.all(name) if matches(data))

    async def wait_until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(TIMEOUT):
            while not condition():
                self._arrived.clear()
                await self._arrived.wait()


@asynccontextmanager
async def connected_by(
    transport: str, url: str, person: Person, *, since: dict[str, int] | None = None
) -> AsyncIterator[WireClient]:
    """A client that is connected by this transport and has had its `ready`."""
    client = WireClient(transport)
    try:
        await client.wire.open(url, {"token": person.token, **({"since": since} if since else {})})
        await client.wait_for("ready")
        yield client
    finally:
        await client.wire.close()
