"""What a caller of the store sees: the same refusals whatever DynamoDB's words for them, in time, once."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pynamodb.exceptions import PynamoDBException
from pynamodb.transactions import TransactWrite
from pytest_django import Settings

from dynamodb import store
from foundation.errors import TooLarge, Unavailable
from groups import models
from groups.log import queries
from groups.log.entry import Entry
from groups.models import Group, GroupRow, Member

from .endpoint import HANG_UP, SILENCE, Scripted, answer, refused, scripted


@pytest.fixture
async def endpoint(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scripted]:
    """An endpoint that the store talks to in this test."""
    async with scripted() as made:
        client = made.client(read_seconds=60)
        monkeypatch.setitem(store._clients, asyncio.get_running_loop(), client)
        yield made
        client.close()


def entry(group_id: str, seq: int, **more: Any) -> Entry:
    at = "2026-01-01T00:00:00.000Z"
    return Entry(
        group_id, seq, kind="message", user_id="user_1", created_at=at, message_count=seq, nonce=f"n_{seq}", **more
    )


async def put(row: Entry) -> None:
    await store.call(row.save, Entry.group_id.does_not_exist())


async def transact(*rows: Entry) -> None:
    def write() -> None:
        with TransactWrite(connection=store.connection()) as transaction:
            for row in rows:
                transaction.save(row, condition=Entry.group_id.does_not_exist())

    await store.call(write)


def cancelled(*codes: str) -> bytes:
    return refused("TransactionCanceledException", CancellationReasons=[{"Code": code} for code in codes])


# --- refusals --------------------------------------------------------------------------------------------------------
TOO_LARGE = answer(
    {"__type": "com.amazon.coral.validate#ValidationException", "message": "Item size has exceeded the maximum"}, 400
)
PUTS = {
    "a failed condition": (refused("ConditionalCheckFailedException"), store.ConditionFailed),
    "another's transaction": (refused("TransactionConflictException"), store.ConditionFailed),
    "throttling": (refused("ThrottlingException"), store.OutcomeUnknown),
    "no throughput": (refused("ProvisionedThroughputExceededException"), store.OutcomeUnknown),
    "too many requests": (refused("RequestLimitExceeded"), store.OutcomeUnknown),
    "a failure": (refused("InternalServerError", 500), store.OutcomeUnknown),
    "an unknown failure": (refused("SomethingNew", 503), store.OutcomeUnknown),
    "no JSON": (answer(b"<html>bad gateway</html>", 502), store.OutcomeUnknown),
    "a connection that ends": (HANG_UP, store.OutcomeUnknown),
    "too large an item": (TOO_LARGE, TooLarge),
    "a table that is not there": (refused("ResourceNotFoundException"), PynamoDBException),
    "a wrong signature": (refused("UnrecognizedClientException"), PynamoDBException),
}
TRANSACTIONS = {
    "a failed condition": (cancelled("None", "ConditionalCheckFailed"), store.ConditionFailed),
    "another's transaction": (cancelled("TransactionConflict", "None"), store.ConditionFailed),
    "a failed condition among throttling": (
        cancelled("ThrottlingError", "ConditionalCheckFailed"),
        store.ConditionFailed,
    ),
    "throttling": (cancelled("ThrottlingError", "None"), store.OutcomeUnknown),
    "no throughput": (cancelled("ProvisionedThroughputExceeded"), store.OutcomeUnknown),
    "the same still under way": (refused("TransactionInProgressException"), store.ConditionFailed),
    "a failure": (refused("InternalServerError", 500), store.OutcomeUnknown),
    "a table that is not there": (refused("ResourceNotFoundException"), PynamoDBException),
}


@pytest.mark.parametrize(("said", "expected"), PUTS.values(), ids=PUTS.keys())
async def test_a_put_is_refused_with(endpoint: Scripted, said: bytes, expected: type[Exception]) -> None:
    endpoint.script = [said] * 3
    with pytest.raises(expected):
        await put(entry("group_1", 1))


@pytest.mark.parametrize(("said", "expected"), TRANSACTIONS.values(), ids=TRANSACTIONS.keys())
async def test_a_transaction_is_refused_with(endpoint: Scripted, said: bytes, expected: type[Exception]) -> None:
    endpoint.script = [said] * 3
    with pytest.raises(expected):
        await transact(entry("group_1", 1), entry("group_1", 2))


async def test_a_read_that_fails_is_unavailable(endpoint: Scripted) -> None:
    endpoint.script = [HANG_UP] * 3
    with pytest.raises(Unavailable):
        await models.find_member("group_1", "user_1")


# --- in time, and once -----------------------------------------------------------------------------------------------
async def test_a_call_ends_in_time_whatever_it_waits_for(endpoint: Scripted, settings: Settings) -> None:
    settings.STORE_TIMEOUT = 0.1
    endpoint.script = [SILENCE]
    with pytest.raises(store.OutcomeUnknown):
        await put(entry("group_1", 1))
    settings.STORE_TIMEOUT = 10
    await put(entry("group_1", 1))


async def test_a_repeated_transaction_is_known_by_its_token(endpoint: Scripted) -> None:
    endpoint.script = [refused("InternalServerError", 500)]
    await transact(entry("group_1", 1))
    await transact(entry("group_1", 1))
    first, repeated, second = (request.content.pop("ClientRequestToken") for request in endpoint.requests)
    assert first == repeated != second


async def test_a_caller_who_goes_away_ends_the_request(endpoint: Scripted) -> None:
    endpoint.script = [SILENCE]
    call = asyncio.create_task(put(entry("group_1", 1)))
    await endpoint.asked.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await put(entry("group_1", 2))
    assert [request.content["Item"]["seq"] for request in endpoint.requests] == [{"N": "1"}, {"N": "2"}]
    assert len(endpoint.connections) == 2


# --- PynamoDB on the loop --------------------------------------------------------------------------------------------
async def test_the_loop_goes_on_while_the_store_works(endpoint: Scripted) -> None:
    endpoint.script = [SILENCE]
    waiting = asyncio.create_task(models.find_member("group_1", "user_1"))
    await endpoint.asked.wait()
    assert await models.find_member("group_2", "user_1") is None
    assert not waiting.done()
    waiting.cancel()


async def test_calls_run_on_the_callers_thread_and_return_what_the_function_returns() -> None:
    thread = await store.call(threading.current_thread)
    assert thread is threading.current_thread()


async def test_what_the_function_raises_reaches_the_caller() -> None:
    def fails() -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        await store.call(fails)


async def test_calls_under_way_at_once_do_not_mix(endpoint: Scripted) -> None:
    def row(number: int) -> bytes:
        return answer({"Item": entry(f"group_{number}", 1).serialize()})

    endpoint.script = [row(number) for number in range(20)]
    found = await asyncio.gather(*(queries.get_entry(f"group_{number}", 1) for number in range(20)))
    by_request = {request.content["Key"]["groupId"]["S"]: place for place, request in enumerate(endpoint.requests)}
    assert [entry and entry.group_id for entry in found] == [f"group_{by_request[f'group_{n}']}" for n in range(20)]


async def test_a_query_goes_on_from_page_to_page(endpoint: Scripted) -> None:
    rows = [entry("group_1", seq).serialize() for seq in (1, 2, 3)]
    last = {key: rows[1][key] for key in ("groupId", "seq")}
    endpoint.script = [
        answer({"Items": rows[:2], "Count": 2, "ScannedCount": 2, "LastEvaluatedKey": last}),
        answer({"Items": rows[2:], "Count": 1, "ScannedCount": 1}),
    ]
    assert [found.seq for found in await queries.entries_after("group_1", 0)] == [1, 2, 3]
    assert endpoint.requests[1].content["ExclusiveStartKey"] == last


async def test_keys_that_were_not_processed_are_asked_for_again(endpoint: Scripted) -> None:
    table, key = GroupRow.Meta.table_name, {"groupId": {"S": "b"}, "item": {"S": "member#u"}}
    rows = [models.member_row(Member(group_id, "u", "member", "now")).serialize() for group_id in "ab"]
    endpoint.script = [
        answer({"Responses": {table: rows[:1]}, "UnprocessedKeys": {table: {"Keys": [key]}}}),
        answer({"Responses": {table: rows[1:]}, "UnprocessedKeys": {}}),
    ]
    assert len(await models.find_memberships("u", ["a", "b"])) == 0  # no group rows were among them
    assert endpoint.requests[1].content["RequestItems"][table]["Keys"] == [key]


# --- the real engine -------------------------------------------------------------------------------------------------
async def test_the_engine_takes_and_gives_back_every_kind_of_value() -> None:
    row = entry(
        "group_kinds",
        7,
        content='héllo ☃ 𝄞\n"\\',
        attachments=[{"id": "file_1", "size": 5}],
        reactions={"👍 user_1", "👎 user_2"},
        deleted=False,
        version=-3,
        roles={"user_1": None},
    )
    await put(row)
    found = await queries.get_entry("group_kinds", 7)
    assert found is not None
    assert found.attribute_values == row.attribute_values


async def test_the_engine_says_no_to_a_second_one() -> None:
    await transact(entry("group_twice", 1), entry("group_twice", 2))
    with pytest.raises(store.ConditionFailed):
        await put(entry("group_twice", 1))
    with pytest.raises(store.ConditionFailed):
        await transact(entry("group_twice", 3), entry("group_twice", 2))
    assert await queries.get_entry("group_twice", 3) is None


async def test_the_engine_refuses_what_is_too_large() -> None:
    with pytest.raises(TooLarge):
        await put(entry("group_large", 1, content="x" * 500_000))


async def test_tables_are_made_beside_the_loop() -> None:
    assert await asyncio.to_thread(GroupRow.exists)
    assert await store.call(GroupRow.exists)
    assert models.group_row(Group("g", "n", "group", "now", "u")).serialize()["name"] == {"S": "n"}
