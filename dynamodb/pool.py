"""The connections to the endpoint: so many at a time, kept open, the one used last is used next."""

import asyncio
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from .connection import Answer, HttpConnection
from .errors import NoResponse, Stale

# One that lay idle longer may be gone without a word, as behind a NAT.
MAX_IDLE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the service answers; `host` is the request header's."""

    address: str
    port: int
    host: str
    tls: ssl.SSLContext | None = None

    @classmethod
    def of(cls, url: str, authorities: str | None = None) -> "Endpoint":
        """Return the endpoint at this URL; `authorities` is a file of certificates to trust."""
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        address = parts.hostname or ""
        name = f"[{address}]" if ":" in address else address
        host = f"{name}:{parts.port}" if parts.port not in (None, 443 if secure else 80) else name
        return cls(address, port, host, ssl.create_default_context(cafile=authorities) if secure else None)


class Pool:
    """Requests over `size` wait for a connection, in the order in which they came."""

    def __init__(self, endpoint: Endpoint, *, size: int, connect_seconds: float, read_seconds: float) -> None:
        self.endpoint = endpoint
        self._connect_seconds, self._read_seconds = connect_seconds, read_seconds
        self._places = asyncio.Semaphore(size)
        self._idle: list[HttpConnection] = []

    async def exchange(self, request: bytes) -> Answer:
        """Send a request and return its answer; raises `NoResponse`.

        Where a kept connection turns out to have ended while it was idle, the request goes out at once on a new one.
        """
        async with self._places:
            if kept := self._kept():
                try:
                    return await self._exchange_on(kept, request)
                except Stale:
                    pass
            return await self._exchange_on(await self._open(), request)

    def close(self) -> None:
        for connection in self._idle:
            connection.abort()
        self._idle.clear()

    def _kept(self) -> HttpConnection | None:
        oldest = asyncio.get_running_loop().time() - MAX_IDLE_SECONDS
        while self._idle:
            connection = self._idle.pop()
            if connection.usable and connection.idle_since >= oldest:
                return connection
            connection.abort()
        return None

    async def _open(self) -> HttpConnection:
        loop, end = asyncio.get_running_loop(), self.endpoint
        try:
            async with asyncio.timeout(self._connect_seconds):
                _, connection = await loop.create_connection(HttpConnection, end.address, end.port, ssl=end.tls)
                return connection
        except OSError as error:  # TimeoutError is one
            raise NoResponse(f"no connection ({error or 'timed out'})") from error

    async def _exchange_on(self, connection: HttpConnection, request: bytes) -> Answer:
        answer = await connection.exchange(request, seconds=self._read_seconds)
        if connection.usable:
            connection.idle_since = asyncio.get_running_loop().time()
            self._idle.append(connection)
        return answer
