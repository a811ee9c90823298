"""A session ends with all its tokens, also those that are made while it ends."""

import time
from collections.abc import AsyncIterator

import pytest
import redis.asyncio as redis
from django.conf import settings as conf
from django.http import HttpRequest, HttpResponse
from django.test import AsyncRequestFactory
from pytest_django import Settings

from foundation.errors import TokenExpired
from users import local_issuer, revoked, services, tokens
from users.actor import Actor
from web import shell


@pytest.fixture
async def engine() -> AsyncIterator[redis.Redis]:
    async with redis.Redis.from_url(conf.REDIS_URL) as client:
        yield client


async def spent(name: str) -> str:
    """A token past half of its life."""
    return await services.local_sign_in(name=name, lifetime=60)


async def test_a_renewed_token_is_of_the_same_session(name: str) -> None:
    actor = await services.sign_in(token=await spent(name))
    renewed = services.renewed_token(actor=actor, origin=None)
    assert renewed
    claims = await tokens.verify(renewed)
    assert (claims.user_id, claims.session_id) == (actor.user_id, actor.session_id)
    assert claims.expires_at > actor.expires_at


async def test_a_token_before_half_of_its_life_is_kept(alice: Actor) -> None:
    assert services.renewed_token(actor=alice, origin=None) is None


async def test_clerks_tokens_are_renewed_by_clerk(name: str, settings: Settings) -> None:
    actor = await services.sign_in(token=await spent(name))
    settings.LOCAL_ISSUER = False
    assert services.renewed_token(actor=actor, origin=None) is None


async def a_page(token: str, *, signs_out_meanwhile: bool) -> HttpResponse:
    """Return a page that was asked for with this cookie."""

    async def view(request: HttpRequest, actor: Actor) -> HttpResponse:
        if signs_out_meanwhile:
            await services.end_session(actor=actor)
        return HttpResponse("made")

    factory = AsyncRequestFactory()
    factory.cookies[conf.SESSION_COOKIE] = token
    response = await shell.signed_in(view)(factory.get("/"))
    assert isinstance(response, HttpResponse)
    assert response.content == b"made"
    return response


async def test_a_page_whose_session_ends_while_it_is_made_sets_no_cookie(name: str) -> None:
    response = await a_page(await spent(name), signs_out_meanwhile=True)
    assert conf.SESSION_COOKIE not in response.cookies


async def test_a_page_of_a_session_that_goes_on_sets_one_that_works(name: str) -> None:
    response = await a_page(await spent(name), signs_out_meanwhile=False)
    await services.sign_in(token=response.cookies[conf.SESSION_COOKIE].value)


async def test_a_token_that_was_on_its_way_when_its_session_ended_is_refused(alice: Actor) -> None:
    late = local_issuer.issue_token(alice.user_id, alice.name, 60, session_id=alice.session_id)
    await services.end_session(actor=alice)
    with pytest.raises(TokenExpired):
        await services.sign_in(token=late)


@pytest.mark.parametrize("lifetime", [60, 10 * conf.LOCAL_TOKEN_LIFETIME])
async def test_an_end_is_remembered_until_the_last_token_has_run_out(
    name: str, engine: redis.Redis, lifetime: int
) -> None:
    """The last: one that a process which hears of the end late, say after half a lifetime, has put into the cookie."""
    actor = await services.sign_in(token=await services.local_sign_in(name=name, lifetime=lifetime))
    await services.end_session(actor=actor)
    ends = max(actor.expires_at, time.time() + 1.5 * conf.LOCAL_TOKEN_LIFETIME) + conf.TOKEN_LEEWAY
    until = await engine.zscore(revoked._KEY, actor.session_id)
    assert until is not None
    assert until >= ends


async def test_a_token_without_a_session_ends_nobody_elses(name: str) -> None:
    await services.end_session(actor=Actor("user_1", name, "", 2**31))
    assert "" not in revoked.revoked_sessions()
