"""A real server process for a test, and a way to lose the engines behind it."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import psutil

from bin.local.ready import free_port

ROOT = Path(__file__).resolve().parent.parent
# As bin/run serves websockets; any other name of uvicorn's works too, over ASGI.
DIRECT = "realtime.uvicorn_websocket:DirectProtocol"


@dataclass(frozen=True)
class Server:
    url: str
    process: psutil.Process

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def resident_megabytes(self) -> float:
        return float(self.process.memory_info().rss) / 1024**2


def uvicorn(application: str, port: int, *, websockets: str = DIRECT) -> list[str]:
    address = ("--host", "127.0.0.1", "--port", str(port))
    return ["uvicorn", application, *address, "--log-level", "warning", "--ws", websockets]


def uvicorn_over_asgi(application: str, port: int) -> list[str]:
    return uvicorn(application, port, websockets="websockets-sansio")


def daphne(application: str, port: int) -> list[str]:
    return ["daphne", "--bind", "127.0.0.1", "--port", str(port), "--verbosity", "0", application]


@asynccontextmanager
async def serving(
    environment: Mapping[str, str],
    *,
    application: str = "chatproject.asgi:application",
    server: Callable[[str, int], list[str]] = uvicorn,
) -> AsyncIterator[Server]:
    """Run one worker, of uvicorn or another, with these settings on top of the test's own."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *server(application, port)),
        cwd=ROOT,
        env={**os.environ, "PORT": str(port), "LOG_LEVEL": "WARNING", **environment},
    )
    try:
        running = Server(f"http://127.0.0.1:{port}", psutil.Process(process.pid))
        await _until_it_lives(running, process)
        yield running
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 10)
        except TimeoutError:
            process.kill()
            await process.wait()


async def _until_it_lives(server: Server, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(60), httpx.AsyncClient(base_url=server.url) as client:
        while process.returncode is None:
            with suppress(httpx.TransportError):
                if (await client.get("/api/health/live")).is_success:
                    return
            await asyncio.sleep(0.1)
    raise AssertionError(f"the server ended with {process.returncode}")


@dataclass
class Line:
    """A TCP line to an engine, which can be cut, or held so that nothing comes through."""

    url: str
    _server: asyncio.Server
    _target: tuple[str, int]
    _flowing: asyncio.Event = field(default_factory=asyncio.Event)
    _cut: bool = False
    _ends: set[asyncio.StreamWriter] = field(default_factory=set)
    _idle: asyncio.Event = field(default_factory=asyncio.Event)

    def restore(self) -> None:
        self._cut = False
        self._flowing.set()

    def hold(self) -> None:
        self._flowing.clear()

    def cut(self) -> None:
        self._cut = True
        for end in self._ends:
            end.close()

    async def close(self) -> None:
        self.cut()
        self._server.close()
        await self._idle.wait()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._cut:
            writer.close()
            return
        engine_reader, engine_writer = await asyncio.open_connection(*self._target)
        ends = {writer, engine_writer}
        self._ends |= ends
        self._idle.clear()
        try:
            await asyncio.gather(self._copy(reader, engine_writer), self._copy(engine_reader, writer))
        finally:
            for end in ends:
                end.close()
            self._ends -= ends
            if not self._ends:
                self._idle.set()

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                while not self._flowing.is_set() and not self._cut:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._flowing.wait(), 0.1)
                writer.write(data)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def line_to(engine_url: str) -> AsyncIterator[Line]:
    """Open a line to an engine; `url` is the engine's with the line's address in it."""
    address = urlsplit(engine_url)
    target = (address.hostname or "127.0.0.1", address.port or 0)
    port = free_port()
    line: Line

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await line.carry(reader, writer)

    server = await asyncio.start_server(carry, "127.0.0.1", port)
    url = address._replace(netloc=address.netloc.replace(f"{target[0]}:{target[1]}", f"127.0.0.1:{port}")).geturl()
    line = Line(url, server, target)
    line.restore()
    line._idle.set()
    try:
        yield line
    finally:
        await line.close()
