"""A file is stored whole or leaves nothing behind."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from django.core.management import CommandError, call_command
from pytest_django import Settings

from files import models, storage
from files.models import CHUNK_BYTES
from files.selectors import get_file, list_files, require_files
from files.serializers import ListFilesInput
from files.services import IncomingFile, discard_files, store_file, store_files, sweep_failed_uploads
from foundation import finishing, tasks
from foundation.cursors import encode_cursor
from foundation.errors import Invalid, NotFound, TooLarge, Unavailable
from foundation.validation import validated
from groups.services import leave_group
from messaging.services import send_message
from tests.cast import Person

from .conftest import chunk_file_ids, count_files, pieces, read, share, store
from .test_images import png

MEGABYTE = 1024 * 1024


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 4 * CHUNK_BYTES, 5 * MEGABYTE])
@pytest.mark.parametrize("piece", [70_000, 3 * MEGABYTE])
async def test_a_file_is_read_back_unchanged(alice: Person, bob: Person, group_id: str, size: int, piece: int) -> None:
    content = os.urandom(size)
    reference = await store_file(
        actor=alice.actor, group_id=group_id, name="x.bin", content_type=None, chunks=pieces(content, piece)
    )
    await send_message(actor=alice.actor, group_id=group_id, content="", attachments=[reference.id])
    assert (reference.size, reference.sha256) == (size, hashlib.sha256(content).hexdigest())
    assert await get_file(actor=bob.actor, file_id=reference.id) == reference
    assert b"".join([part async for part in read(bob, reference.id)]) == content
    # GridFS's own reader reads the same.
    download = await storage.bucket().open_download_stream(reference.id)
    assert await download.read() == content


async def test_the_reference_describes_the_file(alice: Person, group_id: str) -> None:
    reference = await store(alice, group_id, png(64, 48), "../a.PNG", "image/png; x=y")
    wire = reference.as_wire()
    assert wire == {
        "id": reference.id,
        "name": "a.PNG",
        "type": "image/png",
        "size": len(png(64, 48)),
        "url": f"/api/files/{reference.id}",
        "metadata": {
            "uploadedBy": alice.actor.user_id,
            "uploadedAt": reference.uploaded_at,
            "groupId": group_id,
            "sha256": hashlib.sha256(png(64, 48)).hexdigest(),
            "width": 64,
            "height": 48,
        },
    }
    assert type(reference).from_wire(wire) == reference


@pytest.mark.parametrize(
    ("start", "end"),
    [(0, 1), (0, None), (10, 10), (CHUNK_BYTES - 1, CHUNK_BYTES + 1), (CHUNK_BYTES, None), (5 * CHUNK_BYTES + 7, None)],
)
async def test_a_part_of_a_file_is_read(alice: Person, group_id: str, start: int, end: int | None) -> None:
    content = os.urandom(5 * CHUNK_BYTES + 100)
    reference = await store(alice, group_id, content)
    assert b"".join([piece async for piece in read(alice, reference.id, start, end)]) == content[start:end]


async def test_a_file_over_the_limit_leaves_nothing(alice: Person, group_id: str, settings: Settings) -> None:
    settings.MAX_FILE_BYTES = 2 * MEGABYTE
    before = await chunk_file_ids()
    with pytest.raises(TooLarge):
        await store(alice, group_id, bytes(2 * MEGABYTE + 1))
    assert await chunk_file_ids() <= before
    assert await count_files(group_id) == 0
    assert (await store(alice, group_id, bytes(2 * MEGABYTE))).size == 2 * MEGABYTE


async def test_an_upload_whose_source_fails_leaves_nothing(alice: Person, group_id: str) -> None:
    async def failing() -> AsyncIterator[bytes]:
        yield bytes(3 * MEGABYTE)
        raise RuntimeError("the disk is gone")

    before = await chunk_file_ids()
    with pytest.raises(RuntimeError):
        await store_file(actor=alice.actor, group_id=group_id, name="a", content_type=None, chunks=failing())
    assert await chunk_file_ids() <= before


async def test_a_store_that_loses_what_it_has_not_kept_yet_is_found_out(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a primary that dies before others have what it said it had."""
    insert = models.insert_chunks

    async def losing(file_id: str, first: int, pieces: Sequence[bytes], *, is_kept: bool = True) -> None:
        if is_kept or first:
            await insert(file_id, first, pieces, is_kept=is_kept)

    monkeypatch.setattr(models, "insert_chunks", losing)
    before, running = await chunk_file_ids(), set(tasks._running)
    with pytest.raises(Unavailable):
        await store(alice, group_id, bytes(6 * MEGABYTE))
    while started := tasks._running - running:
        await asyncio.wait(started)
    assert await chunk_file_ids() <= before
    assert await count_files(group_id) == 0


