"""The store proxy: it responds to writes to its tables, forwards everything else, and counts both."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bench.launcher import StoreProxy, start_store_proxy
from bin.local.processes import ProcessGroup

STUBBED, OTHER = "Messages", "Others"
ITEM = {"id": {"S": "1"}}
# DynamoDB Local uses the credential, and does not verify the signature.
SIGNATURE = (
    "AWS4-HMAC-SHA256 Credential=local/20250101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0"
)


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[StoreProxy]:
    processes = ProcessGroup()
    try:
        yield start_store_proxy(processes, upstream=os.environ["DYNAMODB_URL"], tables=[STUBBED], log=tmp_path / "log")
    finally:
        processes.stop()


def send(proxy: StoreProxy, operation: str, body: dict[str, Any]) -> httpx.Response:
    headers = {
        "x-amz-target": f"DynamoDB_20120810.{operation}",
        "content-type": "application/x-amz-json-1.0",
        "authorization": SIGNATURE,
    }
    return httpx.post(proxy.url, json=body, headers=headers, trust_env=False)


def put(table: str) -> dict[str, Any]:
    return {"Put": {"TableName": table, "Item": ITEM}}


def insert(table: str) -> dict[str, Any]:
    return {"Statement": f"INSERT INTO \"{table}\" VALUE {{'id': '1'}}"}


@pytest.mark.parametrize(
    ("operation", "body", "stub"),
    [
        ("PutItem", {"TableName": STUBBED, "Item": ITEM}, {}),
        ("UpdateItem", {"TableName": STUBBED, "Key": ITEM}, {}),
        ("BatchWriteItem", {"RequestItems": {STUBBED: []}}, {"UnprocessedItems": {}}),
        ("TransactWriteItems", {"TransactItems": [put(STUBBED), put(STUBBED)]}, {}),
        ("BatchExecuteStatement", {"Statements": [insert(STUBBED)] * 2}, {"Responses": [{}, {}]}),
    ],
)
def test_writes_to_its_tables_are_stubbed_and_counted(
    proxy: StoreProxy, operation: str, body: dict[str, Any], stub: dict[str, Any]
) -> None:
    response = send(proxy, operation, body)
    assert (response.status_code, response.json()) == (200, stub)
    assert proxy.counts() == {f"{operation} {STUBBED}": 1}


@pytest.mark.parametrize(
    ("operation", "body", "name"),
    [
        ("PutItem", {"TableName": OTHER, "Item": ITEM}, f"PutItem {OTHER}"),
        ("TransactWriteItems", {"TransactItems": [put(STUBBED), put(OTHER)]}, f"TransactWriteItems {STUBBED}+{OTHER}"),
        ("GetItem", {"TableName": STUBBED, "Key": ITEM}, f"GetItem {STUBBED}"),
        ("BatchGetItem", {"RequestItems": {STUBBED: {"Keys": [ITEM]}}}, f"BatchGetItem {STUBBED}"),
    ],
)
def test_everything_else_is_forwarded_and_counted(
    proxy: StoreProxy, operation: str, body: dict[str, Any], name: str
) -> None:
    response = send(proxy, operation, body)
    assert response.status_code == 400
    assert "ResourceNotFoundException" in response.json()["__type"]
    assert proxy.counts() == {name: 1}
