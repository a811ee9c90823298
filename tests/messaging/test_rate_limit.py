"""How fast one may be: one budget for whatever is told to a whole group, and typing is told now and then."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import Any

import pytest
from pytest_django import Settings

from foundation.errors import RateLimited
from groups import selectors as groups
from messaging import rate_limit, services
from tests.cast import Person
from tests.doors import OK, HttpDoor, answer_code, http_door, page_door
from tests.serving import Server, serving
from tests.socket_client import connected

# Whoever is second waits more than a minute: no test takes so long.
ONE_AT_ONCE = {"MESSAGE_RATE": "0.01", "MESSAGE_BURST": "1"}


@pytest.fixture
def burst_of_two(settings: Settings) -> Iterator[None]:
    settings.MESSAGE_RATE, settings.MESSAGE_BURST = 0.01, 2
    rate_limit._buckets.clear()
    yield
    rate_limit._buckets.clear()


@pytest.fixture(scope="module")
async def strict() -> AsyncIterator[Server]:
    async with serving({**ONE_AT_ONCE, "TYPING_INTERVAL": "3600"}) as server:
        yield server


@pytest.fixture(scope="module")
async def lenient() -> AsyncIterator[Server]:
    """A server that tells typing as often as it is said."""
    async with serving({"TYPING_INTERVAL": "0"}) as server:
        yield server


async def say(person: Person, group_id: str) -> str:
    sent = await services.send_message(actor=person.actor, group_id=group_id, content="ahoy")
    message_id: str = sent["message"]["id"]
    return message_id


async def head(group_id: str) -> int:
    return (await groups.head_position(group_id=group_id)).seq


# --- whatever is told to a whole group -------------------------------------------------------------------------------
Act = Callable[[Person, str], Awaitable[Any]]
ACTS: dict[str, Act] = {
    "edit": lambda who, ref: services.edit_message(actor=who.actor, message_id=ref, content="x" * 10_000),
    "delete": lambda who, ref: services.delete_message(actor=who.actor, message_id=ref),
    "react": lambda who, ref: services.react(actor=who.actor, message_id=ref, emoji="👍", action="add"),
    "send": lambda who, ref: services.send_message(
        actor=who.actor, group_id=ref.rpartition(".")[0], content="aye", parent_id=ref
    ),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
@pytest.mark.usefixtures("burst_of_two")
async def test_all_that_is_told_draws_on_one_budget(alice: Person, group_id: str, act: Act) -> None:
    message_id = await say(alice, group_id)
    await act(alice, message_id)
    before = await head(group_id)
    for other in ACTS.values():
        with pytest.raises(RateLimited) as refused:
            await other(alice, message_id)
        assert 0 < (refused.value.retry_after or 0) <= 100
    assert await head(group_id) == before


@pytest.mark.usefixtures("burst_of_two")
async def test_what_comes_to_nothing_is_not_free(alice: Person, bob: Person, group_id: str) -> None:
    message_id = await say(alice, group_id)
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
async def test_every_door_says_when_to_go_on(strict: Server, alice: Person, group_id: str, operation: str) -> None:
    message_id = await say(alice, group_id)
    event, data = ATTEMPTS[operation]
    given = {"messageId": message_id, **data}
    async with (
        http_door(strict.url, alice) as http,
        page_door(strict.url, alice, group_id) as page,
        connected(strict.url, alice) as client,
    ):
        assert await http.attempt("react", {"messageId": message_id, "emoji": "🎉", "action": "add"}) == OK
        before = await head(group_id)
        answer = await client.send(event, given)
        assert answer_code(answer) == "rate_limited"
        assert 60 < answer["error"]["retryAfter"] <= 100
        error = await _error_by_http(http, operation, given)
        assert 60 < error["retryAfter"] <= 100
        assert page.says(await page.attempt(operation, given), "rate_limited")
    assert await head(group_id) == before


async def _error_by_http(door: HttpDoor, operation: str, given: dict[str, Any]) -> dict[str, Any]:
    response = await door.ask(operation, given)
    assert response.status_code == 429
    error: dict[str, Any] = response.json()["error"]
    assert response.headers["Retry-After"] == str(round(error["retryAfter"]))
    return error


# --- typing ----------------------------------------------------------------------------------------------------------
async def typing_told(
    server: Server, writer: Person, reader: Person, group_id: str, said: Sequence[tuple[bool, str | None]]
) -> list[tuple[bool, str | None]]:
    """Return what of it the reader was told, in order."""
    async with connected(server.url, writer) as his, connected(server.url, reader) as hers:
        for typing, parent_id in said:
            data = {"groupId": group_id, "typing": typing, **({"parentId": parent_id} if parent_id else {})}
            assert await his.send("thread_typing", data) == {"ok": True}
        # Whatever else was told came before it.
        marker = await his.send("message", {"groupId": group_id, "content": "a marker"})
        await hers.wait_for("message", lambda message: message["id"] == marker["message"]["id"])
        return [(told["typing"], told.get("parentId")) for told in hers.all("thread_typing_update")]


TYPES, STOPS = (True, None), (False, None)


async def test_that_it_stopped_is_told_once_after_typing_was(
    strict: Server, alice: Person, bob: Person, group_id: str
) -> None:
    said = [STOPS, STOPS, TYPES, TYPES, STOPS, STOPS]
    assert await typing_told(strict, alice, bob, group_id, said) == [TYPES, STOPS]


async def test_whoever_stopped_is_told_to_type_again_no_sooner(
    strict: Server, alice: Person, bob: Person, group_id: str
) -> None:
    said = [TYPES, STOPS, TYPES, STOPS, TYPES]
    assert await typing_told(strict, alice, bob, group_id, said) == [TYPES, STOPS]


async def test_that_it_stopped_is_told_each_time_that_typing_was(
    lenient: Server, alice: Person, bob: Person, group_id: str
) -> None:
    said = [TYPES, STOPS, STOPS, TYPES, TYPES, STOPS]
    assert await typing_told(lenient, alice, bob, group_id, said) == [TYPES, STOPS, TYPES, TYPES, STOPS]


async def test_it_stops_where_it_was_told(strict: Server, alice: Person, bob: Person, group_id: str) -> None:
    thread = f"{group_id}.2"
    said = [(True, thread), STOPS, (False, f"{group_id}.3"), (False, thread)]
    assert await typing_told(strict, alice, bob, group_id, said) == [(True, thread), (False, thread)]
