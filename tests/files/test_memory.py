"""A real server streams a large file: its memory stays flat, and no temporary files are left."""

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx

from files import storage
from tests.cast import Person
from tests.serving import Server, serving

from .conftest import chunk_file_ids, upload

MEGABYTE = 1024 * 1024
SIZE = 60 * MEGABYTE
# In megabytes: some for buffers, but less than the file.
ALLOWED_GROWTH = 40


class MemoryWatch:
    """Samples a server's memory while something happens; `growth` is in megabytes."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._before = self._peak = server.resident_megabytes()

    @property
    def growth(self) -> float:
        return self._peak - self._before

    async def __aenter__(self) -> "MemoryWatch":
        self._task = asyncio.create_task(self._sample())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()

    async def _sample(self) -> None:
        while True:
            self._peak = max(self._peak, self._server.resident_megabytes())
            await asyncio.sleep(0.02)


def _form(group_id: str) -> tuple[bytes, bytes, str]:
    """Return the bytes before and after a file in a form, and the form's content type."""
    request = httpx.Request("POST", "http://x/", **upload(b"@@@@", "big.bin", group_id=group_id))
    before, _, after = request.read().partition(b"@@@@")
    return before, after, request.headers["content-type"]


async def _send(client: httpx.AsyncClient, group_id: str, block: bytes) -> httpx.Response:
    before, after, content_type = _form(group_id)

    async def body() -> AsyncIterator[bytes]:
        yield before
        for _ in range(SIZE // len(block)):
            yield block
        yield after

    length = str(len(before) + SIZE + len(after))
    return await client.post(
        "/api/upload", content=body(), headers={"Content-Type": content_type, "Content-Length": length}
    )


async def test_memory_stays_flat_for_an_upload_and_a_download(alice: Person, group_id: str, tmp_path: Path) -> None:
    block = os.urandom(MEGABYTE)
    async with (
        serving({"TMPDIR": str(tmp_path)}) as server,
        httpx.AsyncClient(base_url=server.url, headers=alice.headers, timeout=60) as client,
    ):
        warm = (await client.post("/api/upload", **upload(bytes(3 * MEGABYTE), group_id=group_id))).json()["file"]
        await client.get(warm["url"])
        async with MemoryWatch(server) as up:
            response = await _send(client, group_id, block)
        assert response.status_code == 201, response.text
        file = response.json()["file"]
        assert file["size"] == SIZE
        async with MemoryWatch(server) as down, client.stream("GET", file["url"]) as stream:
            digest = hashlib.sha256()
            async for part in stream.aiter_raw():
                digest.update(part)
        assert digest.hexdigest() == file["metadata"]["sha256"]
        print(f"growth: {up.growth:.1f} MB up, {down.growth:.1f} MB down")
        assert up.growth < ALLOWED_GROWTH
        assert down.growth < ALLOWED_GROWTH
        assert not os.listdir(tmp_path)  # noqa: PTH208 (the asynchronous one is not worth its import)


async def test_a_client_that_hangs_up_leaves_nothing(alice: Person, group_id: str, tmp_path: Path) -> None:
    """It hangs up in the middle of the body, while the body is parsed, while it is stored, and after."""
    before = await _orphaned_uploads()
    async with serving({"TMPDIR": str(tmp_path)}) as server:
        for share, seconds in ((0.5, 0), (1, 0), (1, 0.05), (1, 0.1), (1, 0.15), (1, 0.2), (1, 0.5)):
            await _hang_up(server, alice, _form(group_id), share=share, seconds=seconds)
            # Takes about 0.05 s; the deadline is for a busy machine.
            deadline = time.monotonic() + 30
            while left := {*os.listdir(tmp_path), *(await _orphaned_uploads() - before)}:  # noqa: PTH208
                assert time.monotonic() < deadline, (share, seconds, left)
                await asyncio.sleep(0.01)


async def _hang_up(
    server: Server, person: Person, form: tuple[bytes, bytes, str], *, share: float, seconds: float
) -> None:
    """Send a share of an upload, wait, and abort the connection."""
    before, after, content_type = form
    body = before + bytes(20 * MEGABYTE) + after
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.transport.set_write_buffer_limits(0)
    head = f"POST /api/upload HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {person.token}\r\n"
    writer.write(f"{head}Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n".encode())
    writer.write(body[: int(len(body) * share)])
    await writer.drain()
    await asyncio.sleep(seconds)
    writer.transport.abort()


async def _orphaned_uploads() -> set[str]:
    return await chunk_file_ids() - set(await storage.files().distinct("_id"))
