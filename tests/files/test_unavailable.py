"""When MongoDB is down or hangs, callers soon get a retryable error."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from pytest_django import Settings

from bench.chaos.proxy import TcpProxy, proxy_to
from files import models, services, storage
from files.file_reference import FileReference
from files.selectors import get_file
from files.services import store_file
from foundation.errors import Unavailable
from tests.cast import Person

from .conftest import chunk_file_ids, count_files, pieces, read, store


@pytest.fixture
async def line(settings: Settings) -> AsyncIterator[TcpProxy]:
    direct = settings.MONGODB_URI
    async with proxy_to(direct) as line:
        await storage.close()
        settings.MONGODB_URI = line.url
        yield line
        # The address first: tasks still running in the background open a new client at once.
        settings.MONGODB_URI = direct
        await storage.close()


@pytest.mark.parametrize("way", ["cut", "stall"])
async def test_a_store_that_does_not_respond_is_unavailable(
    alice: Person, group_id: str, line: TcpProxy, way: str
) -> None:
    reference = await store(alice, group_id, bytes(3_000_000))
    content = read(alice, reference.id)
    assert await anext(content)
    getattr(line, way)()
    for attempt in (
        get_file(actor=alice.actor, file_id=reference.id),
        store(alice, group_id),
        _drain(content),
    ):
        start = time.monotonic()
        with pytest.raises(Unavailable) as caught:
            await attempt
        assert caught.value.retryable
        assert time.monotonic() - start < 6
    line.restore()
    assert (await _retried(alice, reference.id)) == reference


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
async def test_a_write_delayed_past_its_cancellation_leaves_nothing(
    alice: Person, group_id: str, line: TcpProxy, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    """The uploader has gone before the store has the write: the clean-up must not overtake it."""

    async def plenty(user_id: str) -> int:
        return 1_000_000

    # The write is then the first that reaches the store.
    monkeypatch.setattr(services, "require_space", plenty)
    await store(alice, group_id)
    known = await chunk_file_ids()
    line.stall_open_connections()
    reached = _note_first_call(monkeypatch, "insert_chunks" if content else "insert_file")
    uploading = asyncio.create_task(store(alice, group_id, content))
    await reached.wait()
    await line.wait_until_stalling()
    uploading.cancel()
    done, _ = await asyncio.wait({uploading}, timeout=0.3)
    assert not done
    line.restore()
    with pytest.raises(asyncio.CancelledError):
        await uploading
    assert await count_files(group_id) == 1
    assert await chunk_file_ids() <= known


def _note_first_call(monkeypatch: pytest.MonkeyPatch, name: str) -> asyncio.Event:
    """Return what is set once this write is about to be made: the drivers' own messages stall, too."""
    reached, write = asyncio.Event(), getattr(models, name)

    async def noting(*args: object, **kwargs: object) -> None:
        reached.set()
        await write(*args, **kwargs)

    monkeypatch.setattr(models, name, noting)
    return reached


async def _retried(person: Person, file_id: str) -> FileReference:
    """Return the file, trying again while the store is unavailable."""
    async with asyncio.timeout(20):
        while True:
            with suppress(Unavailable):
                return await get_file(actor=person.actor, file_id=file_id)


async def _drain(content: AsyncIterator[bytes]) -> None:
    async for _ in content:
        pass
