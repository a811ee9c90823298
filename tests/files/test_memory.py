"""A large file goes through a real server in pieces: its memory stays flat, and its disk clean."""

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

from .conftest import chunk_owners, upload

MEGABYTE = 1024 * 1024
SIZE = 60 * MEGABYTE
# A warm server takes some for buffers; a server that holds the file takes all of it.
ALLOWED_GROWTH = 40


class Watch:
    """Looks at a server's memory while something happens; `growth` is in megabytes."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._before = self._most = server.resident_megabytes()

    @property
    def growth(self) -> float:
        return self._most - self._before

    async def __aenter__(self) -> "Watch":
        self._task = asyncio.create_task(self._look())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()

    async def _look(self) -> None:
        while True:
            self._most = max(self._most, self._server.resident_megabytes())
            await asyncio.sleep(0.02)


def _form(group_id: str) -> tuple[bytes, bytes, str]:
    """Return what stands before and after a file in a form, and the form's content type."""
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


async def test_sixty_megabytes_there_and_back(alice: Person, group_id: str, tmp_path: Path) -> None:
    block = os.urandom(MEGABYTE)
    async with (
        serving({"TMPDIR": str(tmp_path)}) as server,
        httpx.AsyncClient(base_url=server.url, headers=alice.headers, timeout=60) as client,
    ):
        warm = (await client.post("/api/upload", **upload(bytes(3 * MEGABYTE), group_id=group_id))).json()["file"]
        await client.get(warm["url"])
        async with Watch(server) as up:
            answer = await _send(client, group_id, block)
        assert answer.status_code == 201, answer.text
        file = answer.json()["file"]
        assert file["size"] == SIZE
        async with Watch(server) as down, client.stream("GET", file["url"]) as stream:
            digest = hashlib.sha256()
            async for part in stream.aiter_raw():
                digest.update(part)
        assert digest.hexdigest() == file["metadata"]["sha256"]
        print(f"growth: {up.growth:.1f} MB up, {down.growth:.1f} MB down")
        assert up.growth < ALLOWED_GROWTH
        assert down.growth < ALLOWED_GROWTH
        assert not os.listdir(tmp_path)  # noqa: PTH208 (the asynchronous one is not worth its import)


async def test_a_client_that_hangs_up_leaves_nothing(alice: Person, group_id: str, tmp_path: Path) -> None:
    """In the middle of the body, while it is parsed, while it goes into the store, and after."""
    before = await _unowned_chunks()
    async with serving({"TMPDIR": str(tmp_path)}) as server:
        for share, seconds in ((0.5, 0), (1, 0), (1, 0.05), (1, 0.1), (1, 0.15), (1, 0.2), (1, 0.5)):
            await _hang_up(server, alice, _form(group_id), share=share, seconds=seconds)
            # It takes a twentieth of a second; the bound is for a machine that has much else to do.
            patience = time.monotonic() + 30
            while left := {*os.listdir(tmp_path), *(await _unowned_chunks() - before)}:  # noqa: PTH208
                assert time.monotonic() < patience, (share, seconds, left)
                await asyncio.sleep(0.01)


async def _hang_up(
    server: Server, person: Person, form: tuple[bytes, bytes, str], *, share: float, seconds: float
) -> None:
    """Send a share of an upload, wait, and break the connection."""
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


async def _unowned_chunks() -> set[str]:
    return await chunk_owners() - set(await storage.files().distinct("_id"))