async def test_a_cancelled_upload_leaves_nothing(alice: Person, group_id: str) -> None:
    halfway = asyncio.Event()

    async def stalling() -> AsyncIterator[bytes]:
        yield bytes(3 * MEGABYTE)
        halfway.set()
        await asyncio.sleep(60)

    before = await chunk_file_ids()
    task = asyncio.create_task(
        store_file(actor=alice.actor, group_id=group_id, name="a", content_type=None, chunks=stalling())
    )
    await halfway.wait()
    async with asyncio.timeout(10):
        while not await chunk_file_ids() > before:  # noqa: ASYNC110 (the store tells nobody)
            await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await chunk_file_ids() <= before


async def test_a_member_who_leaves_while_uploading_has_uploaded_nothing(bob: Person, group_id: str) -> None:
    async def slowly() -> AsyncIterator[bytes]:
        yield bytes(3 * MEGABYTE)
        await leave_group(actor=bob.actor, group_id=group_id)
        yield b"the end"

    before = await chunk_file_ids()
    with pytest.raises(NotFound):
        await store_file(actor=bob.actor, group_id=group_id, name="a", content_type=None, chunks=slowly())
    assert await chunk_file_ids() <= before
    assert await count_files(group_id) == 0


async def test_several_files_are_stored_together_or_not_at_all(alice: Person, group_id: str) -> None:
    async def failing() -> AsyncIterator[bytes]:
        for piece in (b"x", None):
            if piece is None:
                raise RuntimeError("the disk is gone")
            yield piece

    good = [IncomingFile(name, "text/plain", pieces(name.encode())) for name in ("a", "b")]
    with pytest.raises(RuntimeError):
        await store_files(actor=alice.actor, group_id=group_id, files=[*good, IncomingFile("c", None, failing())])
    assert await count_files(group_id) == 0
    with pytest.raises(Invalid):
        await store_files(actor=alice.actor, group_id=group_id, files=[])


async def test_a_file_may_be_discarded_twice(alice: Person, group_id: str) -> None:
    reference = await store(alice, group_id, bytes(MEGABYTE))
    for _ in range(2):
        await discard_files(file_ids=[reference.id, "file_that_never_was"])
    with pytest.raises(NotFound):
        await get_file(actor=alice.actor, file_id=reference.id)
    assert reference.id not in await chunk_file_ids()


async def test_only_the_senders_own_uploads_to_the_group_can_be_attached(
    alice: Person, bob: Person, group_id: str, elsewhere: str
) -> None:
    first, second = [await store(alice, group_id) for _ in range(2)]
    bobs, foreign = await store(bob, group_id), await store(alice, elsewhere)
    user_id = alice.actor.user_id
    assert await require_files(group_id=group_id, file_ids=[], user_id=user_id) == []
    asked = [second.id, first.id, second.id]
    assert await require_files(group_id=group_id, file_ids=asked, user_id=user_id) == [second, first]
    for wrong in (bobs.id, foreign.id, "file_that_never_was"):
        with pytest.raises(Invalid) as caught:
            await require_files(group_id=group_id, file_ids=[first.id, wrong], user_id=user_id)
        assert caught.value.fields
        assert set(caught.value.fields) == {"attachments"}


