"""What the client does with each kind of answer, and with none: nothing is lost, mixed up or asked without an end."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from dynamodb import client as client_module
from dynamodb import connection, pool
from dynamodb.client import Client
from dynamodb.errors import NoResponse

from .endpoint import HANG_UP, SILENCE, Scripted, answer, refused, scripted, until

pytestmark = pytest.mark.unit

YES: dict[str, Any] = {"Item": {"name": {"S": "Zoë"}}}


@pytest.fixture
async def endpoint() -> AsyncIterator[Scripted]:
    async with scripted() as made:
        yield made


@pytest.fixture
async def client(endpoint: Scripted) -> AsyncIterator[Client]:
    made = endpoint.client()
    yield made
    made.close()


async def ask(client: Client, **arguments: Any) -> dict[str, Any]:
    return await client.send("GetItem", arguments)


# --- asking ----------------------------------------------------------------------------------------------------------
async def test_a_request_is_signed_json_to_an_operation(endpoint: Scripted, client: Client) -> None:
    endpoint.script = [answer(YES)]
    assert await ask(client, TableName="t", Key="Zoë") == YES
    (request,) = endpoint.requests
    assert request.content == {"TableName": "t", "Key": "Zoë"}
    lines = request.head.split("\r\n")
    assert lines[0] == "POST / HTTP/1.1"
    headers = dict(line.split(": ", 1) for line in lines[1:] if line)
    assert headers["x-amz-target"] == "DynamoDB_20120810.GetItem"
    assert headers["host"] == endpoint.url.removeprefix("http://")
    assert headers["authorization"].startswith("AWS4-HMAC-SHA256 Credential=key/")


async def test_one_connection_serves_one_request_after_another(endpoint: Scripted, client: Client) -> None:
    for number in range(5):
        endpoint.script = [answer({"n": number})]
        assert await ask(client) == {"n": number}
    assert len(endpoint.connections) == 1


async def test_an_answer_may_come_in_pieces_and_chunks(endpoint: Scripted, client: Client) -> None:
    chunked = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"a":\r\n2\r\n1}\r\n0\r\n\r\n'
    endpoint.script = [chunked]
    assert await ask(client) == {"a": 1}
    large = {"text": "x" * 3_000_000}
    endpoint.script = [answer(large)]
    assert await ask(client) == large
    assert len(endpoint.connections) == 1


async def test_many_requests_share_so_many_connections_and_the_rest_wait(endpoint: Scripted) -> None:
    client = endpoint.client(size=3)
    endpoint.script = [answer({"n": number}) for number in range(12)]
    answers = await asyncio.gather(*(ask(client) for _ in range(12)))
    assert sorted(found["n"] for found in answers) == list(range(12))
    assert len(endpoint.connections) == 3
    client.close()


async def test_a_connection_that_the_service_closes_after_an_answer_is_not_used_again(
    endpoint: Scripted, client: Client
) -> None:
    endpoint.script = [answer(YES, 200, "Connection: close"), answer(YES)]
    assert [await ask(client), await ask(client)] == [YES, YES]
    assert len(endpoint.connections) == 2


async def test_an_old_idle_connection_is_not_trusted(
    endpoint: Scripted, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask(client)
    monkeypatch.setattr(pool, "MAX_IDLE_SECONDS", 0)
    await ask(client)
    assert len(endpoint.connections) == 2


# --- refusals --------------------------------------------------------------------------------------------------------
async def test_a_refusal_says_why_and_is_not_repeated(endpoint: Scripted, client: Client) -> None:
    reasons = [{"Code": "None"}, {"Code": "ConditionalCheckFailed", "Message": "exists"}]
    endpoint.script = [refused("TransactionCanceledException", CancellationReasons=reasons)]
    with pytest.raises(ClientError) as refusal:
        await ask(client)
    assert refusal.value.response["Error"] == {"Code": "TransactionCanceledException", "Message": "no"}
    found = getattr(refusal.value, "cancellation_reasons", [])
    assert [reason and (reason.code, reason.message) for reason in found] == [
        None,
        ("ConditionalCheckFailed", "exists"),
    ]
    assert "7H4S" in str(refusal.value)
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    "busy",
    [
        refused("ThrottlingException"),
        refused("ProvisionedThroughputExceededException"),
        refused("TransactionInProgressException"),
        refused("InternalServerError", 500),
        answer(b"<html>bad gateway</html>", 502),
    ],
)
async def test_what_passes_is_asked_once_more_and_the_same(endpoint: Scripted, client: Client, busy: bytes) -> None:
    endpoint.script = [busy, answer(YES)]
    assert await ask(client, Key="k") == YES
    assert [request.content for request in endpoint.requests] == [{"Key": "k"}] * 2


async def test_what_does_not_pass_is_asked_twice_and_no_more(endpoint: Scripted, client: Client) -> None:
    endpoint.script = [refused("ThrottlingException")] * 5
    with pytest.raises(ClientError):
        await ask(client)
    assert len(endpoint.requests) == 2


# --- no answer -------------------------------------------------------------------------------------------------------
async def test_a_connection_that_ended_while_it_was_idle_costs_nothing(
    endpoint: Scripted, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_module, "_PAUSE", (1000, 1000))
    await ask(client)
    # It hangs up when the next request comes: the client cannot know before.
    endpoint.script = [HANG_UP, answer(YES)]
    assert await ask(client) == YES
    assert len(endpoint.connections) == 2


async def test_a_connection_whose_end_is_known_is_not_used(endpoint: Scripted, client: Client) -> None:
    await ask(client)
    endpoint.connections[0].close()
    await until(lambda: not any(kept.usable for kept in client._pool._idle))
    endpoint.script = [answer(YES)]
    assert await ask(client) == YES
    assert len(endpoint.requests) == 2


async def test_half_an_answer_is_none(endpoint: Scripted, client: Client) -> None:
    half = answer(YES)[:-3]
    endpoint.script = [half, SILENCE]
    asking = asyncio.create_task(ask(client))
    await endpoint.asked.wait()
    endpoint.script = [answer({"whole": True})]
    endpoint.connections[0].close()
    assert await asking == {"whole": True}


GARBAGE = {
    "no HTTP": b"SSH-2.0-OpenSSH\r\n\r\n",
    "no JSON": answer(b"<html>"),
    "no object": answer([1]),
    "a wrong checksum": answer(YES).replace(b"x-amz-crc32: ", b"x-amz-crc32: 1"),
    "another protocol": b"HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nwhatever",
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE.keys())
async def test_garbage_is_no_answer(endpoint: Scripted, client: Client, garbage: bytes) -> None:
    endpoint.script = [garbage, answer(YES), garbage, garbage]
    assert await ask(client) == YES
    with pytest.raises(NoResponse):
        await ask(client)


async def test_an_endless_answer_is_cut_off(
    endpoint: Scripted, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "MAX_ANSWER_BYTES", 10_000)
    endpoint.script = [answer({"text": "x" * 20_000})] * 2
    with pytest.raises(NoResponse, match="too large"):
        await ask(client)
    assert await ask(client) == {}


async def test_an_answer_that_nobody_asked_for_ends_the_connection(endpoint: Scripted, client: Client) -> None:
    endpoint.script = [answer(YES) + answer({"of": "somebody else"})]
    assert await ask(client) == YES
    assert await ask(client) == {}
    endpoint.connections[1].write(answer({"of": "somebody else"}))
    await until(lambda: not any(kept.usable for kept in client._pool._idle))
    assert await ask(client) == {}
    assert len(endpoint.connections) == 3


async def test_a_silent_service_is_given_up_in_time(endpoint: Scripted) -> None:
    client = endpoint.client(read_seconds=0.1)
    endpoint.script = [SILENCE, SILENCE]
    with pytest.raises(NoResponse, match="too long"):
        await ask(client)
    # Their answers would come too late for these requests, and must not meet later ones.
    assert await ask(client) == {}
    assert len(endpoint.connections) == 3
    client.close()


async def test_where_nobody_listens_that_is_said(endpoint: Scripted) -> None:
    endpoint.url = "http://127.0.0.1:1"
    client = endpoint.client()
    with pytest.raises(NoResponse, match="no connection"):
        await ask(client)


async def test_who_goes_away_leaves_no_half_answer_behind(endpoint: Scripted) -> None:
    client = endpoint.client(size=1)
    endpoint.script = [SILENCE]
    asking = asyncio.create_task(ask(client))
    await endpoint.asked.wait()
    asking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asking
    # Its place is free again, and what was asked then is not what is answered now.
    endpoint.script = [answer(YES)]
    assert await ask(client) == YES
    assert len(endpoint.connections) == 2
    client.close()


async def test_who_goes_away_while_waiting_for_a_place_takes_none(endpoint: Scripted) -> None:
    client = endpoint.client(size=1)
    endpoint.script = [SILENCE]
    first, second = asyncio.create_task(ask(client)), asyncio.create_task(ask(client))
    await endpoint.asked.wait()
    second.cancel()
    first.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    assert await ask(client) == {}
    assert len(endpoint.requests) == 2
    client.close()
