"""Who has no name in their token gets it from Clerk: in the background, once, and not at the cost of others."""

import asyncio
from typing import Any

import pytest
from pytest_django import Settings

from foundation.errors import Unauthenticated, Unavailable
from tests.users.issuer import Issuer
from users import keys, selectors, services, tokens, user_cache
from users.clerk import backend
from users.clerk import lookups as module
from users.clerk.lookups import lookups
from users.clerk.profile import parse_profile
from users.clerk.services import follow_profile

from .fake_clerk import FakeClerk, user_object

TIMEOUT = 15


@pytest.fixture(autouse=True)
def retry_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(module, "_MAX_PAUSE", 0.05)


async def looked_up() -> None:
    async with asyncio.timeout(TIMEOUT):
        await lookups().wait()


def asked_for(clerk: FakeClerk, user_id: str) -> list[str]:
    """Return the requests about this user: those of other tests may still be under way."""
    return [path for path in clerk.asked if path.startswith(f"/v1/users/{user_id}")]


async def test_a_first_sign_in_without_a_name_finds_it(clerk: FakeClerk, user_id: str) -> None:
    clerk.users[user_id] = user_object(user_id)
    token = clerk.token(user_id)
    assert (await services.sign_in(token=token)).name == user_id
    await looked_up()
    assert (await services.sign_in(token=token)).name == "Ada Lovelace"
    user = await selectors.get_user(user_id=user_id)
    assert (user.image_url, user.email) == ("https://img.clerk.com/ada", "ada@example.com")


async def test_nobody_waits_for_it_and_it_is_asked_once(clerk: FakeClerk, user_id: str) -> None:
    await services.sign_in(token=clerk.token(user_id, name="Ada"))  # fetches the keys
    nameless = f"{user_id}_2"
    clerk.gate.clear()
    async with asyncio.timeout(TIMEOUT):
        for _ in range(50):
            user_cache.clear()
            assert (await services.sign_in(token=clerk.token(nameless))).name == nameless
    clerk.gate.set()
    await looked_up()
    assert len(asked_for(clerk, user_id)) == 1


async def test_who_has_a_name_is_not_asked_for(clerk: FakeClerk, user_id: str) -> None:
    await services.sign_in(token=clerk.token(user_id, name="Ada"))
    await looked_up()
    assert asked_for(clerk, user_id) == []


async def test_without_a_key_nobody_is_asked_for(clerk: FakeClerk, user_id: str, settings: Settings) -> None:
    settings.CLERK_SECRET_KEY = ""
    await services.sign_in(token=clerk.token(user_id))
    await looked_up()
    assert asked_for(clerk, user_id) == []


@pytest.mark.parametrize(
    "failure", [(500, {}), (429, {"Retry-After": "0"}), (429, {"Retry-After": "soon"}), (503, {}), (302, {})]
)
async def test_while_clerk_is_away_it_is_tried_again(
    clerk: FakeClerk, user_id: str, failure: tuple[int, dict[str, str]]
) -> None:
    clerk.users[user_id] = user_object(user_id)
    clerk.statuses = [failure] * 3
    await services.sign_in(token=clerk.token(user_id))
    await looked_up()
    # Those of other tests may still be under way.
    assert asked_for(clerk, user_id).count(f"/v1/users/{user_id}") == 4
    assert (await selectors.get_user(user_id=user_id)).name == "Ada Lovelace"


async def test_an_answer_that_does_not_come_ends_in_time(
    clerk: FakeClerk, user_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk.users[user_id] = user_object(user_id)
    clerk.gate.clear()
    monkeypatch.setattr(backend, "TIMEOUT", 0.1)
    async with asyncio.timeout(TIMEOUT):
        with pytest.raises(backend.BackendAway):
            await backend.get_user(user_id)


@pytest.mark.parametrize(
    "answer",
    [None, {}, {"id": "user_other", "updated_at": 1}, {"id": 7}, [], "x", {"padding": "x" * 1_100_000}],
    ids=lambda answer: str(answer)[:20],
)
async def test_who_clerk_does_not_know_keeps_their_id(clerk: FakeClerk, user_id: str, answer: Any) -> None:
    if answer is not None:
        clerk.users[user_id] = answer
    await services.sign_in(token=clerk.token(user_id))
    await looked_up()
    assert len(asked_for(clerk, user_id)) == 1
    assert (await selectors.get_user(user_id=user_id)).name == user_id


async def test_what_a_webhook_has_told_is_not_overwritten_by_an_older_answer(clerk: FakeClerk, user_id: str) -> None:
    await follow_profile(profile=parse_profile(user_object(user_id, first_name="New", updated_at=2)))
    await follow_profile(profile=parse_profile(user_object(user_id, first_name="Old", updated_at=1)))
    assert (await selectors.get_user(user_id=user_id)).name == "New Lovelace"


async def test_so_many_wait_and_no_more(clerk: FakeClerk, user_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MAX_WAITING", 5)
    clerk.gate.clear()
    for number in range(50):
        lookups().ask(f"{user_id}_{number}")
    clerk.gate.set()
    await looked_up()
    assert len(asked_for(clerk, user_id)) == 5


# --- keys ------------------------------------------------------------------------------------------------------------
async def test_a_rotated_key_is_fetched_and_the_old_one_no_longer_taken(clerk: FakeClerk, user_id: str) -> None:
    verifier = tokens.configured_verifier()
    jwks = verifier.keys
    assert isinstance(jwks, keys.JwksKeySet)
    jwks._min_fetch_interval = 0
    old = clerk.token(user_id, name="Ada")
    await services.sign_in(token=old)
    clerk.issuer = Issuer(kid="key-2")
    clerk.published = [clerk.issuer]
    assert (await services.sign_in(token=clerk.token(user_id))).user_id == user_id
    with pytest.raises(Unauthenticated):
        await services.sign_in(token=old)


async def test_while_clerk_is_down_known_keys_serve_and_unknown_ones_wait(clerk: FakeClerk, user_id: str) -> None:
    await services.sign_in(token=clerk.token(user_id, name="Ada"))
    clerk.gate.clear()
    assert (await services.sign_in(token=clerk.token(user_id))).user_id == user_id
    tokens.configured_verifier.cache_clear()
    jwks = tokens.configured_verifier().keys
    assert isinstance(jwks, keys.JwksKeySet)
    jwks._timeout = 0.2
    with pytest.raises(Unavailable):
        await services.sign_in(token=clerk.token(user_id))
