"""Fixtures of the tests of accounts: a server that keeps accounts, its owner, and a member."""

from collections.abc import AsyncIterator, Iterator

import pytest
from pytest_django import Settings

from accounts.hashers import PasswordHasher
from accounts.services import invitations
from users import tokens

from .cast import Member, forget_owner, joined, owner_link


@pytest.fixture(autouse=True)
def accounts_are_kept(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    settings.SIGN_IN = "accounts"
    # Cheap ones: how much a hash costs decides no test.
    monkeypatch.setattr(PasswordHasher, "time_cost", 1)
    monkeypatch.setattr(PasswordHasher, "memory_cost", 64)
    tokens.configured_verifier.cache_clear()
    yield
    tokens.configured_verifier.cache_clear()


@pytest.fixture
async def owner() -> AsyncIterator[Member]:
    await forget_owner()
    yield await joined(await owner_link(), "Olive")
    await forget_owner()


@pytest.fixture
async def member(owner: Member) -> Member:
    return await joined(await invitations.invite(actor=owner.actor), "Mary")


@pytest.fixture
async def other(owner: Member) -> Member:
    return await joined(await invitations.invite(actor=owner.actor), "Otto")
