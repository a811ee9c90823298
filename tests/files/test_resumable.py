"""Uploads that may be resumed, by tus 1.0: created, continued, checked, ended, expired; each is a file in the end."""

import hashlib
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from files import models, pending, resumable, storage
from files.models import CHUNK_BYTES
from files.resumable import sweep_expired_uploads
from files.selectors import get_file
from files.services import sweep_failed_uploads
from foundation.errors import NotFound, VersionConflict
from messaging.services import send_message
from tests.cast import Person

from .conftest import Browser, chunk_file_ids
from .test_thumbnails import SECRET, photo
from .tus_requests import VERSION, append, begin, begun, content_of, file_id, in_base64, offset_of

EDGES = (1, 100, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 4 * CHUNK_BYTES, 5 * CHUNK_BYTES + 7)


@pytest.mark.parametrize("part", EDGES[1:])
async def test_parts_of_any_size_make_one_file(alice: Person, group_id: str, browser: Browser, part: int) -> None:
    client = await browser(alice)
    content = os.urandom(min(6 * CHUNK_BYTES + 5, 12 * part))
    url = await begun(client, group_id, len(content), filename='12" \u202fvinyl.bin')
    for start in range(0, len(content), part):
        assert await offset_of(client, url) == start
        response = await append(client, url, start, content[start : start + part])
        assert response.status_code == 204, response.text
        assert response.headers["tus-resumable"] == "1.0.0"
        assert int(response.headers["upload-offset"]) == min(start + part, len(content))
    file = await get_file(actor=alice.actor, file_id=file_id(url))
    assert (file.size, file.sha256, file.name) == (
        len(content),
        hashlib.sha256(content).hexdigest(),
        '12" \u202fvinyl.bin',
    )
    assert await content_of(alice, url) == content
    # GridFS's own reader reads the same, and nothing waits any more.
    assert await (await storage.bucket().open_download_stream(file.id)).read() == content
    assert await pending.find_pending(file.id) is None
    assert await offset_of(client, url) == len(content)
    sent = await send_message(actor=alice.actor, group_id=group_id, content="", attachments=[file.id])
    assert sent["message"]["attachments"] == [file.as_wire()]


async def test_an_empty_upload_is_a_file_at_once(alice: Person, group_id: str, browser: Browser) -> None:
    url = await begun(await browser(alice), group_id, 0)
    assert (await get_file(actor=alice.actor, file_id=file_id(url))).size == 0


async def test_an_image_is_prepared_as_any_other(alice: Person, group_id: str, browser: Browser) -> None:
    client, content = await browser(alice), photo("JPEG", 6)
    url = await begun(client, group_id, len(content), filename="a.jpg")
    await append(client, url, 0, content[:1000])
    assert (await append(client, url, 1000, content[1000:])).status_code == 204
    file = await get_file(actor=alice.actor, file_id=file_id(url))
    assert (file.type, file.width, file.height, len(file.thumbnails)) == ("image/jpeg", 400, 600, 2)
    stored = await content_of(alice, url)
    assert SECRET.encode() not in stored
    assert (len(stored), hashlib.sha256(stored).hexdigest()) == (file.size, file.sha256)


async def test_what_has_come_of_a_part_that_breaks_off_stays(alice: Person, group_id: str, browser: Browser) -> None:
    content = os.urandom(3 * CHUNK_BYTES)

    async def broken() -> AsyncIterator[bytes]:
        yield content[:CHUNK_BYTES]
        yield content[CHUNK_BYTES : CHUNK_BYTES + 10]

    progress = await resumable.begin_upload(actor=alice.actor, group_id=group_id, length=len(content), name="a")
    part = await resumable.append_part(actor=alice.actor, upload_id=progress.id, offset=0, pieces=broken())
    assert part.offset == CHUNK_BYTES + 10
    client = await browser(alice)
    url = f"/api/uploads/{progress.id}"
    assert await offset_of(client, url) == CHUNK_BYTES + 10
    assert (await append(client, url, CHUNK_BYTES + 10, content[CHUNK_BYTES + 10 :])).status_code == 204
    assert await content_of(alice, url) == content


async def test_an_upload_goes_on_before_what_the_store_has_lost(alice: Person, group_id: str, browser: Browser) -> None:
    client, content = await browser(alice), os.urandom(5 * CHUNK_BYTES)
    url = await begun(client, group_id, len(content))
    await append(client, url, 0, content[: 4 * CHUNK_BYTES + 10])
    await storage.chunks().delete_one({"files_id": file_id(url), "n": 2})
    assert await offset_of(client, url) == 2 * CHUNK_BYTES
    assert (await append(client, url, 2 * CHUNK_BYTES, content[2 * CHUNK_BYTES :])).status_code == 204
    assert await content_of(alice, url) == content


