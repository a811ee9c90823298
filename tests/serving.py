"""Server processes for tests."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from bin.local.ready import free_port
from bin.local.serve import DIRECT_WEBSOCKETS, FAST_PATH, OWN_CLIENT_ADDRESSES, UNCOMPRESSED

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Server:
    """A server that responds at `url`."""

    url: str
    process: psutil.Process

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def resident_megabytes(self) -> float:
        return float(self.process.memory_info().rss) / 1024**2


def uvicorn(application: str, port: int, *, protocols: Sequence[str] = (*FAST_PATH, *DIRECT_WEBSOCKETS)) -> list[str]:
    address = ("--host", "127.0.0.1", "--port", str(port))
    return [
        "uvicorn",
        application,
        *address,
        "--log-level",
        "warning",
        *UNCOMPRESSED,
        *OWN_CLIENT_ADDRESSES,
        *protocols,
    ]


def uvicorn_without_fast_path(application: str, port: int) -> list[str]:
    return uvicorn(application, port, protocols=DIRECT_WEBSOCKETS)


def uvicorn_over_asgi(application: str, port: int) -> list[str]:
    return uvicorn(application, port, protocols=("--ws", "websockets-sansio"))


def daphne(application: str, port: int) -> list[str]:
    return ["daphne", "--bind", "127.0.0.1", "--port", str(port), "--verbosity", "0", application]


@asynccontextmanager
async def serving(
    environment: Mapping[str, str],
    *,
    application: str = "chatproject.asgi:application",
    server: Callable[[str, int], list[str]] = uvicorn,
    uds: Path | None = None,
    log: Path | None = None,
) -> AsyncIterator[Server]:
    """Run one worker, of uvicorn or another server, with these settings in addition to the test's own.

    `uds` is the unix socket that it listens on instead of a port; `log` gets what it writes to stderr.
    """
    port = free_port()
    with log.open("wb") if log else nullcontext() as stderr:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", *server(application, port)),
            cwd=ROOT,
            env={**os.environ, "PORT": str(port), "LOG_LEVEL": "WARNING", **environment},
            stderr=stderr,
        )
    try:
        running = Server(f"http://127.0.0.1:{port}", psutil.Process(process.pid))
        await _wait_until_live(running, process, uds)
        yield running
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 10)
        except TimeoutError:
            process.kill()
            await process.wait()


async def _wait_until_live(server: Server, process: asyncio.subprocess.Process, uds: Path | None) -> None:
    transport = httpx.AsyncHTTPTransport(uds=str(uds)) if uds else None
    async with asyncio.timeout(60), httpx.AsyncClient(base_url=server.url, transport=transport) as client:
        while process.returncode is None:
            with suppress(httpx.TransportError):
                if (await client.get("/api/health/live")).is_success:
                    return
            await asyncio.sleep(0.1)
    raise AssertionError(f"the server exited with {process.returncode}")
