"""Idempotency-Key: every unsafe request of the API is carried out once under its key, and answered the same again."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from foundation.errors import IdempotencyConflict, Unavailable
from groups import selectors as group_selectors
from messaging import services as messages
from users import answers

from .cast import Person
from .entry_points import code_of, http_client
from .serving import Server, serving


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Server]:
    async with serving({}) as server:
        yield server


@pytest.fixture
async def http(server: Server, alice: Person) -> AsyncIterator[httpx.AsyncClient]:
    async with http_client(server.url, alice) as client:
        yield client


@pytest.fixture
def cast(alice: Person, bob: Person, charlie: Person) -> dict[str, Person]:
    return {"alice": alice, "bob": bob, "charlie": charlie}


Request = tuple[str, str, dict[str, Any], dict[str, Any]]
REQUESTS: dict[str, Request] = {
    "send": ("POST", "/api/messages", {"json": {"groupId": "$group", "content": "x"}}, {"content": "y"}),
    "edit": ("PATCH", "/api/messages/$message", {"json": {"content": "better"}}, {"content": "best"}),
    "react": (
        "POST",
        "/api/messages/$message/reactions",
        {"json": {"emoji": "👍", "action": "add"}},
        {"action": "remove"},
    ),
    "mark read": ("POST", "/api/messages/read", {"json": {"groupId": "$group", "seq": 2}}, {"seq": 1}),
    "create": ("POST", "/api/groups", {"json": {"name": "Quay"}}, {"name": "Port"}),
    "direct": ("POST", "/api/groups/direct", {"json": {"userId": "$bob"}}, {"userId": "$charlie"}),
    "rename": ("PATCH", "/api/groups/$group", {"json": {"name": "Quay"}}, {"name": "Port"}),
    "add": ("POST", "/api/groups/$group/members", {"json": {"userIds": ["$charlie"]}}, {"userIds": ["$bob"]}),
    "change role": ("PATCH", "/api/groups/$group/members/$bob", {"json": {"role": "admin"}}, {"role": "member"}),
    "rename oneself": ("PATCH", "/api/users/me", {"json": {"name": "$name"}}, {"name": "$name II"}),
    "upload": (
        "POST",
        "/api/upload",
        {"data": {"groupId": "$group"}, "files": {"file": ("a.txt", b"aaa")}},
        {"files": {"file": ("a.txt", b"bbb")}},
    ),
    "remove": ("DELETE", "/api/groups/$group/members/$bob", {}, {}),
    "delete": ("DELETE", "/api/messages/$message", {}, {}),
}


@pytest.mark.parametrize("name", REQUESTS)
async def test_a_repeated_request_gets_the_same_answer(
    http: httpx.AsyncClient, cast: dict[str, Person], group_id: str, name: str
) -> None:
    alice, bob, charlie = cast["alice"], cast["bob"], cast["charlie"]
    sent = await messages.send_message(actor=alice.actor, group_id=group_id, content="hello")
    values = {
        "$group": group_id,
        "$message": sent["message"]["id"],
        "$bob": bob.id,
        "$charlie": charlie.id,
        "$name": alice.actor.name,
    }

    def fill(value: Any) -> Any:
        if isinstance(value, str):
            for placeholder, actual in values.items():
                value = value.replace(placeholder, actual)
            return value
        if isinstance(value, dict):
            return {key: fill(item) for key, item in value.items()}
        return [fill(item) for item in value] if isinstance(value, list) else value

    method, path, arguments, change = REQUESTS[name]
    path, arguments, headers = fill(path), fill(arguments), {"Idempotency-Key": uuid4().hex}
    first = await http.request(method, path, **arguments, headers=headers)
    assert first.is_success, first.text
    assert "Idempotent-Replayed" not in first.headers
    head = (await group_selectors.get_head_position(group_id=group_id)).seq
    again = await http.request(method, path, **arguments, headers=headers)
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers.get("Location") == first.headers.get("Location")
    assert (await group_selectors.get_head_position(group_id=group_id)).seq == head
    other = await http.request(method, path, **_changed(arguments, fill(change)), headers=headers)
    if change:
        assert (other.status_code, code_of(other)) == (409, "idempotency_conflict")
    elsewhere = await http.patch("/api/users/me", json={"name": "Elsewhere"}, headers=headers)
    assert code_of(elsewhere) == "idempotency_conflict"


def _changed(arguments: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    return {**arguments, "json": arguments["json"] | change} if "json" in arguments else {**arguments, **change}


async def test_a_key_is_one_persons_own(server: Server, http: httpx.AsyncClient, bob: Person) -> None:
    headers = {"Idempotency-Key": "the-same"}
    first = await http.post("/api/groups", json={"name": "Mine"}, headers=headers)
    async with http_client(server.url, bob) as other:
        second = await other.post("/api/groups", json={"name": "Yours"}, headers=headers)
    assert (first.status_code, second.status_code) == (201, 201)


async def test_what_failed_may_be_tried_again_under_its_key(http: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": uuid4().hex}
    assert code_of(await http.post("/api/groups", json={"name": " "}, headers=headers)) == "invalid"
    assert (await http.post("/api/groups", json={"name": "Quay"}, headers=headers)).status_code == 201


@pytest.mark.parametrize("key", ["", "x" * 256, "é"])
async def test_a_key_is_short_and_plain(http: httpx.AsyncClient, key: str) -> None:
    response = await http.post("/api/groups", json={"name": "Quay"}, headers=[(b"Idempotency-Key", key.encode())])
    assert code_of(response) == "invalid"


async def test_of_requests_at_once_one_is_carried_out(http: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": uuid4().hex}
    answers_of = await asyncio.gather(
        *(http.post("/api/groups", json={"name": "Quay"}, headers=headers) for _ in range(6))
    )
    assert {response.status_code for response in answers_of} <= {201, 503}
    groups_made = (await http.get("/api/groups")).json()["groups"]
    assert len(groups_made) == 1


async def test_a_key_stands_for_a_client_id_that_is_not_given(http: httpx.AsyncClient, group_id: str) -> None:
    headers = {"Idempotency-Key": "key-of-mine"}
    sent = await http.post("/api/messages", json={"groupId": group_id, "content": "x"}, headers=headers)
    assert sent.json()["message"]["clientId"] == "key-of-mine"


async def test_an_answer_is_kept_for_a_day_and_longer(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    user = {"user_id": alice.id, "key": uuid4().hex}
    assert await answers.begin(**user, digest="one") is None
    await answers.finish(**user, answer="done")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 25 * 3600)
    assert await answers.begin(**user, digest="one") == "done"
    with pytest.raises(IdempotencyConflict):
        await answers.begin(**user, digest="two")
    monkeypatch.setattr(time, "time", lambda: now + 49 * 3600)
    assert await answers.begin(**user, digest="two") is None


async def test_the_claim_of_a_process_that_died_is_taken_over(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    user = {"user_id": alice.id, "key": uuid4().hex}
    assert await answers.begin(**user, digest="one") is None
    with pytest.raises(Unavailable):
        await answers.begin(**user, digest="one")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + answers.CLAIM_SECONDS + 2)
    assert await answers.begin(**user, digest="one") is None
    with pytest.raises(Unavailable):
        await answers.begin(**user, digest="one")


async def test_a_body_that_is_deep_is_refused_under_a_key_too(http: httpx.AsyncClient) -> None:
    for depth in (950, 1_000):
        body = '{"groupId":' + "[" * depth + "]" * depth + "}"
        headers = {"Content-Type": "application/json", "Idempotency-Key": uuid4().hex}
        assert code_of(await http.post("/api/messages", content=body, headers=headers)) == "invalid"
