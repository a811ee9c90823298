"""A TCP proxy that can cut or stall its connections: before an engine, or before several servers as a load balancer."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bin.local.ready import LOCALHOST, free_port

Address = tuple[str, int]
Gates = tuple[asyncio.Event, asyncio.Event]


def _open_gates() -> Gates:
    gates = asyncio.Event(), asyncio.Event()
    for gate in gates:
        gate.set()
    return gates


@dataclass
class TcpProxy:
    """Forwards connections round-robin to the upstreams, skipping one that refuses; `url` is the proxy's own."""

    url: str
    _server: asyncio.Server
    _upstreams: Sequence[Address]
    # Cleared gates stall their connections, one for requests and one for replies. New connections use the last two, so
    # that older ones can stall alone.
    _gates: list[Gates] = field(default_factory=lambda: [_open_gates()])
    _stalling: asyncio.Event = field(default_factory=asyncio.Event)
    _is_cut: bool = False
    _writers: set[asyncio.StreamWriter] = field(default_factory=set)
    _idle: asyncio.Event = field(default_factory=asyncio.Event)
    _next_upstream: int = 0

    def restore(self) -> None:
        """Accept and forward again."""
        self._is_cut = False
        self._stalling.clear()
        for gates in self._gates:
            for gate in gates:
                gate.set()

    def stall(self) -> None:
        """Forward no data until `restore`; connections stay open."""
        for gates in self._gates:
            for gate in gates:
                gate.clear()

    def stall_replies(self) -> None:
        """Forward requests, but no data from the upstreams, until `restore`."""
        for _, replies in self._gates:
            replies.clear()

    def stall_open_connections(self) -> None:
        """Forward no data on the connections that are open now until `restore`; new ones work."""
        self.stall()
        self._gates.append(_open_gates())

    async def wait_until_stalling(self) -> None:
        """Wait until data has arrived that is not forwarded."""
        await self._stalling.wait()

    def cut(self) -> None:
        """Close every connection, and new ones at once, until `restore`."""
        self._is_cut = True
        for writer in self._writers:
            writer.close()

    def redirect_to(self, *urls: str) -> None:
        """Forward new connections to these upstreams instead."""
        self._upstreams = _addresses(urls)

    async def close(self) -> None:
        self.cut()
        self._server.close()
        await self._idle.wait()

    async def forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream = None if self._is_cut else await self._connect()
        if upstream is None:
            writer.close()
            return
        upstream_reader, upstream_writer = upstream
        writers = {writer, upstream_writer}
        self._writers |= writers
        self._idle.clear()
        try:
            requests, replies = self._gates[-1]
            await asyncio.gather(
                self._copy(reader, upstream_writer, requests), self._copy(upstream_reader, writer, replies)
            )
        finally:
            for each in writers:
                each.close()
            self._writers -= writers
            if not self._writers:
                self._idle.set()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for _ in self._upstreams:
            self._next_upstream += 1
            with suppress(OSError):
                return await asyncio.open_connection(*self._upstreams[self._next_upstream % len(self._upstreams)])
        return None

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gate: asyncio.Event) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                while not gate.is_set() and not self._is_cut:
                    self._stalling.set()
                    with suppress(TimeoutError):
                        await asyncio.wait_for(gate.wait(), 0.1)
                writer.write(data)
                await writer.drain()
        writer.close()


def _addresses(urls: Iterable[str]) -> list[Address]:
    return [(address.hostname or LOCALHOST, address.port or 0) for address in map(urlsplit, urls)]


@asynccontextmanager
async def proxy_to(*urls: str) -> AsyncIterator[TcpProxy]:
    """Run a proxy to an engine, or to several servers; its `url` is the first of `urls` with the proxy's address."""
    first, upstreams = urlsplit(urls[0]), _addresses(urls)
    port = free_port()
    proxy: TcpProxy

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await proxy.forward(reader, writer)

    server = await asyncio.start_server(forward, LOCALHOST, port)
    netloc = first.netloc.replace("{}:{}".format(*upstreams[0]), f"{LOCALHOST}:{port}")
    proxy = TcpProxy(first._replace(netloc=netloc).geturl(), server, upstreams)
    proxy.restore()
    proxy._idle.set()
    try:
        yield proxy
    finally:
        await proxy.close()
