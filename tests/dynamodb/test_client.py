"""The client with each kind of response, and with none: nothing is lost, mixed up or retried for ever."""

import asyncio
import contextlib
from typing import Any

import pytest
from botocore.exceptions import ClientError

from dynamodb import connection
from dynamodb import pool as pool_module
from dynamodb.client import Client
from dynamodb.errors import NoResponse
from dynamodb.pool import ConnectionPool

from .endpoint import CLOSE, RETRIES, SILENCE, ScriptedEndpoint, error, response, until

pytestmark = pytest.mark.unit

FOUND: dict[str, Any] = {"Item": {"name": {"S": "Zoë"}}}


async def get_item(client: Client, **arguments: Any) -> dict[str, Any]:
    return await client.send("GetItem", arguments)


# --- requests --------------------------------------------------------------------------------------------------------
async def test_a_request_is_signed_json_to_an_operation(endpoint: ScriptedEndpoint, client: Client) -> None:
    endpoint.script = [response(FOUND)]
    assert await get_item(client, TableName="t", Key="Zoë") == FOUND
    (request,) = endpoint.requests
    assert request.content == {"TableName": "t", "Key": "Zoë"}
    lines = request.head.split("\r\n")
    assert lines[0] == "POST / HTTP/1.1"
    headers = dict(line.split(": ", 1) for line in lines[1:] if line)
    assert headers["x-amz-target"] == "DynamoDB_20120810.GetItem"
    assert headers["host"] == endpoint.url.removeprefix("http://")
    assert headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=key/")


async def test_consecutive_requests_share_one_connection(endpoint: ScriptedEndpoint, client: Client) -> None:
    for number in range(5):
        endpoint.script = [response({"n": number})]
        assert await get_item(client) == {"n": number}
    assert len(endpoint.connections) == 1


async def test_a_response_may_arrive_in_pieces_and_chunks(endpoint: ScriptedEndpoint, client: Client) -> None:
    chunked = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n2\r\n1}\r\n0\r\n\r\n'
    endpoint.script = [chunked]
    assert await get_item(client) == {"a": 1}
    large = {"text": "x" * 3_000_000}
    endpoint.script = [response(large)]
    assert await get_item(client) == large
    assert len(endpoint.connections) == 1


async def test_requests_over_the_pools_size_wait_for_a_connection(endpoint: ScriptedEndpoint) -> None:
    client = endpoint.client(endpoint.pool(size=3))
    endpoint.script = [response({"n": number}) for number in range(12)]
    responses = await asyncio.gather(*(get_item(client) for _ in range(12)))
    assert sorted(response["n"] for response in responses) == list(range(12))
    assert len(endpoint.connections) == 3
    client.close()


async def test_a_connection_that_the_service_closes_after_a_response_is_not_reused(
    endpoint: ScriptedEndpoint, client: Client
) -> None:
    endpoint.script = [response(FOUND, 200, "Connection: close"), response(FOUND)]
    assert [await get_item(client), await get_item(client)] == [FOUND, FOUND]
    assert len(endpoint.connections) == 2


