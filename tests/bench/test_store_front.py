"""The store front: it answers what it is told to, lets the rest through, and counts both."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from bench.stage import Front, start_front
from bin.local.processes import ProcessGroup

OURS, OTHERS = "Messages", "Others"
ITEM = {"id": {"S": "1"}}
# DynamoDB Local reads who signs, not what.
SIGNATURE = (
    "AWS4-HMAC-SHA256 Credential=local/20250101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0"
)


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    processes = ProcessGroup()
    try:
        yield start_front(processes, upstream=os.environ["DYNAMODB_URL"], tables=[OURS], log=tmp_path / "log")
    finally:
        processes.stop()


def ask(front: Front, operation: str, body: dict[str, Any]) -> httpx.Response:
    headers = {
        "x-amz-target": f"DynamoDB_20120810.{operation}",
        "content-type": "application/x-amz-json-1.0",
        "authorization": SIGNATURE,
    }
    return httpx.post(front.url, json=body, headers=headers, trust_env=False)


def put(table: str) -> dict[str, Any]:
    return {"Put": {"TableName": table, "Item": ITEM}}


def insert(table: str) -> dict[str, Any]:
    return {"Statement": f"INSERT INTO \"{table}\" VALUE {{'id': '1'}}"}


@pytest.mark.parametrize(
    ("operation", "body", "answer"),
    [
        ("PutItem", {"TableName": OURS, "Item": ITEM}, {}),
        ("UpdateItem", {"TableName": OURS, "Key": ITEM}, {}),
        ("BatchWriteItem", {"RequestItems": {OURS: []}}, {"UnprocessedItems": {}}),
        ("TransactWriteItems", {"TransactItems": [put(OURS), put(OURS)]}, {}),
        ("BatchExecuteStatement", {"Statements": [insert(OURS)] * 2}, {"Responses": [{}, {}]}),
    ],
)
def test_writes_to_its_tables_are_answered_and_counted(
    front: Front, operation: str, body: dict[str, Any], answer: dict[str, Any]
) -> None:
    response = ask(front, operation, body)
    assert (response.status_code, response.json()) == (200, answer)
    assert front.counts() == {f"{operation} {OURS}": 1}


@pytest.mark.parametrize(
    ("operation", "body", "name"),
    [
        ("PutItem", {"TableName": OTHERS, "Item": ITEM}, f"PutItem {OTHERS}"),
        ("TransactWriteItems", {"TransactItems": [put(OURS), put(OTHERS)]}, f"TransactWriteItems {OURS}+{OTHERS}"),
        ("GetItem", {"TableName": OURS, "Key": ITEM}, f"GetItem {OURS}"),
        ("BatchGetItem", {"RequestItems": {OURS: {"Keys": [ITEM]}}}, f"BatchGetItem {OURS}"),
    ],
)
def test_all_else_goes_to_the_store_which_has_no_such_table(
    front: Front, operation: str, body: dict[str, Any], name: str
) -> None:
    response = ask(front, operation, body)
    assert response.status_code == 400
    assert "ResourceNotFoundException" in response.json()["__type"]
    assert front.counts() == {name: 1}