async def test_whole_files_of_a_failed_upload_are_deleted_once_the_store_is_back(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sweep would not find them: nothing tells them from files that wait to be attached."""
    monkeypatch.setattr(finishing, "_BASE", 0)
    delete_file, failures = models.delete_file, iter([Unavailable, Unavailable])

    async def failing_twice(file_id: str) -> None:
        if failure := next(failures, None):
            raise failure
        await delete_file(file_id)

    async def lost() -> AsyncIterator[bytes]:
        yield b"half"
        raise Unavailable

    monkeypatch.setattr(models, "delete_file", failing_twice)
    files = [
        IncomingFile("a", None, pieces(b"a")),
        IncomingFile("b", None, pieces(b"b")),
        IncomingFile("c", None, lost()),
    ]
    before = set(tasks._running)
    with pytest.raises(Unavailable):
        await store_files(actor=alice.actor, group_id=group_id, files=files)
    while started := tasks._running - before:
        await asyncio.wait(started)
    assert (await list_files(actor=alice.actor, group_id=group_id)).files == []


async def test_files_are_listed_newest_first_page_by_page(alice: Person, bob: Person, group_id: str) -> None:
    made = [await share(alice, group_id, str(n).encode()) for n in range(5)]
    # Files of the same millisecond are ordered by id.
    newest = sorted(made, key=lambda reference: (reference.uploaded_at, reference.id), reverse=True)
    first = await list_files(actor=bob.actor, group_id=group_id, limit=3)
    assert (first.files, first.has_more) == (newest[:3], True)
    rest = await list_files(actor=bob.actor, group_id=group_id, limit=3, before=first.files[-1].id)
    assert (rest.files, rest.has_more) == (newest[3:], False)


async def test_a_page_follows_a_file_that_was_deleted_meanwhile(alice: Person, group_id: str) -> None:
    made = [await store(alice, group_id, str(n).encode()) for n in range(5)]
    newest = sorted(made, key=lambda reference: (reference.uploaded_at, reference.id), reverse=True)
    listed: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        query = validated(ListFilesInput, {"groupId": group_id, "limit": 2, **cursor})
        page = await list_files(actor=alice.actor, **query)
        listed += [reference.id for reference in page.files]
        if page.next_cursor is None:
            break
        cursor = {"cursor": page.next_cursor}
        await discard_files(file_ids=[listed[-1]])
    assert listed == [reference.id for reference in newest]


@pytest.mark.parametrize("cursor", ["x", encode_cursor("yesterday", "file_1"), encode_cursor("one part"), ""])
def test_a_cursor_of_another_list_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid) as refused:
        validated(ListFilesInput, {"groupId": "group", "cursor": cursor})
    assert set(refused.value.fields or {}) == {"cursor"}


async def test_the_sweep_deletes_only_old_orphans(alice: Person, group_id: str) -> None:
    kept = await store(alice, group_id, bytes(MEGABYTE))
    old, young = f"file_old_{group_id}", f"file_young_{group_id}"
    old_object_id = ObjectId(b"\x5f" + bytes(11))
    await storage.chunks().insert_one({"_id": ObjectId(), "files_id": young, "n": 0, "data": b"x"})
    await storage.chunks().delete_many({"_id": old_object_id})
    await storage.chunks().insert_one({"_id": old_object_id, "files_id": old, "n": 3, "data": b"x"})
    assert await sweep_failed_uploads(older_than=timedelta(hours=1)) >= 1
    file_ids = await chunk_file_ids()
    assert old not in file_ids
    assert {young, kept.id} <= file_ids
    await discard_files(file_ids=[young])


async def test_the_sweep_deletes_only_old_files_without_chunks(alice: Person, group_id: str) -> None:
    whole, empty, hollow, young = [await store(alice, group_id, content) for content in (b"x", b"", b"y", b"z")]
    for reference in (hollow, young):
        await storage.chunks().delete_many({"files_id": reference.id})
    old = {"$set": {"uploadDate": datetime(2020, 1, 1, tzinfo=UTC)}}
    for reference in (whole, empty, hollow):
        await storage.files().update_one({"_id": reference.id}, old)
    assert await sweep_failed_uploads(older_than=timedelta(hours=1)) >= 1
    page = await list_files(actor=alice.actor, group_id=group_id)
    assert {file.id for file in page.files} == {whole.id, empty.id, young.id}


def test_the_sweep_runs_as_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("sweep_files")
    assert "swept" in capsys.readouterr().out
    with pytest.raises(CommandError):
        call_command("sweep_files", hours=0.5)
