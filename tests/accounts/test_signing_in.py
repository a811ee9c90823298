"""Who signs in where this server keeps accounts, and by what."""

from dataclasses import replace

import pytest
from pytest_django import Settings

from accounts import models, selectors
from foundation.errors import NotFound, Unauthenticated
from users import services as users
from users import tokens

from .cast import Member, sign_in


async def test_a_wrong_password_does_not_sign_in(member: Member) -> None:
    with pytest.raises(Unauthenticated):
        await sign_in(member, password="not the right one")


@pytest.mark.parametrize(
    "name", ["\U0001f600" * 256, "\u00df" * 600, "", "x\x00"], ids=["emoji", "sharp s", "none", "nul"]
)
async def test_what_nobody_may_be_called_is_nobody(member: Member, name: str) -> None:
    """Also what is too long for a key of the table: 1,024 bytes."""
    with pytest.raises(Unauthenticated):
        await sign_in(replace(member, login=name))
    assert await models.find(name) is None
    assert not await models.is_taken(name)


async def test_a_token_is_a_session_of_the_local_issuer(member: Member) -> None:
    claims = await tokens.verify(member.token)
    assert (claims.user_id, claims.name) == (member.id, "Mary")
    assert claims.started_at is not None


async def test_a_token_of_a_trial_is_worth_nothing_here(member: Member, settings: Settings) -> None:
    settings.SIGN_IN = "trial"
    token = await users.sign_in_locally(name="Mary")
    settings.SIGN_IN = "accounts"
    with pytest.raises(Unauthenticated):
        await users.sign_in(token=token)


async def test_nobody_signs_in_by_a_name_alone(member: Member) -> None:
    with pytest.raises(NotFound):
        await users.sign_in_locally(name="Mary")


@pytest.mark.parametrize("mode", ["trial", "clerk"])
async def test_elsewhere_there_are_no_accounts(member: Member, settings: Settings, mode: str) -> None:
    settings.SIGN_IN = mode
    with pytest.raises(NotFound):
        await sign_in(member)
    with pytest.raises(NotFound):
        await selectors.get_own_account(actor=member.actor)