# --- finishing -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("step", ["receive", "put_in_place", "insert_file", "delete_pending"])
async def test_an_upload_is_finished_after_a_failure_at_any_step(
    alice: Person, group_id: str, browser: Browser, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """As after a kill: the last part is stored, and its answer is lost."""
    module = {"receive": resumable, "delete_pending": pending}.get(step, models)

    async def failing(*_: object, **__: object) -> None:
        raise RuntimeError("killed")

    content = photo("JPEG", 6)
    progress = await resumable.begin_upload(actor=alice.actor, group_id=group_id, length=len(content), name="a")

    async def whole() -> AsyncIterator[bytes]:
        yield content

    monkeypatch.setattr(module, step, failing)
    with pytest.raises(RuntimeError):
        await resumable.append_part(actor=alice.actor, upload_id=progress.id, offset=0, pieces=whole())
    monkeypatch.undo()
    url = f"/api/uploads/{progress.id}"
    assert await offset_of(await browser(alice), url) == len(content)
    file = await get_file(actor=alice.actor, file_id=progress.id)
    assert (file.type, file.width, file.height, len(file.thumbnails)) == ("image/jpeg", 400, 600, 2)
    stored = await content_of(alice, url)
    assert (len(stored), hashlib.sha256(stored).hexdigest()) == (file.size, file.sha256)
    assert not [each for each in await chunk_file_ids() if each.startswith(f"{progress.id}~")]
    assert await pending.find_pending(progress.id) is None


# --- conflicts -------------------------------------------------------------------------------------------------------
async def test_a_part_begins_where_the_upload_is(alice: Person, group_id: str, browser: Browser) -> None:
    client = await browser(alice)
    url = await begun(client, group_id, 10)
    assert (await append(client, url, 3, b"abc")).status_code == 409
    assert (await append(client, url, 0, b"abc")).status_code == 204
    assert (await append(client, url, 0, b"abc")).status_code == 409
    assert (await append(client, url, 3, b"d" * 7)).status_code == 204
    assert (await append(client, url, 10, b"")).status_code == 409
    assert await content_of(alice, url) == b"abc" + b"d" * 7


async def test_of_two_parts_at_once_one_is_taken(alice: Person, group_id: str) -> None:
    content = os.urandom(2 * CHUNK_BYTES)
    progress = await resumable.begin_upload(actor=alice.actor, group_id=group_id, length=len(content), name="a")

    async def stale() -> AsyncIterator[bytes]:
        yield content[:CHUNK_BYTES]
        # Another request has come meanwhile: the client believed that this one was dead.
        await resumable.append_part(actor=alice.actor, upload_id=progress.id, offset=0, pieces=fresh())

    async def fresh() -> AsyncIterator[bytes]:
        yield content[: CHUNK_BYTES + 5]

    with pytest.raises(VersionConflict):
        await resumable.append_part(actor=alice.actor, upload_id=progress.id, offset=0, pieces=stale())

    async def rest() -> AsyncIterator[bytes]:
        yield content[CHUNK_BYTES + 5 :]

    await resumable.append_part(actor=alice.actor, upload_id=progress.id, offset=CHUNK_BYTES + 5, pieces=rest())
    assert await content_of(alice, progress.id) == content


async def test_no_more_comes_than_was_announced(alice: Person, group_id: str, browser: Browser) -> None:
    client = await browser(alice)
    url = await begun(client, group_id, 10)
    response = await append(client, url, 0, b"x" * 11)
    assert (response.status_code, response.json()["error"]["code"]) == (413, "too_large")
    assert (await append(client, url, 0, b"x" * 10)).status_code == 204


@pytest.mark.parametrize("algorithm", ["sha1", "sha256", "md5"])
async def test_a_part_with_another_checksum_is_not_kept(
    alice: Person, group_id: str, browser: Browser, algorithm: str
) -> None:
    client = await browser(alice)
    content = os.urandom(3 * CHUNK_BYTES)
    url = await begun(client, group_id, len(content))
    right = f"{algorithm} {in_base64(hashlib.new(algorithm, content).digest())}"
    wrong = await append(client, url, 0, content[:-1], **{"Upload-Checksum": right})
    assert (wrong.status_code, wrong.json()["error"]["retryable"]) == (460, True)
    assert await offset_of(client, url) == 0
    assert (await append(client, url, 0, content, **{"Upload-Checksum": right})).status_code == 204
    assert await content_of(alice, url) == content


# --- ending ----------------------------------------------------------------------------------------------------------
async def test_an_upload_is_ended(alice: Person, group_id: str, browser: Browser) -> None:
    client = await browser(alice)
    url = await begun(client, group_id, 10)
    await append(client, url, 0, b"abc")
    assert (await client.delete(url, headers=VERSION)).status_code == 204
    assert (await client.head(url, headers=VERSION)).status_code == 404
    assert (await append(client, url, 3, b"d")).status_code == 404
    assert file_id(url) not in await chunk_file_ids()
    done = await begun(client, group_id, 1)
    await append(client, done, 0, b"x")
    assert (await client.delete(done, headers=VERSION)).status_code == 204
    with pytest.raises(NotFound):
        await get_file(actor=alice.actor, file_id=file_id(done))


async def test_an_upload_expires(alice: Person, group_id: str, browser: Browser) -> None:
    client = await browser(alice)
    kept, old = await begun(client, group_id, 10), await begun(client, group_id, 10)
    for url in (kept, old):
        response = await append(client, url, 0, b"abc")
        assert "GMT" in response.headers["upload-expires"]
    await pending.prolong(file_id(old), datetime.now(UTC) - timedelta(seconds=1))
    assert (await client.head(old, headers=VERSION)).status_code == 404
    assert await sweep_expired_uploads() >= 1
    # One that may go on is no failed upload, however old its last chunk is.
    await sweep_failed_uploads(older_than=timedelta(days=-1))
    assert file_id(old) not in await chunk_file_ids()
    assert await offset_of(client, kept) == 3


async def test_what_is_coming_counts_for_the_quota(
    alice: Person, bob: Person, group_id: str, browser: Browser, settings: Settings
) -> None:
    settings.MAX_USER_BYTES = 1_000_000
    client = await browser(alice)
    url = await begun(client, group_id, 600_000)
    assert (await begin(client, group_id, 600_000)).status_code == 413
    assert (await begin(await browser(bob), group_id, 600_000)).status_code == 201
    await client.delete(url, headers=VERSION)
    assert (await begin(client, group_id, 600_000)).status_code == 201
    settings.MAX_FILE_BYTES = 100
    assert (await begin(client, group_id, 101)).status_code == 413