async def test_a_connection_that_was_idle_too_long_is_not_reused(
    endpoint: ScriptedEndpoint, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    await get_item(client)
    monkeypatch.setattr(pool_module, "MAX_IDLE_SECONDS", 0)
    await get_item(client)
    assert len(endpoint.connections) == 2


# --- error responses -------------------------------------------------------------------------------------------------
async def test_an_error_response_has_its_reasons_and_is_not_retried(endpoint: ScriptedEndpoint, client: Client) -> None:
    reasons = [{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Message": "exists"}]
    endpoint.script = [error("TransactionCanceledException", CancellationReasons=reasons)]
    with pytest.raises(ClientError) as raised:
        await get_item(client)
    assert raised.value.response["Error"] == {"Code": "TransactionCanceledException", "Message": "no"}
    parsed = getattr(raised.value, "cancellation_reasons", [])
    assert [reason and (reason.code, reason.message) for reason in parsed] == [
        None,
        ("ConditionalCheckFailed", "exists"),
    ]
    assert "7H4S" in str(raised.value)
    assert len(endpoint.requests) == 1


# --- no response -----------------------------------------------------------------------------------------------------
async def test_a_stale_connection_is_replaced_without_delay(endpoint: ScriptedEndpoint) -> None:
    client = endpoint.client(delay=1000)
    await get_item(client)
    # It closes when the next request arrives: the client cannot know before.
    endpoint.script = [CLOSE, response(FOUND)]
    assert await get_item(client) == FOUND
    assert len(endpoint.connections) == 2


async def test_a_connection_known_to_be_closed_is_not_used(
    endpoint: ScriptedEndpoint, client: Client, pool: ConnectionPool
) -> None:
    await get_item(client)
    endpoint.connections[0].close()
    await until(lambda: pool.idle_count == 0)
    endpoint.script = [response(FOUND)]
    assert await get_item(client) == FOUND
    assert len(endpoint.requests) == 2


async def test_half_a_response_counts_as_none(endpoint: ScriptedEndpoint, client: Client) -> None:
    half = response(FOUND)[:-3]
    endpoint.script = [half, SILENCE]
    request = asyncio.create_task(get_item(client))
    await endpoint.requested.wait()
    endpoint.script = [response({"whole": True})]
    endpoint.connections[0].close()
    assert await request == {"whole": True}


GARBAGE = {
    "no HTTP": b"SSH-2.0-OpenSSH\r\n\r\n",
    "no JSON": response(b"<html>"),
    "no object": response([1]),
    "a wrong checksum": response(FOUND).replace(b"x-amz-crc32: ", b"x-amz-crc32: 1"),
    "another protocol": b"HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nwhatever",
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE.keys())
async def test_garbage_counts_as_no_response(endpoint: ScriptedEndpoint, client: Client, garbage: bytes) -> None:
    endpoint.script = [garbage, response(FOUND), *[garbage] * (1 + RETRIES)]
    assert await get_item(client) == FOUND
    with pytest.raises(NoResponse):
        await get_item(client)


async def test_a_response_over_the_size_limit_is_cut_off(
    endpoint: ScriptedEndpoint, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "MAX_RESPONSE_BYTES", 10_000)
    endpoint.script = [response({"text": "x" * 20_000})] * (1 + RETRIES)
    with pytest.raises(NoResponse, match="too large"):
        await get_item(client)
    assert await get_item(client) == {}


async def test_an_unrequested_response_closes_the_connection(
    endpoint: ScriptedEndpoint, client: Client, pool: ConnectionPool
) -> None:
    endpoint.script = [response(FOUND) + response({"of": "another request"})]
    assert await get_item(client) == FOUND
    assert await get_item(client) == {}
    endpoint.connections[1].write(response({"of": "another request"}))
    await until(lambda: pool.idle_count == 0)
    assert await get_item(client) == {}
    assert len(endpoint.connections) == 3


async def test_a_silent_service_is_a_timeout(endpoint: ScriptedEndpoint) -> None:
    client = endpoint.client(endpoint.pool(read_timeout=0.1))
    endpoint.script = [SILENCE] * (1 + RETRIES)
    with pytest.raises(NoResponse, match="too long"):
        await get_item(client)
    # Late responses to these requests must not be taken for those of later ones.
    assert await get_item(client) == {}
    assert len(endpoint.connections) == 2 + RETRIES
    client.close()


async def test_a_refused_connection_counts_as_no_response(endpoint: ScriptedEndpoint) -> None:
    endpoint.url = "http://127.0.0.1:1"
    client = endpoint.client()
    with pytest.raises(NoResponse, match="no connection"):
        await get_item(client)


async def test_a_cancelled_request_leaves_no_partial_response_behind(endpoint: ScriptedEndpoint) -> None:
    client = endpoint.client(endpoint.pool(size=1))
    endpoint.script = [SILENCE]
    request = asyncio.create_task(get_item(client))
    await endpoint.requested.wait()
    request.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await request
    # Its slot is free again, and a new connection serves the next request.
    endpoint.script = [response(FOUND)]
    assert await get_item(client) == FOUND
    assert len(endpoint.connections) == 2
    client.close()


async def test_a_request_cancelled_while_it_waits_for_a_connection_frees_its_place(endpoint: ScriptedEndpoint) -> None:
    client = endpoint.client(endpoint.pool(size=1))
    endpoint.script = [SILENCE]
    first, second = asyncio.create_task(get_item(client)), asyncio.create_task(get_item(client))
    await endpoint.requested.wait()
    second.cancel()
    first.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    assert await get_item(client) == {}
    assert len(endpoint.requests) == 2
    client.close()
