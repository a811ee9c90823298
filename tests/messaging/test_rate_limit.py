"""Rate limits: one bucket for all that is delivered to a whole group, and a throttle of typing."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import pytest
from pytest_django import Settings

from foundation.errors import RateLimited
from foundation.limits.rates import Rate
from groups import selectors as groups
from messaging import services
from tests.cast import Person
from tests.entry_points import OK, HttpEntryPoint, ack_code, http_entry_point, page_entry_point
from tests.serving import Server, serving
from tests.socket_client import connected

# The second action must wait for more than a minute, which no test takes.
ONE_A_MINUTE = {"RATE_LIMITS": "off,message=1/100s"}


@pytest.fixture
def burst_of_two(settings: Settings) -> None:
    settings.RATE_LIMITS = {"message": Rate(2, 200)}


@pytest.fixture(scope="module")
async def strict() -> AsyncIterator[Server]:
    async with serving({**ONE_A_MINUTE, "TYPING_INTERVAL": "3600"}) as server:
        yield server


@pytest.fixture(scope="module")
async def lenient() -> AsyncIterator[Server]:
    """A server that does not throttle typing."""
    async with serving({"TYPING_INTERVAL": "0"}) as server:
        yield server


async def send(person: Person, group_id: str) -> str:
    sent = await services.send_message(actor=person.actor, group_id=group_id, content="ahoy")
    message_id: str = sent["message"]["id"]
    return message_id


async def head(group_id: str) -> int:
    return (await groups.get_head_position(group_id=group_id)).seq


# --- the bucket ------------------------------------------------------------------------------------------------------
Action = Callable[[Person, str], Awaitable[Any]]
ACTIONS: dict[str, Action] = {
    "edit": lambda person, ref: services.edit_message(actor=person.actor, message_id=ref, content="x" * 10_000),
    "delete": lambda person, ref: services.delete_message(actor=person.actor, message_id=ref),
    "react": lambda person, ref: services.react(actor=person.actor, message_id=ref, emoji="👍", action="add"),
    "send": lambda person, ref: services.send_message(
        actor=person.actor, group_id=ref.rpartition(".")[0], content="aye", parent_id=ref
    ),
}


@pytest.mark.parametrize("action", ACTIONS.values(), ids=ACTIONS)
@pytest.mark.usefixtures("burst_of_two")
async def test_all_actions_share_one_bucket(alice: Person, group_id: str, action: Action) -> None:
    message_id = await send(alice, group_id)
    await action(alice, message_id)
    before = await head(group_id)
    for other in ACTIONS.values():
        with pytest.raises(RateLimited) as refused:
            await other(alice, message_id)
        assert 0 < (refused.value.retry_after or 0) <= 100
    assert await head(group_id) == before


@pytest.mark.usefixtures("burst_of_two")
async def test_an_action_that_changes_nothing_costs_a_token(alice: Person, bob: Person, group_id: str) -> None:
    message_id = await send(alice, group_id)
    for _ in range(2):
        await services.react(actor=bob.actor, message_id=message_id, emoji="👍", action="remove")
    with pytest.raises(RateLimited):
        await services.react(actor=bob.actor, message_id="nonsense", emoji="👍", action="remove")


ATTEMPTS: dict[str, tuple[str, dict[str, Any]]] = {
    "edit": ("edit_message", {"content": "better"}),
    "delete": ("delete_message", {}),
    "react": ("reaction", {"emoji": "👍", "action": "add"}),
}


@pytest.mark.parametrize("operation", ATTEMPTS)
async def test_every_entry_point_returns_the_seconds_to_wait(
    strict: Server, alice: Person, group_id: str, operation: str
) -> None:
    message_id = await send(alice, group_id)
    event, data = ATTEMPTS[operation]
    data = {"messageId": message_id, **data}
    async with (
        http_entry_point(strict.url, alice) as http,
        page_entry_point(strict.url, alice, group_id) as page,
        connected(strict.url, alice) as client,
    ):
        assert await http.attempt("react", {"messageId": message_id, "emoji": "🎉", "action": "add"}) == OK
        before = await head(group_id)
        ack = await client.send(event, data)
        assert ack_code(ack) == "rate_limited"
        assert 60 < ack["error"]["retryAfter"] <= 100
        error = await _error_by_http(http, operation, data)
        assert 60 < error["retryAfter"] <= 100
        assert page.matches(await page.attempt(operation, data), "rate_limited")
    assert await head(group_id) == before


async def _error_by_http(entry_point: HttpEntryPoint, operation: str, data: dict[str, Any]) -> dict[str, Any]:
    response = await entry_point.request(operation, data)
    assert response.status_code == 429
    error: dict[str, Any] = response.json()["error"]
    assert response.headers["Retry-After"] == str(round(error["retryAfter"]))
    return error


# --- typing ----------------------------------------------------------------------------------------------------------
async def typing_received(
    server: Server, writer: Person, reader: Person, group_id: str, emitted: Sequence[tuple[bool, str | None]]
) -> list[tuple[bool, str | None]]:
    """Emit typing events as the writer; return those that the reader receives, as (typing, parentId)."""
    async with connected(server.url, writer) as sender, connected(server.url, reader) as receiver:
        for typing, parent_id in emitted:
            data = {"groupId": group_id, "typing": typing, **({"parentId": parent_id} if parent_id else {})}
            assert await sender.send("thread_typing", data) == {"ok": True}
        # Events arrive in order: all typing comes before this message.
        marker = await sender.send("message", {"groupId": group_id, "content": "a marker"})
        await receiver.wait_for("message", lambda message: message["id"] == marker["message"]["id"])
        return [(event["typing"], event.get("parentId")) for event in receiver.all("thread_typing_update")]


TYPES, STOPS = (True, None), (False, None)


async def test_that_typing_stopped_is_published_once_after_typing_was(
    strict: Server, alice: Person, bob: Person, group_id: str
) -> None:
    emitted = [STOPS, STOPS, TYPES, TYPES, STOPS, STOPS]
    assert await typing_received(strict, alice, bob, group_id, emitted) == [TYPES, STOPS]


async def test_stopping_does_not_shorten_the_interval(
    strict: Server, alice: Person, bob: Person, group_id: str
) -> None:
    emitted = [TYPES, STOPS, TYPES, STOPS, TYPES]
    assert await typing_received(strict, alice, bob, group_id, emitted) == [TYPES, STOPS]


async def test_that_typing_stopped_is_published_each_time_that_typing_was(
    lenient: Server, alice: Person, bob: Person, group_id: str
) -> None:
    emitted = [TYPES, STOPS, STOPS, TYPES, TYPES, STOPS]
    assert await typing_received(lenient, alice, bob, group_id, emitted) == [TYPES, STOPS, TYPES, TYPES, STOPS]


async def test_typing_stops_only_where_it_was_published(
    strict: Server, alice: Person, bob: Person, group_id: str
) -> None:
    thread = f"{group_id}.2"
    emitted = [(True, thread), STOPS, (False, f"{group_id}.3"), (False, thread)]
    assert await typing_received(strict, alice, bob, group_id, emitted) == [(True, thread), (False, thread)]
