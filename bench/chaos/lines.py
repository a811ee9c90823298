"""TCP lines that can be cut or held: to an engine, so that it is lost, or to several servers in turn, as a balancer."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from bin.local.ready import LOCALHOST, free_port

Target = tuple[str, int]


@dataclass
class Line:
    """Each connection goes to the next of the targets that takes it; `url` is where the line begins."""

    url: str
    _server: asyncio.Server
    _targets: Sequence[Target]
    # Closed, a gate lets nothing through; a connection goes through the gate that was the newest when it came.
    _gates: list[asyncio.Event] = field(default_factory=lambda: [asyncio.Event()])
    _holding: asyncio.Event = field(default_factory=asyncio.Event)
    _cut: bool = False
    _ends: set[asyncio.StreamWriter] = field(default_factory=set)
    _idle: asyncio.Event = field(default_factory=asyncio.Event)
    _turn: int = 0

    def restore(self) -> None:
        self._cut = False
        self._holding.clear()
        for gate in self._gates:
            gate.set()

    def hold(self) -> None:
        """Let nothing through until `restore`."""
        for gate in self._gates:
            gate.clear()

    def hold_standing(self) -> None:
        """Let nothing through on the connections that stand, until `restore`; new ones flow."""
        self.hold()
        self._gates.append(asyncio.Event())
        self._gates[-1].set()

    async def holds_something(self) -> None:
        """Wait until something has come that is not let through."""
        await self._holding.wait()

    def cut(self) -> None:
        self._cut = True
        for end in self._ends:
            end.close()

    def lead_to(self, *urls: str) -> None:
        """Lead what comes from now on elsewhere."""
        self._targets = _targets_of(urls)

    async def close(self) -> None:
        self.cut()
        self._server.close()
        await self._idle.wait()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        found = None if self._cut else await self._connect()
        if found is None:
            writer.close()
            return
        far_reader, far_writer = found
        ends = {writer, far_writer}
        self._ends |= ends
        self._idle.clear()
        try:
            gate = self._gates[-1]
            await asyncio.gather(self._copy(reader, far_writer, gate), self._copy(far_reader, writer, gate))
        finally:
            for end in ends:
                end.close()
            self._ends -= ends
            if not self._ends:
                self._idle.set()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        for _ in self._targets:
            self._turn += 1
            with suppress(OSError):
                return await asyncio.open_connection(*self._targets[self._turn % len(self._targets)])
        return None

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, gate: asyncio.Event) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                while not gate.is_set() and not self._cut:
                    self._holding.set()
                    with suppress(TimeoutError):
                        await asyncio.wait_for(gate.wait(), 0.1)
                writer.write(data)
                await writer.drain()
        writer.close()


def _targets_of(urls: Iterable[str]) -> list[Target]:
    return [(address.hostname or LOCALHOST, address.port or 0) for address in map(urlsplit, urls)]


@asynccontextmanager
async def line_to(*urls: str) -> AsyncIterator[Line]:
    """Open a line to an engine, or to several servers in turn; its `url` is the first one with the line's address."""
    first, targets = urlsplit(urls[0]), _targets_of(urls)
    port = free_port()
    line: Line

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await line.carry(reader, writer)

    server = await asyncio.start_server(carry, LOCALHOST, port)
    begin = first.netloc.replace("{}:{}".format(*targets[0]), f"{LOCALHOST}:{port}")
    line = Line(first._replace(netloc=begin).geturl(), server, targets)
    line.restore()
    line._idle.set()
    try:
        yield line
    finally:
        await line.close()
