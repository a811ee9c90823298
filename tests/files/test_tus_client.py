"""The official tus client uploads a file, while the server is killed again and again."""

import asyncio
import hashlib
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bench.chaos.managed_process import ManagedProcess, reusable_port
from tests.cast import Person
from tests.entry_points import http_client
from tests.realtime.node import Script, script
from tests.serving import uvicorn

SCRIPT = str(Path(__file__).parent / "js" / "upload.mjs")
MEGABYTE = 1024 * 1024
SIZE = 24 * MEGABYTE


class KillableServer:
    """A server that keeps its address."""

    def __init__(self, log: Path) -> None:
        port = reusable_port()
        self.url = f"http://127.0.0.1:{port}"
        self._process = ManagedProcess(
            "server",
            [sys.executable, "-m", *uvicorn("chatproject.asgi:application", port)],
            environment={**os.environ, "PORT": str(port), "LOG_LEVEL": "WARNING"},
            is_ready=self._is_live,
            log=log,
        )
        self.start, self.kill = self._process.start, self._process.kill

    def _is_live(self) -> bool:
        try:
            return httpx.get(f"{self.url}/api/health/live").is_success
        except httpx.TransportError:
            return False


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[KillableServer]:
    server = KillableServer(tmp_path / "log")
    await server.start()
    yield server
    await server.kill()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "large.bin"
    path.write_bytes(os.urandom(SIZE))
    return path


async def _is_stored_whole(server: KillableServer, person: Person, address: str, file: Path) -> None:
    file_id = address.rpartition("/")[2]
    async with http_client(server.url, person) as client:
        described = (await client.get(f"/api/files/metadata/{file_id}")).json()
        content = (await client.get(f"/api/files/{file_id}")).content
    assert (described["name"], described["size"]) == ("large.bin", SIZE)
    assert content == await asyncio.to_thread(file.read_bytes)
    assert described["metadata"]["sha256"] == hashlib.sha256(content).hexdigest()


async def _until(running: Script, name: str, at_least: int) -> int:
    """Read the script's reports until one of this name is so large."""
    while True:
        report: dict[str, Any] = await running.read()
        assert not {"failed", "done"} & report.keys(), report
        if report.get(name, 0) >= at_least:
            return int(report[name])


async def _end(running: Script) -> str:
    while True:
        report: dict[str, Any] = await running.read()
        assert "failed" not in report, report
        if "done" in report:
            return str(report["done"])


async def test_a_kill_between_two_parts_loses_nothing(
    server: KillableServer, alice: Person, group_id: str, file: Path
) -> None:
    async with script(SCRIPT, server.url, alice.token, group_id, str(file), file.name, "700000") as running:
        accepted = 0
        for _ in range(2):
            accepted = await _until(running, "accepted", accepted + 8 * MEGABYTE)
            await server.kill()
            await server.start()
        address = await _end(running)
    await _is_stored_whole(server, alice, address, file)


async def test_a_kill_amid_a_part_loses_what_was_on_its_way(
    server: KillableServer, alice: Person, group_id: str, file: Path
) -> None:
    async with script(SCRIPT, server.url, alice.token, group_id, str(file), file.name, "0") as running:
        sent = await _until(running, "sent", 12 * MEGABYTE)
        await server.kill()
        await server.start()
        # It goes on from where the server is, which is behind what the client has sent, and not at the beginning.
        while (again := await _next_sent(running)) >= sent:
            sent = again
        assert again > 2 * MEGABYTE
        address = await _end(running)
    await _is_stored_whole(server, alice, address, file)


async def _next_sent(running: Script) -> int:
    while "sent" not in (report := await running.read()):
        assert not {"failed", "done"} & report.keys(), report
    return int(report["sent"])
