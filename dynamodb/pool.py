"""A pool of keep-alive connections to the endpoint; the most recently used one is used next."""

import asyncio
import ssl
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from foundation.pools import PoolFigures

from .connection import HttpConnection, Response
from .errors import NoResponse, StaleConnection

# After a longer idle time a NAT may have dropped the connection without notice.
MAX_IDLE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The service's address; `host` is the value of the Host header."""

    address: str
    port: int
    host: str
    tls: ssl.SSLContext | None = None

    @classmethod
    def from_url(cls, url: str, ca_bundle: str | None = None) -> "Endpoint":
        """Return the endpoint at this URL; `ca_bundle` is the path of a file of trusted certificates."""
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        address = parts.hostname or ""
        name = f"[{address}]" if ":" in address else address
        host = f"{name}:{parts.port}" if parts.port not in (None, 443 if secure else 80) else name
        return cls(address, port, host, ssl.create_default_context(cafile=ca_bundle) if secure else None)


class ConnectionPool:
    """At most `size` requests are in flight; further ones wait, first come, first served. Timeouts are in seconds."""

    def __init__(self, endpoint: Endpoint, *, size: int, connect_timeout: float, read_timeout: float) -> None:
        self.endpoint = endpoint
        self._connect_timeout, self._read_timeout = connect_timeout, read_timeout
        self._slots = asyncio.Semaphore(size)
        self._size, self._busy = size, 0
        self._idle: list[HttpConnection] = []

    @property
    def idle_count(self) -> int:
        """The number of idle connections that are still open, as far as this side knows."""
        return sum(connection.usable for connection in self._idle)

    def figures(self) -> PoolFigures:
        """Return how many connections there are; each one in use carries one request."""
        return PoolFigures(self._busy + self.idle_count, self._busy, self._size)

    async def send(self, request: bytes) -> Response:
        """Return the response; raises `NoResponse`.

        If an idle connection turns out to have been closed by the server, the request is sent again on a new one.
        """
        async with self._slots:
            self._busy += 1
            try:
                return await self._send(request)
            finally:
                self._busy -= 1

    async def _send(self, request: bytes) -> Response:
        if idle := self._pop_idle():
            try:
                return await self._send_on(idle, request)
            except StaleConnection:
                return replace(await self._send_on(await self._connect(), request), resent=True)
        return await self._send_on(await self._connect(), request)

    def close(self) -> None:
        for connection in self._idle:
            connection.abort()
        self._idle.clear()

    def _pop_idle(self) -> HttpConnection | None:
        oldest = asyncio.get_running_loop().time() - MAX_IDLE_SECONDS
        while self._idle:
            connection = self._idle.pop()
            if connection.usable and connection.idle_since >= oldest:
                return connection
            connection.abort()
        return None

    async def _connect(self) -> HttpConnection:
        loop, endpoint = asyncio.get_running_loop(), self.endpoint
        try:
            async with asyncio.timeout(self._connect_timeout):
                _, connection = await loop.create_connection(
                    HttpConnection, endpoint.address, endpoint.port, ssl=endpoint.tls
                )
                return connection
        except OSError as error:  # TimeoutError is a subclass
            raise NoResponse(f"no connection ({error or 'timed out'})") from error

    async def _send_on(self, connection: HttpConnection, request: bytes) -> Response:
        response = await connection.send(request, read_timeout=self._read_timeout)
        if connection.usable:
            connection.idle_since = asyncio.get_running_loop().time()
            self._idle.append(connection)
        return response
