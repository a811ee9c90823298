"""A valid token signs its user in, and creates the user once."""

import asyncio
from collections.abc import Iterator
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from dynamodb import store
from foundation.errors import Invalid, NotFound, TokenExpired, Unauthenticated
from users import local_issuer, models, selectors, services, tokens, user_cache
from users.actor import Actor
from users.keys import JwksKeySet, StaticKeySet

from .issuer import ISSUER, ORIGIN, Issuer, JwksServer


@pytest.fixture(autouse=True)
def clear_user_cache() -> None:
    user_cache.clear()


@pytest.fixture
def store_calls(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    calls: list[Any] = []
    call = store.call

    async def counting_call(function: Any, *args: Any, **kwargs: Any) -> Any:
        calls.append(function)
        return await call(function, *args, **kwargs)

    monkeypatch.setattr(store, "call", counting_call)
    return calls


async def test_the_actor_has_the_tokens_session_and_expiry(name: str) -> None:
    token = await services.sign_in_locally(name=name, lifetime=60)
    actor = await services.sign_in(token=token)
    claims = await tokens.verify(token)
    assert (actor.name, actor.session_id, actor.expires_at) == (name, claims.session_id, claims.expires_at)
    assert str(actor) == name


async def test_signing_in_again_costs_no_store_call(token: str, store_calls: list[Any]) -> None:
    await services.sign_in(token=token)
    assert len(store_calls) == 1
    await services.sign_in(token=token)
    assert len(store_calls) == 1


async def test_an_expired_token_of_a_cached_user_is_rejected(alice: Actor) -> None:
    await assert_expired(local_issuer.issue_token(alice.user_id, alice.name, -60))


async def assert_expired(token: str) -> None:
    with pytest.raises(TokenExpired):
        await services.sign_in(token=token)


async def test_concurrent_first_sign_ins_create_one_user() -> None:
    user_id = f"user_{uuid4().hex}"
    tokens_of_user = [local_issuer.issue_token(user_id, f"Tab {number}", 60) for number in range(10)]
    actors = await asyncio.gather(*(services.sign_in(token=token) for token in tokens_of_user))
    assert len({actor.name for actor in actors}) == 1
    assert (await selectors.get_user(user_id=user_id)).name == actors[0].name


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"name": "Alice A"}, "Alice A"),
        ({"full_name": " Alice  B "}, "Alice B"),
        ({"first_name": "Alice", "last_name": "C"}, "Alice C"),
        ({"first_name": "Alice"}, "Alice"),
        ({"name": "", "first_name": None, "last_name": "D"}, "D"),
        ({"name": "A\x00lice\u202e"}, "Alice"),
        ({"name": "x" * 100}, "x" * 64),
        ({"name": 7}, None),
        ({}, None),
    ],
)
async def test_clerks_user_is_named_by_the_claims_or_else_by_id(
    issuer: Issuer, jwks: JwksServer, monkeypatch: pytest.MonkeyPatch, claims: dict[str, Any], expected: str | None
) -> None:
    jwks.publish(issuer)
    clerk = tokens.Verifier(ISSUER, frozenset({ORIGIN}), JwksKeySet(jwks.url), 5)
    monkeypatch.setattr(tokens, "configured_verifier", lambda: clerk)
    user_id = f"user_{uuid4().hex}"
    token = issuer.token(sub=user_id, email="a@example.com", image_url="https://img.example/a.png", **claims)
    actor = await services.sign_in(token=token)
    assert actor.name == (expected or user_id)
    user = await selectors.get_user(user_id=user_id)
    assert (user.email, user.image_url) == ("a@example.com", "https://img.example/a.png")
    assert set(user.as_wire()) == {"id", "name", "imageUrl", "createdAt"}


@pytest.fixture
def clerk(settings: Settings) -> Iterator[Settings]:
    """The settings of a server where Clerk signs users in."""
    settings.LOCAL_ISSUER = False
    settings.CLERK_ISSUER = ISSUER
    settings.ALLOWED_ORIGINS = [ORIGIN]
    tokens.configured_verifier.cache_clear()
    yield settings
    tokens.configured_verifier.cache_clear()


@pytest.mark.parametrize("keys", ["PEM", "JWKS"])
async def test_with_clerks_settings_only_clerks_tokens_are_valid(
    issuer: Issuer, jwks: JwksServer, clerk: Settings, keys: str
) -> None:
    jwks.publish(issuer)
    clerk.CLERK_JWT_KEY = issuer.pem().decode() if keys == "PEM" else ""
    clerk.CLERK_JWKS_URL = jwks.url
    user_id = f"user_{uuid4().hex}"
    assert (await services.sign_in(token=issuer.token(sub=user_id))).user_id == user_id
    with pytest.raises(Unauthenticated):
        await services.sign_in(token=local_issuer.issue_token(user_id, "Mallory", 60))
    assert jwks.fetches == (0 if keys == "PEM" else 1)


async def test_an_image_url_that_is_not_https_is_ignored(issuer: Issuer) -> None:
    verifier = tokens.Verifier(ISSUER, frozenset(), StaticKeySet(issuer.public_key()), 5)
    claims = await verifier.verify(issuer.token(azp=None, image_url="javascript:alert(1)"))
    assert claims.image_url is None


async def test_the_same_name_in_another_spelling_is_the_same_user(name: str) -> None:
    first = await services.sign_in(token=await services.sign_in_locally(name=name))
    again = await services.sign_in(token=await services.sign_in_locally(name=f"  {name.upper()} "))
    assert (again.user_id, again.name) == (first.user_id, name)
    assert again.session_id != first.session_id


async def test_a_bad_name_signs_nobody_in() -> None:
    with pytest.raises(Invalid) as raised:
        await services.sign_in_locally(name="a\nb")
    assert raised.value.fields == {"name": ["A name cannot have invisible or control characters."]}


async def test_the_local_issuer_is_off_where_clerk_signs_users_in(settings: Settings) -> None:
    settings.LOCAL_ISSUER = False
    with pytest.raises(NotFound):
        await services.sign_in_locally(name="alice")


async def test_a_rename_takes_effect_at_once(alice: Actor, token: str) -> None:
    user = await services.update_profile(actor=alice, name="  Alice   New ")
    assert user.name == "Alice New"
    assert (await services.sign_in(token=token)).name == "Alice New"
    assert (await selectors.get_user(user_id=alice.user_id)) == user


async def test_a_rename_does_not_recreate_a_removed_user() -> None:
    removed = Actor("user_ghost", "Ghost", "sess_1", 0)
    with pytest.raises(NotFound):
        await services.update_profile(actor=removed, name="Ghost")
    assert await models.get("user_ghost") is None


def test_the_command_prints_just_the_token(name: str) -> None:
    out = StringIO()
    call_command("token", name, "--lifetime", "30", stdout=out)
    assert out.getvalue().count(".") == 2
    assert out.getvalue().strip().count("\n") == 0


async def test_the_commands_token_signs_its_user_in(name: str) -> None:
    out = StringIO()
    await asyncio.to_thread(call_command, "token", name, stdout=out)
    assert (await services.sign_in(token=out.getvalue().strip())).name == name


def test_the_command_reports_errors(settings: Settings) -> None:
    with pytest.raises(CommandError, match="control characters"):
        call_command("token", "a\nb")
    settings.LOCAL_ISSUER = False
    with pytest.raises(CommandError, match="Clerk"):
        call_command("token", "alice")
