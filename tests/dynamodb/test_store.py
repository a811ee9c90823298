"""The store translates DynamoDB's errors, ends calls in time, and runs PynamoDB without blocking the loop."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pynamodb.transactions import TransactWrite
from pytest_django import Settings

from dynamodb import store
from foundation.errors import Misconfigured, TooLarge, Unavailable
from groups import memberships, models
from groups.log import queries
from groups.log.appender import append
from groups.log.entry import Entry
from groups.models import Group, Member
from groups.places.proposals import ChangeGroupProposal
from groups.rows import GroupRow
from presence.broadcaster import close_presence
from realtime.hub.hub import close_hub

from .endpoint import CLOSE, RETRIES, SILENCE, ScriptedEndpoint, cancelled, error, response, scripted


@pytest.fixture
async def endpoint(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ScriptedEndpoint]:
    """The endpoint that the store uses in this test."""
    # The hub and presence of earlier tests still read the store from time to time, and would use up the script.
    await close_presence()
    await close_hub()
    async with scripted() as endpoint:
        client = endpoint.client(endpoint.pool(read_timeout=60))
        monkeypatch.setitem(store._clients, asyncio.get_running_loop(), client)
        yield endpoint
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


def is_known(failure: BaseException) -> bool:
    """Return whether the error says that nothing was written."""
    return not isinstance(failure, store.OutcomeUnknown)


# --- errors ----------------------------------------------------------------------------------------------------------
TOO_LARGE = response(
    {"__type": "com.amazon.coral.validate#ValidationException", "message": "Item size has exceeded the maximum"}, 400
)
PUTS = {
    "a failed condition": (error("ConditionalCheckFailedException"), store.ConditionFailed),
    "a conflicting transaction": (error("TransactionConflictException"), store.Conflict),
    "throttling": (error("ThrottlingException"), Unavailable),
    "no throughput": (error("ProvisionedThroughputExceededException"), Unavailable),
    "too many requests": (error("RequestLimitExceeded"), Unavailable),
    "a server error": (error("InternalServerError", 500), store.OutcomeUnknown),
    "an unknown server error": (error("SomethingNew", 503), store.OutcomeUnknown),
    "no JSON": (response(b"<html>bad gateway</html>", 502), store.OutcomeUnknown),
    "a closed connection": (CLOSE, store.OutcomeUnknown),
    "an item that is too large": (TOO_LARGE, TooLarge),
    "a missing table": (error("ResourceNotFoundException"), Misconfigured),
    "a wrong signature": (error("UnrecognizedClientException"), Misconfigured),
}
TOO_LARGE_IN_TRANSACTION = error(
    "TransactionCanceledException",
    CancellationReasons=[
        {"Code": "None"},
        {"Code": "ValidationError", "Message": "Item size to update has exceeded the maximum allowed size"},
    ],
)
TRANSACTIONS = {
    "an item that is too large": (TOO_LARGE, TooLarge),
    "an item that would grow too large": (TOO_LARGE_IN_TRANSACTION, TooLarge),
    "a failed condition": (cancelled("None", "ConditionalCheckFailed"), store.ConditionFailed),
    "a conflicting transaction": (cancelled("TransactionConflict", "None"), store.Conflict),
    "a failed condition among throttling": (
        cancelled("ThrottlingError", "ConditionalCheckFailed"),
        store.ConditionFailed,
    ),
    "throttling": (cancelled("ThrottlingError", "None"), Unavailable),
    "no throughput": (cancelled("ProvisionedThroughputExceeded"), Unavailable),
    "the same transaction still in progress": (error("TransactionInProgressException"), store.ConditionFailed),
    "a server error": (error("InternalServerError", 500), store.OutcomeUnknown),
    "a missing table": (error("ResourceNotFoundException"), Misconfigured),
}


@pytest.mark.parametrize(("reply", "expected"), PUTS.values(), ids=PUTS.keys())
async def test_a_put_raises(endpoint: ScriptedEndpoint, reply: bytes, expected: type[Exception]) -> None:
    endpoint.script = [reply] * (1 + RETRIES)
    with pytest.raises(expected) as raised:
        await put(entry("group_1", 1))
    assert is_known(raised.value) == (expected is not store.OutcomeUnknown)


@pytest.mark.parametrize(("reply", "expected"), TRANSACTIONS.values(), ids=TRANSACTIONS.keys())
async def test_a_transaction_raises(endpoint: ScriptedEndpoint, reply: bytes, expected: type[Exception]) -> None:
    endpoint.script = [reply] * (1 + RETRIES)
    with pytest.raises(expected) as raised:
        await transact(entry("group_1", 1), entry("group_1", 2))
    assert is_known(raised.value) == (expected is not store.OutcomeUnknown)


async def test_a_read_that_fails_is_unavailable(endpoint: ScriptedEndpoint) -> None:
    endpoint.script = [CLOSE] * (1 + RETRIES)
    with pytest.raises(Unavailable):
        await models.find_member("group_1", "user_1")


async def test_a_throttled_append_is_refused_without_a_search_for_its_entry(endpoint: ScriptedEndpoint) -> None:
    found = [response({"Items": [entry("group_1", 1).serialize()], "Count": 1, "ScannedCount": 1})]
    found.append(response({"Item": models.member_row(Member("group_1", "user_1", "owner", "now")).serialize()}))
    group = Group("group_1", "a", "group", "now", "user_1")
    found.append(response({"Item": models.group_row(group).serialize()}))
    endpoint.script = [*found, *[error("ThrottlingException")] * (1 + RETRIES)]
    with pytest.raises(Unavailable) as raised:
        await append("group_1", ChangeGroupProposal("user_1", {"name": "b"}))
    assert is_known(raised.value)
    assert len(endpoint.requests) == len(found) + 1 + RETRIES


async def test_a_batch_whose_keys_stay_unprocessed_is_unavailable(endpoint: ScriptedEndpoint) -> None:
    keys = {GroupRow.Meta.table_name: {"Keys": [{"groupId": {"S": "b"}, "item": {"S": "member#u"}}]}}
    endpoint.script = [response({"Responses": {}, "UnprocessedKeys": keys})] * 200
    with pytest.raises(Unavailable) as raised:
        await memberships.find_memberships("u", ["a", "b"])
    assert is_known(raised.value)
    assert len(endpoint.requests) == 1 + RETRIES


# --- timeouts, retries and cancellation ------------------------------------------------------------------------------
async def test_a_call_ends_after_the_stores_timeout(endpoint: ScriptedEndpoint, settings: Settings) -> None:
    settings.STORE_TIMEOUT = 0.1
    endpoint.script = [SILENCE]
    with pytest.raises(store.OutcomeUnknown):
        await put(entry("group_1", 1))
    settings.STORE_TIMEOUT = 10
    await put(entry("group_1", 1))


async def test_throttling_is_retried_only_within_the_stores_timeout(
    endpoint: ScriptedEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(store._clients, asyncio.get_running_loop(), endpoint.client(delay=1000))
    endpoint.script = [error("ThrottlingException")] * 2
    async with asyncio.timeout(4):
        with pytest.raises(Unavailable) as raised:
            await put(entry("group_1", 1))
    assert is_known(raised.value)
    assert len(endpoint.requests) == 1


async def test_a_retried_transaction_has_the_same_idempotency_token(endpoint: ScriptedEndpoint) -> None:
    endpoint.script = [error("InternalServerError", 500)]
    await transact(entry("group_1", 1))
    await transact(entry("group_1", 1))
    first, retried, second = (request.content.pop("ClientRequestToken") for request in endpoint.requests)
    assert first == retried != second


async def test_a_cancelled_caller_closes_the_connection_of_its_request(endpoint: ScriptedEndpoint) -> None:
    endpoint.script = [SILENCE]
    call = asyncio.create_task(put(entry("group_1", 1)))
    await endpoint.requested.wait()
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await put(entry("group_1", 2))
    assert [request.content["Item"]["seq"] for request in endpoint.requests] == [{"N": "1"}, {"N": "2"}]
    assert len(endpoint.connections) == 2


# --- PynamoDB on the loop --------------------------------------------------------------------------------------------
async def test_a_call_in_flight_does_not_block_the_loop(endpoint: ScriptedEndpoint) -> None:
    endpoint.script = [SILENCE]
    waiting = asyncio.create_task(models.find_member("group_1", "user_1"))
    await endpoint.requested.wait()
    assert await models.find_member("group_2", "user_1") is None
    assert not waiting.done()
    waiting.cancel()


async def test_a_call_runs_on_the_callers_thread_and_returns_the_functions_result() -> None:
    thread = await store.call(threading.current_thread)
    assert thread is threading.current_thread()


async def test_an_exception_of_the_function_reaches_the_caller() -> None:
    def fails() -> None:
        raise KeyError("a bug")

    with pytest.raises(KeyError, match="a bug"):
        await store.call(fails)


async def test_concurrent_calls_do_not_mix_their_responses(endpoint: ScriptedEndpoint) -> None:
    def row(number: int) -> bytes:
        return response({"Item": entry(f"group_{number}", 1).serialize()})

    endpoint.script = [row(number) for number in range(20)]
    entries = await asyncio.gather(*(queries.get_entry(f"group_{number}", 1) for number in range(20)))
    by_request = {request.content["Key"]["groupId"]["S"]: place for place, request in enumerate(endpoint.requests)}
    assert [entry and entry.group_id for entry in entries] == [f"group_{by_request[f'group_{n}']}" for n in range(20)]


async def test_a_query_reads_page_after_page(endpoint: ScriptedEndpoint) -> None:
    rows = [entry("group_1", seq).serialize() for seq in (1, 2, 3)]
    last = {key: rows[1][key] for key in ("groupId", "seq")}
    endpoint.script = [
        response({"Items": rows[:2], "Count": 2, "ScannedCount": 2, "LastEvaluatedKey": last}),
        response({"Items": rows[2:], "Count": 1, "ScannedCount": 1}),
    ]
    assert [entry.seq for entry in await queries.entries_after("group_1", 0)] == [1, 2, 3]
    assert endpoint.requests[1].content["ExclusiveStartKey"] == last


async def test_unprocessed_keys_are_requested_again(endpoint: ScriptedEndpoint) -> None:
    table, key = GroupRow.Meta.table_name, {"groupId": {"S": "b"}, "item": {"S": "member#u"}}
    rows = [models.member_row(Member(group_id, "u", "member", "now")).serialize() for group_id in "ab"]
    endpoint.script = [
        response({"Responses": {table: rows[:1]}, "UnprocessedKeys": {table: {"Keys": [key]}}}),
        response({"Responses": {table: rows[1:]}, "UnprocessedKeys": {}}),
    ]
    assert len(await memberships.find_memberships("u", ["a", "b"])) == 0  # no group rows were among them
    assert endpoint.requests[1].content["RequestItems"][table]["Keys"] == [key]


# --- DynamoDB itself -------------------------------------------------------------------------------------------------
async def test_dynamodb_stores_and_returns_every_type_of_value() -> None:
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
    stored = await queries.get_entry("group_kinds", 7)
    assert stored is not None
    assert stored.attribute_values == row.attribute_values


async def test_dynamodb_rejects_a_second_entry_with_the_same_seq() -> None:
    await transact(entry("group_twice", 1), entry("group_twice", 2))
    with pytest.raises(store.ConditionFailed):
        await put(entry("group_twice", 1))
    with pytest.raises(store.ConditionFailed):
        await transact(entry("group_twice", 3), entry("group_twice", 2))
    assert await queries.get_entry("group_twice", 3) is None


async def test_dynamodb_rejects_an_item_that_is_too_large() -> None:
    with pytest.raises(TooLarge):
        await put(entry("group_large", 1, content="x" * 500_000))


async def test_a_table_is_described_on_a_thread_as_well_as_in_a_call() -> None:
    assert await asyncio.to_thread(GroupRow.exists)
    assert await store.call(GroupRow.exists)
    assert models.group_row(Group("g", "n", "group", "now", "u")).serialize()["name"] == {"S": "n"}
