"""The client retries what failed for the moment, with growing pauses and within the call's time."""

import asyncio
from typing import Any

import pytest
from botocore.exceptions import ClientError

from dynamodb.client import _DELAYS, Client
from dynamodb.errors import NoResponse

from .endpoint import CLOSE, RETRIES, ScriptedEndpoint, cancelled, error, response

pytestmark = pytest.mark.unit

FOUND: dict[str, Any] = {"Item": {"name": {"S": "Zoë"}}}


async def get_item(client: Client, **arguments: Any) -> dict[str, Any]:
    return await client.send("GetItem", arguments)


@pytest.mark.parametrize(
    "transient",
    [
        error("ThrottlingException"),
        error("ProvisionedThroughputExceededException"),
        error("TransactionInProgressException"),
        error("TransactionConflictException"),
        cancelled("TransactionConflict", "None"),
        cancelled("TransactionConflict", "ThrottlingError"),
        cancelled("None", "ThrottlingError"),
        error("InternalServerError", 500),
        response(b"<html>bad gateway</html>", 502),
    ],
)
async def test_a_transient_error_is_retried_with_the_same_request(
    endpoint: ScriptedEndpoint, client: Client, transient: bytes
) -> None:
    endpoint.script = [transient, response(FOUND)]
    assert await get_item(client, Key="k") == FOUND
    assert [request.content for request in endpoint.requests] == [{"Key": "k"}] * 2


@pytest.mark.parametrize(
    "transient",
    [error("ThrottlingException"), cancelled("TransactionConflict"), error("InternalServerError", 500), CLOSE],
)
async def test_a_request_is_retried_a_bounded_number_of_times(
    endpoint: ScriptedEndpoint, client: Client, transient: bytes
) -> None:
    endpoint.script = [transient] * 20
    with pytest.raises((ClientError, NoResponse)):
        await get_item(client)
    assert len(endpoint.requests) == 1 + RETRIES


async def test_the_delays_between_retries_grow_and_are_drawn_at_random() -> None:
    longest = [0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.0]
    drawn = [list(_DELAYS()) for _ in range(200)]
    for position, limit in enumerate(longest):
        delays = [delays[position] for delays in drawn]
        assert min(delays) < limit / 4
        assert limit * 3 / 4 < max(delays) <= limit


async def test_no_retry_is_made_after_the_deadline(endpoint: ScriptedEndpoint) -> None:
    client = endpoint.client(delay=1000)
    endpoint.script = [error("ThrottlingException")] * 2
    # It fails at once: to wait for a retry that cannot be made would help nobody.
    async with asyncio.timeout(10):
        with pytest.raises(ClientError):
            await client.send("GetItem", {}, deadline=asyncio.get_running_loop().time() + 5)
    assert len(endpoint.requests) == 1
    client.close()


async def test_a_conflict_beside_a_condition_that_fails_is_not_retried(
    endpoint: ScriptedEndpoint, client: Client
) -> None:
    endpoint.script = [cancelled("TransactionConflict", "ConditionalCheckFailed")]
    with pytest.raises(ClientError):
        await client.send("TransactWriteItems", {})
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize("then", [error("ThrottlingException"), cancelled("TransactionConflict")], ids=["busy", "held"])
@pytest.mark.parametrize("first", [CLOSE, error("InternalServerError", 500)], ids=["no response", "a server error"])
async def test_a_refusal_does_not_hide_that_an_earlier_try_may_have_been_executed(
    endpoint: ScriptedEndpoint, client: Client, first: bytes, then: bytes
) -> None:
    endpoint.script = [first, *[then] * 20]
    with pytest.raises((ClientError, NoResponse)) as raised:
        await get_item(client)
    assert not any(name in str(raised.value) for name in ("Throttling", "TransactionCanceled"))


async def test_throttling_does_not_hide_that_a_stale_connection_may_have_carried_the_request(
    endpoint: ScriptedEndpoint, client: Client
) -> None:
    await get_item(client)
    endpoint.script = [CLOSE, *[error("ThrottlingException")] * 20]
    with pytest.raises(NoResponse):
        await get_item(client)


# --- batches ---------------------------------------------------------------------------------------------------------
def part_of_batch(*rows: int, unprocessed: int) -> bytes:
    keys = {"table": {"Keys": [{"id": {"N": str(number)}} for number in range(unprocessed)]}} if unprocessed else {}
    items = [{"id": {"N": str(number)}} for number in rows]
    return response({"Responses": {"table": items}, "UnprocessedKeys": keys})


async def test_the_unprocessed_keys_of_a_batch_are_read_too(endpoint: ScriptedEndpoint, client: Client) -> None:
    parts = [part_of_batch(4, 3, unprocessed=3), part_of_batch(unprocessed=3), part_of_batch(2, unprocessed=2)]
    endpoint.script = [*parts, error("ThrottlingException"), part_of_batch(1, 0, unprocessed=0)]
    result = await client.send("BatchGetItem", {"RequestItems": {}, "ReturnConsumedCapacity": "NONE"})
    assert [int(item["id"]["N"]) for item in result["Responses"]["table"]] == [4, 3, 2, 1, 0]
    assert not result["UnprocessedKeys"]
    requested = [request.content["RequestItems"].get("table", {"Keys": []}) for request in endpoint.requests]
    assert [len(table["Keys"]) for table in requested] == [0, 3, 3, 2, 2]
    assert {request.content["ReturnConsumedCapacity"] for request in endpoint.requests} == {"NONE"}


async def test_a_batch_without_progress_is_throttled_after_a_bounded_number_of_requests(
    endpoint: ScriptedEndpoint, client: Client
) -> None:
    endpoint.script = [part_of_batch(unprocessed=2)] * 50
    with pytest.raises(ClientError, match="ThrottlingException"):
        await client.send("BatchGetItem", {"RequestItems": {}})
    assert len(endpoint.requests) == 1 + RETRIES


async def test_a_batch_that_progresses_may_take_more_requests(endpoint: ScriptedEndpoint, client: Client) -> None:
    endpoint.script = [part_of_batch(left, unprocessed=left) for left in reversed(range(3 * RETRIES))]
    result = await client.send("BatchGetItem", {"RequestItems": {}})
    assert len(result["Responses"]["table"]) == 3 * RETRIES


async def test_unprocessed_keys_are_not_requested_after_the_deadline(endpoint: ScriptedEndpoint) -> None:
    client = endpoint.client(delay=1000)
    endpoint.script = [part_of_batch(1, unprocessed=2)] * 2
    async with asyncio.timeout(10):
        with pytest.raises(ClientError, match="ThrottlingException"):
            await client.send("BatchGetItem", {}, deadline=asyncio.get_running_loop().time() + 5)
    assert len(endpoint.requests) == 1
    client.close()
