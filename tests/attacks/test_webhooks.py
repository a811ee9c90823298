"""Webhooks that are too much in one field, signed all the same: no answer is a 5xx, and no header changes the body."""

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.attacks.corpus.packets import FRAMES
from tests.attacks.corpus.values import VALUES, spoiled
from tests.serving import Server, serving
from tests.users.clerk.fake_clerk import FakeClerk, fake_clerk, signed, user_object

MAY = {204, 400, 413}


@pytest.fixture(scope="module")
def clerk() -> Iterator[FakeClerk]:
    with fake_clerk() as clerk:
        yield clerk


@pytest.fixture(scope="module")
async def server(clerk: FakeClerk) -> AsyncIterator[Server]:
    async with serving({**clerk.settings(), "RATE_LIMITS": "off"}) as server:
        yield server


def bodies() -> Iterator[tuple[str, str]]:
    user = user_object(f"user_{uuid4().hex}")
    fields = ("id", "first_name", "username", "image_url", "email_addresses", "primary_email_address_id", "updated_at")
    inputs: dict[str, dict[str, Any]] = {
        "user.updated": {field: user[field] for field in fields},
        "user.deleted": {"id": user["id"]},
        "session.ended": {"id": "sess_1"},
    }
    for title, kind, data in spoiled(inputs):
        yield title, f'{{"type": "{kind}", "data": {data}}}'
    for name, value in VALUES.items():
        yield f"type: {name}", f'{{"type": {value}, "data": {{}}}}'
        yield f"data: {name}", f'{{"type": "user.updated", "data": {value}}}'
        yield f"email: {name}", json.dumps({"type": "user.updated", "data": user}).replace('"ada@example.com"', value)
    yield from FRAMES.items()


async def test_no_signed_webhook_causes_a_5xx(server: Server) -> None:
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as client:
        for title, body in bodies():
            headers = {"Content-Type": "application/json", **signed(body)}
            response = await client.post("/api/webhooks/clerk", content=body.encode(), headers=headers)
            # A body that is no UTF-8 has no signature.
            assert response.status_code in MAY, (title, response.status_code, response.text[:200])


@pytest.mark.parametrize(
    "kind", ["text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", ""]
)
async def test_the_kind_of_the_body_does_not_matter(server: Server, kind: str) -> None:
    """The signature is over its bytes: whatever a header calls them, nothing else parses them."""
    body = json.dumps({"type": "user.updated", "data": user_object(f"user_{uuid4().hex}")})
    async with httpx.AsyncClient(base_url=server.url) as client:
        headers = {"Content-Type": kind, **signed(body)}
        response = await client.post("/api/webhooks/clerk", content=body.encode(), headers=headers)
    assert response.status_code == 204
