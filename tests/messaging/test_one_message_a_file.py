"""A file belongs to one message: whoever attaches it to another is refused, whichever way the two sends meet."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from typing import Any

import pytest

from dynamodb import store as dynamodb
from files import models as files
from foundation.errors import IdempotencyConflict, Invalid, Unavailable
from groups import models
from groups.log import appender, queries, writing
from groups.log.entry import Entry
from groups.log.proposal import Append
from messaging import services
from tests.cast import Person
from tests.files.conftest import read, store
from tests.serving import Server, serving
from tests.socket_client import connected


async def send(person: Person, group_id: str, *file_ids: str, content: str = "see", **more: Any) -> dict[str, Any]:
    return await services.send_message(
        actor=person.actor, group_id=group_id, content=content, attachments=file_ids, **more
    )


async def sent(group_id: str) -> list[Entry]:
    return [entry for entry in await queries.entries_after(group_id, 0) if entry.kind == "message"]


def forget_logs() -> None:
    """Drop what this process has in memory of all logs, as a restart does."""
    appender.get_appenders().clear()


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_file_of_a_message_is_not_attached_to_another(alice: Person, group_id: str, *, restarted: bool) -> None:
    file, other = await store(alice, group_id), await store(alice, group_id)
    await send(alice, group_id, file.id)
    if restarted:
        forget_logs()
    with pytest.raises(Invalid) as refusal:
        await send(alice, group_id, other.id, file.id)
    assert not refusal.value.retryable
    assert refusal.value.as_wire()["fields"] == {
        "attachments": [f"The file {file.id} belongs to another message: upload it again."]
    }
    # The refused message has taken nothing.
    await send(alice, group_id, other.id)
    assert len(await sent(group_id)) == 2


async def test_a_message_keeps_its_file_when_another_with_the_same_content_is_deleted(
    alice: Person, group_id: str
) -> None:
    file = await store(alice, group_id, b"hello")
    first = (await send(alice, group_id, file.id))["message"]
    with pytest.raises(Invalid):
        await send(alice, group_id, file.id)
    second = (await send(alice, group_id, (await store(alice, group_id, b"hello")).id))["message"]
    await services.delete_message(actor=alice.actor, message_id=first["id"])
    (kept,) = second["attachments"]
    assert b"".join([piece async for piece in read(alice, kept["id"])]) == b"hello"


async def test_a_file_is_not_attached_again_while_its_deletion_has_failed(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = await store(alice, group_id)
    message = (await send(alice, group_id, file.id))["message"]
    with monkeypatch.context() as patch:

        async def unavailable(file_id: str) -> None:
            raise Unavailable

        patch.setattr(files, "delete_file", unavailable)
        with pytest.raises(Unavailable):
            await services.delete_message(actor=alice.actor, message_id=message["id"])
    with pytest.raises(Invalid):
        await send(alice, group_id, file.id)


# --- retries ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("restarted", [False, True])
async def test_a_retry_returns_the_message_that_has_the_file(alice: Person, group_id: str, *, restarted: bool) -> None:
    file = await store(alice, group_id)
    first = await send(alice, group_id, file.id, client_id="c1")
    if restarted:
        forget_logs()
    assert await send(alice, group_id, file.id, client_id="c1") == {**first, "duplicate": True}
    with pytest.raises(IdempotencyConflict):
        await send(alice, group_id, file.id, client_id="c1", content="other")


async def test_a_retry_too_old_to_be_remembered_is_recognised_by_its_file(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = await store(alice, group_id)
    first = await send(alice, group_id, file.id, client_id="c1")
    await send(alice, group_id, content="later")
    monkeypatch.setattr("groups.log.state.RECENT_ENTRIES", 1)
    forget_logs()
    assert await send(alice, group_id, file.id, client_id="c1") == {**first, "duplicate": True}


# --- races -----------------------------------------------------------------------------------------------------------
async def test_of_sends_at_once_in_one_process_one_gets_the_file(alice: Person, group_id: str) -> None:
    file = await store(alice, group_id)
    results = await asyncio.gather(*(send(alice, group_id, file.id) for _ in range(5)), return_exceptions=True)
    assert [type(result) for result in results].count(dict) == 1
    assert [type(result) for result in results].count(Invalid) == 4
    assert len([entry for entry in await sent(group_id) if entry.attachments]) == 1


async def test_of_sends_that_wait_for_the_same_write_one_gets_the_file(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, writing_first, release = writing.write_appends, asyncio.Event(), asyncio.Event()

    async def wait_for_release(appends: list[Append]) -> None:
        writing_first.set()
        await release.wait()
        await write(appends)

    monkeypatch.setattr(writing, "write_appends", wait_for_release)
    file = await store(alice, group_id)
    first = asyncio.create_task(send(alice, group_id, content="first"))
    await writing_first.wait()
    message: Any = {"group_id": group_id, "content": "see", "attachments": [file.id]}
    queued = [await services.begin_send(actor=alice.actor, **message) for _ in range(3)]
    release.set()
    results = await asyncio.gather(*queued, return_exceptions=True)
    await first
    assert [type(result) for result in results] == [dict, Invalid, Invalid]


async def test_the_store_refuses_a_file_that_the_read_before_has_missed(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = await store(alice, group_id)
    await send(alice, group_id, file.id)
    find, missed = models.find_attached_files, iter([True])

    async def miss_once(group_id: str, file_ids: Sequence[str]) -> dict[str, int]:
        return {} if next(missed, False) else await find(group_id, file_ids)

    monkeypatch.setattr(models, "find_attached_files", miss_once)
    with pytest.raises(Invalid):
        await send(alice, group_id, file.id)
    assert len(await sent(group_id)) == 1


async def test_more_messages_with_files_than_one_transaction_takes_are_all_stored(alice: Person, group_id: str) -> None:
    uploads = await asyncio.gather(*(store(alice, group_id) for _ in range(60)))
    results = await asyncio.gather(*(send(alice, group_id, file.id) for file in uploads))
    assert sorted(result["message"]["seq"] for result in results) == [entry.seq for entry in await sent(group_id)]


async def test_a_refused_file_fails_no_message_of_the_same_batch(alice: Person, group_id: str) -> None:
    file = await store(alice, group_id)
    await send(alice, group_id, file.id)
    sends = [send(alice, group_id, content=f"{n}") for n in range(5)]
    *stored, refused = await asyncio.gather(*sends, send(alice, group_id, file.id), return_exceptions=True)
    assert all(isinstance(result, dict) for result in stored)
    assert isinstance(refused, Invalid)


@pytest.fixture
async def servers() -> AsyncIterator[list[Server]]:
    async with AsyncExitStack() as stack:
        yield list(await asyncio.gather(*(stack.enter_async_context(serving({})) for _ in range(2))))


async def test_of_sends_at_once_in_two_processes_one_gets_the_file(
    alice: Person, group_id: str, servers: list[Server]
) -> None:
    async with connected(servers[0].url, alice) as here, connected(servers[1].url, alice) as there:
        for _ in range(20):
            file = await store(alice, group_id)
            data = {"groupId": group_id, "content": "see", "attachments": [file.id]}
            acks = await asyncio.gather(*(client.send("message", data) for client in (here, there)))
            refused = [ack["error"] for ack in acks if not ack["ok"]]
            assert [(error["code"], error["retryable"]) for error in refused] == [("invalid", False)]
    stored = [entry.attachments[0]["id"] for entry in await sent(group_id) if entry.attachments]
    assert len(stored) == len(set(stored)) == 20


# --- lost responses --------------------------------------------------------------------------------------------------
async def test_a_message_whose_response_was_lost_is_not_refused_its_own_file(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, lost = writing.write_appends, iter([True])

    async def lose_first_response(appends: list[Append]) -> None:
        await write(appends)
        if next(lost, False):
            raise dynamodb.OutcomeUnknown

    monkeypatch.setattr(writing, "write_appends", lose_first_response)
    file = await store(alice, group_id)
    message = (await send(alice, group_id, file.id))["message"]
    assert [entry.seq for entry in await sent(group_id)] == [message["seq"]]


async def test_a_message_that_is_stored_late_is_not_refused_its_own_file(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The write takes effect after the appender has looked for it in the log, and before it decides again."""
    write, entries_after = writing.write_appends, queries.entries_after
    late: list[list[Append]] = []

    async def time_out_once(appends: list[Append]) -> None:
        if late:
            return await write(appends)
        late.append(appends)
        raise dynamodb.OutcomeUnknown

    async def then_store(group_id: str, seq: int, **more: Any) -> list[Entry]:
        entries = await entries_after(group_id, seq, **more)
        if late and late[0]:
            await write(late[0])
            late[0] = []
        return entries

    file = await store(alice, group_id)
    with monkeypatch.context() as patch:
        patch.setattr(writing, "write_appends", time_out_once)
        patch.setattr(queries, "entries_after", then_store)
        message = (await send(alice, group_id, file.id))["message"]
    assert [entry.seq for entry in await sent(group_id)] == [message["seq"]]
