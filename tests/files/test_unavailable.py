"""A MongoDB that is away or hangs is told to the caller, soon and as something to try again."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from pytest_django import Settings

from bench.chaos.proxy import TcpProxy, proxy_to
from files import storage
from files.reference import FileReference
from files.selectors import get_file, open_file
from files.services import store_file
from foundation.errors import Unavailable
from tests.cast import Person

from .conftest import chunk_owners, count_left, pieces, stored


@pytest.fixture
async def line(settings: Settings) -> AsyncIterator[TcpProxy]:
    direct = settings.MONGODB_URI
    async with proxy_to(direct) as line:
        await storage.close()
        settings.MONGODB_URI = line.url
        yield line
        # First the address: what still goes on in the background opens a new client at once.
        settings.MONGODB_URI = direct
        await storage.close()


@pytest.mark.parametrize("way", ["cut", "stall"])
async def test_a_store_that_does_not_answer_is_unavailable(
    alice: Person, group_id: str, line: TcpProxy, way: str
) -> None:
    reference = await stored(alice, group_id, bytes(3_000_000))
    content = await open_file(actor=alice.actor, file_id=reference.id)
    assert await anext(content)
    getattr(line, way)()
    for attempt in (
        get_file(actor=alice.actor, file_id=reference.id),
        stored(alice, group_id),
        _drain(content),
    ):
        start = time.monotonic()
        with pytest.raises(Unavailable) as caught:
            await attempt
        assert caught.value.retryable
        assert time.monotonic() - start < 6
    line.restore()
    assert (await _in_the_end(alice, reference.id)) == reference


async def test_an_upload_that_loses_the_store_midway_is_unavailable(
    alice: Person, group_id: str, line: TcpProxy
) -> None:
    async def losing() -> AsyncIterator[bytes]:
        async for piece in pieces(bytes(3_000_000)):
            yield piece
        line.cut()
        yield bytes(3_000_000)

    with pytest.raises(Unavailable):
        await store_file(actor=alice.actor, group_id=group_id, name="a", content_type=None, chunks=losing())
    line.restore()


@pytest.mark.parametrize("content", [b"", b"one chunk"])
async def test_a_write_that_arrives_late_leaves_nothing(
    alice: Person, group_id: str, line: TcpProxy, content: bytes
) -> None:
    """Its uploader has gone, and the store has not had it yet: cleaning up must not overtake it."""
    await stored(alice, group_id)
    known = await chunk_owners()
    line.stall_open_connections()
    uploading = asyncio.create_task(stored(alice, group_id, content))
    await line.wait_until_stalling()
    uploading.cancel()
    done, _ = await asyncio.wait({uploading}, timeout=0.3)
    assert not done
    line.restore()
    with pytest.raises(asyncio.CancelledError):
        await uploading
    assert await count_left(group_id) == 1
    assert await chunk_owners() <= known


async def _in_the_end(person: Person, file_id: str) -> FileReference:
    """Do what `retryable` says."""
    async with asyncio.timeout(20):
        while True:
            with suppress(Unavailable):
                return await get_file(actor=person.actor, file_id=file_id)


async def _drain(content: AsyncIterator[bytes]) -> None:
    async for _ in content:
        pass
