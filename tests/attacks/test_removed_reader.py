"""A download ends soon after its reader has left the group, however slowly they read."""

import asyncio
import os
import socket
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from files.services import discard_files
from groups.services import remove_member
from tests.cast import Person
from tests.files.conftest import share
from tests.serving import Server, serving
from tests.sessions import sign_out

MEGABYTE = 1024 * 1024
SIZE = 24 * MEGABYTE
WITHIN = 2.0


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    async with serving({}) as server:
        yield server


async def _download(server: Server, person: Person, url: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    # What has reached the client's machine is theirs: it keeps little, so that they read what the server sends.
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
    connection.setblocking(False)
    await asyncio.get_running_loop().sock_connect(connection, ("127.0.0.1", server.port))
    reader, writer = await asyncio.open_connection(sock=connection, limit=64 * 1024)
    head = f"GET {url} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nAuthorization: Bearer {person.token}\r\n\r\n"
    writer.write(head.encode())
    assert b" 200 " in await reader.readline()
    return reader, writer


async def _read_slowly(reader: asyncio.StreamReader) -> tuple[int, float]:
    """Read until the connection ends, about two megabytes a second; return how much came and how long it took."""
    start, size = time.monotonic(), 0
    with suppress(ConnectionResetError):
        while piece := await reader.read(20_000):
            size += len(piece)
            await asyncio.sleep(0.01)
    return size, time.monotonic() - start


async def test_a_slow_download_ends_after_its_reader_is_removed(
    server: Server, alice: Person, bob: Person, group_id: str
) -> None:
    file = await share(alice, group_id, os.urandom(SIZE))
    reader, writer = await _download(server, bob, file.url)
    await reader.readexactly(64 * 1024)
    await remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
    size, seconds = await _read_slowly(reader)
    writer.close()
    assert size < SIZE / 2
    assert seconds < WITHIN
    # The server has dropped the connection without a complaint, and goes on.
    again, writer = await _download(server, alice, file.url)
    await again.readexactly(SIZE)
    writer.close()


async def test_a_download_ends_with_the_session(server: Server, alice: Person, bob: Person, group_id: str) -> None:
    file = await share(alice, group_id, os.urandom(SIZE))
    reader, writer = await _download(server, bob, file.url)
    await reader.readexactly(64 * 1024)
    await sign_out(server.url, bob.token)
    size, seconds = await _read_slowly(reader)
    writer.close()
    assert size < SIZE / 2
    assert seconds < WITHIN


async def test_a_deleted_file_is_not_read_to_its_end(server: Server, alice: Person, bob: Person, group_id: str) -> None:
    file = await share(alice, group_id, os.urandom(SIZE))
    reader, writer = await _download(server, bob, file.url)
    await reader.readexactly(64 * 1024)
    await discard_files(file_ids=[file.id])
    size, seconds = await _read_slowly(reader)
    writer.close()
    assert size < SIZE / 2
    assert seconds < WITHIN
