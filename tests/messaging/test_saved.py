"""Saved messages: one's own, in pages, each as it is now."""

import asyncio

import pytest
from pytest_django import Settings

from foundation.cursors import decode_cursor
from foundation.errors import Gone, Invalid, NotFound
from groups import services as groups
from messaging import services
from messaging.saved import models
from messaging.saved.selectors import list_saved
from messaging.saved.services import save_message
from tests.cast import Person


async def send(person: Person, group_id: str, content: str = "hello") -> str:
    return str((await services.send_message(actor=person.actor, group_id=group_id, content=content))["message"]["id"])


async def save(person: Person, message_id: str, action: str = "add") -> int:
    version: int = (await save_message(actor=person.actor, message_id=message_id, action=action))["version"]
    return version


async def saved_ids(person: Person) -> list[str]:
    return [each["messageId"] for each in (await list_saved(actor=person.actor, limit=100))["saved"]]


async def test_the_latest_comes_first_in_pages(alice: Person, bob: Person, group_id: str) -> None:
    ids = [await send(alice, group_id, f"{number}") for number in range(5)]
    for message_id in (*ids, ids[0]):
        await save(bob, message_id)
        await asyncio.sleep(0.002)  # the time of saving has milliseconds
    assert await saved_ids(bob) == ids[::-1]
    assert await saved_ids(alice) == []
    found, cursor = [], None
    for _ in range(3):
        page = await list_saved(actor=bob.actor, limit=2, cursor=cursor)
        found += [each["message"]["content"] for each in page["saved"]]
        cursor = decode_cursor(page["nextCursor"], 2) if "nextCursor" in page else None
    assert (found, cursor) == (["4", "3", "2", "1", "0"], None)


async def test_a_message_is_shown_as_it_is_now(alice: Person, bob: Person, group_id: str) -> None:
    edited, deleted = await send(alice, group_id), await send(alice, group_id)
    await save(bob, edited)
    await save(bob, deleted)
    await services.edit_message(actor=alice.actor, message_id=edited, content="better")
    await services.delete_message(actor=alice.actor, message_id=deleted)
    shown = {each["messageId"]: each["message"] for each in (await list_saved(actor=bob.actor))["saved"]}
    assert shown[edited]["content"] == "better"
    assert (shown[deleted]["deleted"], shown[deleted]["content"]) == (True, "")
    with pytest.raises(Gone):
        await save(alice, deleted)
    await save(bob, deleted, "remove")
    assert await saved_ids(bob) == [edited]


async def test_what_one_may_no_longer_read_has_no_message_and_can_be_removed(
    alice: Person, bob: Person, group_id: str
) -> None:
    first, second = await send(alice, group_id, "between us"), await send(alice, group_id)
    await save(bob, first)
    await save(bob, second)
    await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
    page = await list_saved(actor=bob.actor)
    assert "between us" not in repr(page)
    assert [sorted(each) for each in page["saved"]] == [["messageId", "savedAt"]] * 2
    with pytest.raises(NotFound):
        await save(bob, first)
    await save(bob, first, "remove")
    with pytest.raises(NotFound):
        await save(bob, first, "remove")
    await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[bob.id])
    (back,) = (await list_saved(actor=bob.actor))["saved"]
    assert back["message"]["id"] == second


async def test_a_repeated_change_changes_nothing(alice: Person, group_id: str) -> None:
    message_id = await send(alice, group_id)
    version = await save(alice, message_id)
    assert await save(alice, message_id) == version
    removed = await save(alice, message_id, "remove")
    assert removed == version + 1
    assert await save(alice, message_id, "remove") == removed


async def test_devices_that_save_at_once_lose_nothing(alice: Person, group_id: str) -> None:
    ids = [await send(alice, group_id, f"{number}") for number in range(8)]
    versions = await asyncio.gather(*(save(alice, message_id) for message_id in ids))
    assert sorted(versions) == list(range(1, 9))
    assert set(await saved_ids(alice)) == set(ids)
    assert (await models.get_state(alice.id, ids[0])).count == 8


async def test_their_number_is_bounded(alice: Person, group_id: str, settings: Settings) -> None:
    settings.MAX_SAVED = 2
    ids = [await send(alice, group_id, f"{number}") for number in range(3)]
    await save(alice, ids[0])
    await save(alice, ids[1])
    with pytest.raises(Invalid):
        await save(alice, ids[2])
    await save(alice, ids[0])
    await save(alice, ids[0], "remove")
    await save(alice, ids[2])
    assert set(await saved_ids(alice)) == set(ids[1:])
