"""Fixtures: a fake Clerk, and the settings of a server where it signs people in."""

from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest
from pytest_django import Settings

from users import tokens, user_cache
from users.clerk import signature
from users.clerk.lookups import lookups

from .fake_clerk import SECRET_KEY, SIGNING_SECRET, FakeClerk, fake_clerk


@pytest.fixture
def user_id() -> str:
    return f"user_{uuid4().hex}"


@pytest.fixture
def clerk(settings: Settings) -> Iterator[FakeClerk]:
    with fake_clerk() as clerk:
        settings.LOCAL_ISSUER = False
        settings.CLERK_ISSUER = settings.CLERK_API_URL = clerk.url
        settings.CLERK_JWT_KEY = ""
        settings.CLERK_JWKS_URL = f"{clerk.url}/.well-known/jwks.json"
        settings.CLERK_SECRET_KEY = SECRET_KEY
        settings.CLERK_WEBHOOK_SIGNING_SECRET = SIGNING_SECRET
        _forget()
        yield clerk
        _forget()


def _forget() -> None:
    tokens.configured_verifier.cache_clear()
    signature._verifier.cache_clear()
    user_cache.clear()


@pytest.fixture(autouse=True)
async def _lookups() -> AsyncIterator[None]:
    # Whoever signed somebody in before has left them to be asked for, at a Clerk that is gone, minutes from now.
    _end_lookups()
    yield
    _end_lookups()


def _end_lookups() -> None:
    if waiting := lookups.pop():
        waiting.close()
