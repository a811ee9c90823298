"""A deleted message takes its files along, whatever goes wrong on the way."""

import asyncio

import pytest

from files import models as files
from files import services as file_services
from foundation.errors import Unavailable
from groups.log import appender
from messaging import services
from messaging.change_events import changes_after
from tests.cast import Person
from tests.files.conftest import store


async def _with_a_file(person: Person, group_id: str) -> tuple[str, str]:
    """Return the ids of a message and its file."""
    file = await store(person, group_id)
    sent = await services.send_message(actor=person.actor, group_id=group_id, content="x", attachments=[file.id])
    return sent["message"]["id"], file.id


@pytest.mark.parametrize("restarted", [False, True])
async def test_who_deletes_again_deletes_the_files_that_stayed(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch, *, restarted: bool
) -> None:
    message_id, file_id = await _with_a_file(alice, group_id)
    with monkeypatch.context() as away:

        async def unavailable(file_id: str) -> None:
            raise Unavailable

        away.setattr(files, "delete_file", unavailable)
        with pytest.raises(Unavailable):
            await services.delete_message(actor=alice.actor, message_id=message_id)
    assert await files.find_file(file_id)
    if restarted:
        appender.get_appenders().clear()
    await services.delete_message(actor=alice.actor, message_id=message_id)
    assert await files.find_file(file_id) is None


async def test_who_hangs_up_while_deleting_leaves_no_file(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    message_id, file_id = await _with_a_file(alice, group_id)
    gone = asyncio.Event()
    discard = file_services.discard_files

    async def noticed(*, file_ids: tuple[str, ...]) -> None:
        await discard(file_ids=file_ids)
        gone.set()

    monkeypatch.setattr(file_services, "discard_files", noticed)
    deleting = asyncio.create_task(services.delete_message(actor=alice.actor, message_id=message_id))
    await asyncio.sleep(0)
    deleting.cancel()
    await asyncio.wait({deleting})
    async with asyncio.timeout(10):
        await gone.wait()
    assert await files.find_file(file_id) is None


async def test_what_names_the_files_is_told_to_nobody(alice: Person, group_id: str) -> None:
    message_id, file_id = await _with_a_file(alice, group_id)
    deleted = await services.delete_message(actor=alice.actor, message_id=message_id)
    changes = await changes_after(group_id, deleted["seq"] - 1)
    assert len(changes) == 1
    assert file_id not in str(changes[0].packed())
