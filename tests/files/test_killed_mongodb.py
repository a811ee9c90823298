"""What was acknowledged is still there after MongoDB was killed, with SIGKILL, right after the acknowledgement."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from bench.chaos.engine_process import engine_process
from bench.chaos.managed_process import ManagedProcess
from bin.local.engines import MONGOD, MONGODB
from tests.cast import Person
from tests.entry_points import http_client
from tests.serving import serving

pytestmark = pytest.mark.skipif(not MONGOD.exists(), reason="the MongoDB wheel is not installed")
FILES, ROUNDS = 18, 3


@pytest.fixture
async def mongodb(tmp_path: Path) -> AsyncIterator[tuple[ManagedProcess, str]]:
    """A MongoDB of this test's own that writes its journal as rarely as it can: twice a second."""
    process, url = engine_process(MONGODB, tmp_path, "--journalCommitInterval", "500")
    try:
        await process.start()
        yield process, url
    finally:
        await process.kill()


async def upload(http: httpx.AsyncClient, group_id: str, content: bytes) -> tuple[str, str]:
    response = await http.post("/api/upload", data={"groupId": group_id}, files={"file": ("a.bin", content)})
    assert response.status_code == 201, response.text
    return response.json()["file"]["id"], hashlib.sha256(content).hexdigest()


async def download(http: httpx.AsyncClient, file_id: str) -> str:
    response = await http.get(f"/api/files/{file_id}")
    assert response.status_code == 200, response.text
    return hashlib.sha256(response.content).hexdigest()


@pytest.mark.timeout(180)
async def test_acknowledged_uploads_survive_a_kill(
    mongodb: tuple[ManagedProcess, str], alice: Person, group_id: str
) -> None:
    process, url = mongodb
    async with (
        serving({"MONGODB_URI": url, "MAX_UPLOADS_AT_ONCE": str(FILES)}) as server,
        http_client(server.url, alice) as http,
    ):
        for _ in range(ROUNDS):
            contents = [os.urandom(size) for size in [400_000, *[5_000] * (FILES - 1)]]
            stored = dict(await asyncio.gather(*(upload(http, group_id, content) for content in contents)))
            await process.kill()
            await process.start()
            assert {file_id: await download(http, file_id) for file_id in stored} == stored
