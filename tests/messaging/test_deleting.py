"""Deleting a message deletes its files, even after a failure or a cancellation."""

import asyncio

import pytest

from files import models as files
from files import services as file_services
from foundation import finishing, tasks
from foundation.errors import Unavailable
from groups.log import appender
from messaging import services
from messaging.change_events import changes_after
from tests.cast import Person
from tests.files.conftest import store


async def send_with_file(person: Person, group_id: str) -> tuple[str, str]:
    """Send a message with a file; return the ids of both."""
    file = await store(person, group_id)
    sent = await services.send_message(actor=person.actor, group_id=group_id, content="x", attachments=[file.id])
    return sent["message"]["id"], file.id


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_second_deletion_deletes_files_that_the_first_could_not(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch, *, restarted: bool
) -> None:
    message_id, file_id = await send_with_file(alice, group_id)
    with monkeypatch.context() as patch:

        async def unavailable(file_id: str) -> None:
            raise Unavailable

        patch.setattr(files, "delete_file", unavailable)
        with pytest.raises(Unavailable):
            await services.delete_message(actor=alice.actor, message_id=message_id)
    assert await files.find_file(file_id)
    if restarted:
        appender.get_appenders().clear()
    await services.delete_message(actor=alice.actor, message_id=message_id)
    assert await files.find_file(file_id) is None


async def test_files_are_deleted_later_even_if_nobody_tries_again(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finishing, "_BASE", 0)
    message_id, file_id = await send_with_file(alice, group_id)
    delete_file, failures = files.delete_file, iter([Unavailable, Unavailable])

    async def failing_twice(file_id: str) -> None:
        if failure := next(failures, None):
            raise failure
        await delete_file(file_id)

    monkeypatch.setattr(files, "delete_file", failing_twice)
    before = set(tasks._running)
    with pytest.raises(Unavailable):
        await services.delete_message(actor=alice.actor, message_id=message_id)
    while started := tasks._running - before:
        await asyncio.wait(started)
    assert await files.find_file(file_id) is None


async def test_a_cancelled_deletion_still_deletes_the_files(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    message_id, file_id = await send_with_file(alice, group_id)
    discarded = asyncio.Event()
    discard = file_services.discard_files

    async def notifying(*, file_ids: tuple[str, ...]) -> None:
        await discard(file_ids=file_ids)
        discarded.set()

    monkeypatch.setattr(file_services, "discard_files", notifying)
    deleting = asyncio.create_task(services.delete_message(actor=alice.actor, message_id=message_id))
    await asyncio.sleep(0)
    deleting.cancel()
    await asyncio.wait({deleting})
    async with asyncio.timeout(10):
        await discarded.wait()
    assert await files.find_file(file_id) is None


async def test_the_change_of_a_deletion_does_not_name_the_files(alice: Person, group_id: str) -> None:
    message_id, file_id = await send_with_file(alice, group_id)
    deleted = await services.delete_message(actor=alice.actor, message_id=message_id)
    changes = await changes_after(group_id, deleted["seq"] - 1)
    assert len(changes) == 1
    assert file_id not in str(changes[0].packed())
