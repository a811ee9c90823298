"""Fixtures: a server that keeps accounts, so that it has all of its doors, and people with accounts."""

from collections.abc import AsyncIterator, Iterator

import pytest
from django.conf import settings

from accounts.hashers import PasswordHasher
from tests.serving import Server, serving
from users import tokens

from .scene import Apart, Scene, make_apart, make_scene


@pytest.fixture(scope="module", autouse=True)
def accounts_are_kept() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "SIGN_IN", "accounts")
        # Cheap ones: how much a hash costs decides no test.
        patch.setattr(PasswordHasher, "time_cost", 1)
        patch.setattr(PasswordHasher, "memory_cost", 64)
        tokens.configured_verifier.cache_clear()
        yield
    tokens.configured_verifier.cache_clear()


@pytest.fixture(scope="module")
async def server(accounts_are_kept: None) -> AsyncIterator[Server]:
    # What follows the logs would tell one person of something sooner than another.
    async with serving({"SIGN_IN": "accounts", "RATE_LIMITS": "off", "FOLLOW": "0"}) as server:
        yield server


@pytest.fixture(scope="module")
async def scene(accounts_are_kept: None) -> Scene:
    return await make_scene()


@pytest.fixture
async def apart(accounts_are_kept: None) -> Apart:
    # Of each test: bob leaves in the end.
    return await make_apart()
