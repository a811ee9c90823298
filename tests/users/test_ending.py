"""Signing out ends a session with all of its tokens, even those issued meanwhile."""

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
async def redis_client() -> AsyncIterator[redis.Redis]:
    async with redis.Redis.from_url(conf.REDIS_URL) as client:
        yield client


async def issue_half_expired_token(name: str) -> str:
    """Return a token past half of `LOCAL_TOKEN_LIFETIME`."""
    return await services.sign_in_locally(name=name, lifetime=60)


async def test_a_renewed_token_belongs_to_the_same_session(name: str) -> None:
    actor = await services.sign_in(token=await issue_half_expired_token(name))
    renewed = services.renew_token(actor=actor, origin=None)
    assert renewed
    claims = await tokens.verify(renewed)
    assert (claims.user_id, claims.session_id) == (actor.user_id, actor.session_id)
    assert claims.expires_at > actor.expires_at


async def test_a_token_is_not_renewed_before_half_of_its_lifetime(alice: Actor) -> None:
    assert services.renew_token(actor=alice, origin=None) is None


async def test_clerks_tokens_are_not_renewed(name: str, settings: Settings) -> None:
    actor = await services.sign_in(token=await issue_half_expired_token(name))
    settings.LOCAL_ISSUER = False
    assert services.renew_token(actor=actor, origin=None) is None


async def get_page(token: str, *, sign_out_meanwhile: bool) -> HttpResponse:
    """Return the response of a page that was requested with this cookie."""

    async def view(request: HttpRequest, actor: Actor) -> HttpResponse:
        if sign_out_meanwhile:
            await services.end_session(actor=actor)
        return HttpResponse("the page")

    factory = AsyncRequestFactory()
    factory.cookies[conf.SESSION_COOKIE] = token
    response = await shell.signed_in(view)(factory.get("/"))
    assert isinstance(response, HttpResponse)
    assert response.content == b"the page"
    return response


async def test_a_page_whose_session_ends_meanwhile_sets_no_cookie(name: str) -> None:
    response = await get_page(await issue_half_expired_token(name), sign_out_meanwhile=True)
    assert conf.SESSION_COOKIE not in response.cookies


async def test_a_page_renews_the_cookie_of_its_session(name: str) -> None:
    response = await get_page(await issue_half_expired_token(name), sign_out_meanwhile=False)
    await services.sign_in(token=response.cookies[conf.SESSION_COOKIE].value)


async def test_a_token_issued_before_its_session_ended_is_rejected(alice: Actor) -> None:
    token = local_issuer.issue_token(alice.user_id, alice.name, 60, session_id=alice.session_id)
    await services.end_session(actor=alice)
    with pytest.raises(TokenExpired):
        await services.sign_in(token=token)


@pytest.mark.parametrize("lifetime", [60, 10 * conf.LOCAL_TOKEN_LIFETIME])
async def test_a_revocation_is_kept_until_the_last_token_has_expired(
    name: str, redis_client: redis.Redis, lifetime: int
) -> None:
    """A process that reads of the end late, after half a lifetime for example, renews the cookie until then."""
    actor = await services.sign_in(token=await services.sign_in_locally(name=name, lifetime=lifetime))
    await services.end_session(actor=actor)
    last_expiry = max(actor.expires_at, time.time() + 1.5 * conf.LOCAL_TOKEN_LIFETIME) + conf.TOKEN_LEEWAY
    until = await redis_client.zscore(revoked.REDIS_KEY, actor.session_id)
    assert until is not None
    assert until >= last_expiry
