"""A session has an absolute lifetime, a browser has one session, and a user has at most so many."""

import time
from http import HTTPStatus

import jwt
import pytest
from django.conf import settings as conf
from django.test import AsyncClient
from pytest_django import Settings

from foundation.errors import TokenExpired
from users import local_issuer, services
from users.actor import Actor


def claims_of(token: str) -> dict[str, int]:
    claims: dict[str, int] = jwt.decode(token, options={"verify_signature": False})
    return claims


async def test_a_renewed_token_ends_with_its_session(alice: Actor) -> None:
    started_at = int(time.time()) - conf.SESSION_LIFETIME + 100
    token = local_issuer.issue_token(alice.user_id, alice.name, 60, session_id="sess_old", started_at=started_at)
    renewed = services.renew_token(actor=await services.sign_in(token=token), origin=None)
    assert renewed is not None
    assert claims_of(renewed)["auth_time"] == started_at
    assert claims_of(renewed)["exp"] == started_at + conf.SESSION_LIFETIME


async def test_no_renewal_outlives_the_session(alice: Actor, settings: Settings) -> None:
    started_at = int(time.time()) - conf.SESSION_LIFETIME - 60
    over = local_issuer.issue_token(alice.user_id, alice.name, 60, session_id="sess_over", started_at=started_at)
    with pytest.raises(TokenExpired):
        await services.sign_in(token=over)


async def test_a_shorter_lifetime_holds_for_sessions_that_exist(alice: Actor, settings: Settings) -> None:
    started_at = int(time.time()) - 3600
    token = local_issuer.issue_token(alice.user_id, alice.name, 60, session_id="sess_long", started_at=started_at)
    settings.SESSION_LIFETIME = 600
    with pytest.raises(TokenExpired):
        await services.sign_in(token=token)


async def test_signing_in_again_ends_the_browsers_old_session(name: str) -> None:
    browser = AsyncClient()
    first = await _sign_in(browser, name)
    second = await _sign_in(browser, f"{name} too")
    assert (await services.sign_in(token=second)).name == f"{name} too"
    with pytest.raises(TokenExpired):
        await services.sign_in(token=first)


async def test_another_browser_keeps_its_session(name: str) -> None:
    first, second = await _sign_in(AsyncClient(), name), await _sign_in(AsyncClient(), name)
    assert (await services.sign_in(token=first)).name == (await services.sign_in(token=second)).name == name


async def test_a_name_that_is_refused_ends_no_session(name: str) -> None:
    browser = AsyncClient()
    token = await _sign_in(browser, name)
    assert (await browser.post("/sign-in", {"name": "\u200b"})).status_code == HTTPStatus.BAD_REQUEST
    assert (await services.sign_in(token=token)).name == name


async def test_the_oldest_sessions_end_beyond_the_limit(name: str, settings: Settings) -> None:
    settings.MAX_SESSIONS = 2
    tokens = [await services.sign_in_locally(name=name) for _ in range(4)]
    for token in tokens[:2]:
        with pytest.raises(TokenExpired):
            await services.sign_in(token=token)
    for token in tokens[2:]:
        assert (await services.sign_in(token=token)).name == name


async def _sign_in(browser: AsyncClient, name: str) -> str:
    assert (await browser.post("/sign-in", {"name": name})).status_code == HTTPStatus.FOUND
    return browser.cookies[conf.SESSION_COOKIE].value
