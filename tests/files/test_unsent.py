"""A file that was uploaded and never sent is its uploader's alone: they see it, take it back, or it expires."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from pytest_django import Settings

from dynamodb import store as dynamodb
from files import models, storage
from files.selectors import list_files
from files.services import sweep_unsent_files, take_back_file
from foundation.errors import Invalid, TooLarge
from groups.log import appender
from messaging.services import delete_message, send_message
from tests.cast import Person

from .conftest import Browser, chunk_file_ids, share, store, upload

MEGABYTE = 1024 * 1024


async def statuses(client: httpx.AsyncClient, group_id: str, file_id: str) -> list[object]:
    """Return how the file is answered at every door, and whether it is listed."""
    listed = (await client.get("/api/files", params={"groupId": group_id})).json()["files"]
    return [
        (await client.get(f"/api/files/{file_id}")).status_code,
        (await client.head(f"/api/files/{file_id}", headers={"Range": "bytes=0-0"})).status_code,
        (await client.get(f"/api/files/metadata/{file_id}")).status_code,
        (await client.get("/api/files", params={"groupId": group_id, "before": file_id})).status_code,
        file_id in [file["id"] for file in listed],
    ]


SEEN, UNSEEN = [200, 206, 200, 200, True], [404, 404, 404, 404, False]


async def test_others_see_a_file_once_it_is_sent(alice: Person, bob: Person, group_id: str, browser: Browser) -> None:
    file = await store(alice, group_id)
    hers, his = await browser(alice), await browser(bob)
    assert await statuses(hers, group_id, file.id) == SEEN
    assert await statuses(his, group_id, file.id) == UNSEEN
    missing = await his.get("/api/files/none")
    assert (await his.get(f"/api/files/{file.id}")).content == missing.content
    await send_message(actor=alice.actor, group_id=group_id, content="look", attachments=[file.id])
    assert await statuses(his, group_id, file.id) == SEEN


async def test_a_page_passes_over_others_unsent_files(alice: Person, bob: Person, group_id: str) -> None:
    sent = [await share(alice, group_id, b"first")]
    for _ in range(5):
        await store(alice, group_id)
    sent.append(await share(alice, group_id, b"last"))
    page = await list_files(actor=bob.actor, group_id=group_id, limit=2)
    assert ([file.id for file in page.files], page.has_more) == ([sent[1].id, sent[0].id], False)
    assert len((await list_files(actor=alice.actor, group_id=group_id)).files) == 7


# --- taking back -----------------------------------------------------------------------------------------------------
async def test_an_uploader_takes_a_file_back(alice: Person, group_id: str, browser: Browser) -> None:
    file = await store(alice, group_id, bytes(MEGABYTE))
    client = await browser(alice)
    assert (await client.delete(file.url)).status_code == 204
    assert await statuses(client, group_id, file.id) == UNSEEN
    assert file.id not in await chunk_file_ids()
    assert (await client.delete(file.url)).status_code == 404
    with pytest.raises(Invalid):
        await send_message(actor=alice.actor, group_id=group_id, content="look", attachments=[file.id])


async def test_what_is_sent_or_anothers_is_not_taken_back(
    alice: Person, bob: Person, group_id: str, browser: Browser
) -> None:
    unsent, sent = await store(alice, group_id), await share(alice, group_id)
    hers, his = await browser(alice), await browser(bob)
    assert (await his.delete(unsent.url)).status_code == 404
    assert (await his.delete(sent.url)).json()["error"]["code"] == "forbidden"
    assert (await hers.delete(sent.url)).json()["error"]["code"] == "forbidden"
    assert [(await hers.get(file.url)).status_code for file in (unsent, sent)] == [200, 200]


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_file_is_sent_or_taken_back_never_both(alice: Person, group_id: str, *, restarted: bool) -> None:
    for _ in range(6):
        file = await store(alice, group_id)
        if restarted:
            appender.get_appenders().clear()
        sending = send_message(actor=alice.actor, group_id=group_id, content="look", attachments=[file.id])
        sent, taken = await asyncio.gather(
            sending, take_back_file(actor=alice.actor, file_id=file.id), return_exceptions=True
        )
        assert isinstance(sent, BaseException) is not isinstance(taken, BaseException)
        assert (await models.find_file(file.id) is not None) is not isinstance(sent, BaseException)


async def test_a_send_that_has_seen_the_file_before_it_was_taken_back_is_refused(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = await store(alice, group_id)
    seen, released = asyncio.Event(), asyncio.Event()
    find = models.find_uploads

    async def slowly(*args: object, **kwargs: object) -> object:
        found = await find(*args, **kwargs)  # type: ignore[arg-type]
        seen.set()
        await released.wait()
        return found

    monkeypatch.setattr(models, "find_uploads", slowly)
    sending = asyncio.create_task(
        send_message(actor=alice.actor, group_id=group_id, content="look", attachments=[file.id])
    )
    await seen.wait()
    await take_back_file(actor=alice.actor, file_id=file.id)
    released.set()
    with pytest.raises(Invalid):
        await sending


# --- expiry ----------------------------------------------------------------------------------------------------------
async def _age(*file_ids: str) -> None:
    old = {"$set": {"uploadDate": datetime.now(UTC) - timedelta(hours=25)}}
    await storage.files().update_many({"_id": {"$in": list(file_ids)}}, old)


async def test_a_file_expires_after_a_day_unless_it_was_sent(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    unsent, sent, young = await store(alice, group_id), await share(alice, group_id), await store(alice, group_id)
    await _age(unsent.id, sent.id)
    assert await sweep_unsent_files(older_than=timedelta(days=1)) >= 1
    kept = {file.id for file in (await list_files(actor=alice.actor, group_id=group_id)).files}
    assert kept == {sent.id, young.id}
    # What was found to be sent is not looked up again.
    monkeypatch.setattr(dynamodb, "call", None)
    assert await sweep_unsent_files(older_than=timedelta(days=1)) == 0


# --- quotas ----------------------------------------------------------------------------------------------------------
async def test_a_user_stores_no_more_than_their_quota(group_id: str, alice: Person, settings: Settings) -> None:
    settings.MAX_USER_BYTES = 2 * MEGABYTE
    first = await store(alice, group_id, bytes(MEGABYTE))
    with pytest.raises(TooLarge):
        await store(alice, group_id, bytes(MEGABYTE + 1))
    message = await send_message(actor=alice.actor, group_id=group_id, content="", attachments=[first.id])
    await store(alice, group_id, bytes(MEGABYTE))
    with pytest.raises(TooLarge):
        await store(alice, group_id, b"")
    await delete_message(actor=alice.actor, message_id=message["message"]["id"])
    await store(alice, group_id, bytes(MEGABYTE))


async def test_empty_files_count_too(group_id: str, alice: Person, bob: Person, settings: Settings) -> None:
    settings.MAX_USER_BYTES = 8192
    for _ in range(2):
        await store(alice, group_id, b"")
    with pytest.raises(TooLarge):
        await store(alice, group_id, b"")
    await store(bob, group_id, b"")


async def test_the_workspace_has_a_quota(alice: Person, group_id: str, settings: Settings, browser: Browser) -> None:
    await store(alice, group_id, bytes(MEGABYTE))
    settings.MAX_WORKSPACE_BYTES = await models.count_stored_bytes()
    response = await (await browser(alice)).post("/api/upload", **upload(group_id=group_id))
    assert (response.status_code, response.json()["error"]["code"]) == (413, "too_large")
    settings.MAX_WORKSPACE_BYTES += 100
    assert (await store(alice, group_id, b"x")).size == 1
