"""Whoever goes to the provider may have it say less than it was to be asked for: nobody has a higher role by that."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from pytest_django import Settings

from accounts import provided_role
from accounts.oidc.identity import _MAX_GROUPS, read_identity
from foundation.errors import Unauthenticated
from tests.accounts.cast import Member
from users import selectors as users
from users.roles import ADMIN, GUEST, MEMBER
from workspace import services as workspace

from .hostile_provider import HostileProvider, hostile_provider
from .test_hostile_answers import arrive

ROLES = {"it": "admin", "partners": "guest"}


@pytest.fixture
def provider(settings: Settings) -> Iterator[HostileProvider]:
    with hostile_provider() as hostile:
        settings.OIDC_ISSUER, settings.OIDC_ROLES = hostile.issuer, ROLES
        settings.OIDC_SCOPES = "openid groups"
        yield hostile


async def role_after(provider: HostileProvider, **claims: Any) -> str:
    arrival = await arrive(provider, **claims)
    assert arrival.session
    return (await users.get_user(user_id=arrival.session.user.id)).role


async def test_a_guest_stays_one_without_the_claim(provider: HostileProvider) -> None:
    sub = uuid4().hex
    assert await role_after(provider, sub=sub, groups=["partners"]) == GUEST
    assert await role_after(provider, sub=sub) == GUEST
    # An empty claim says that they are in none.
    assert await role_after(provider, sub=sub, groups=[]) == MEMBER


async def test_who_comes_first_without_the_claim_has_the_lowest_role(
    provider: HostileProvider, settings: Settings
) -> None:
    assert await role_after(provider, sub=uuid4().hex) == GUEST
    assert await role_after(provider, sub=uuid4().hex, groups=[]) == MEMBER
    settings.OIDC_ROLES = {"it": "admin"}
    assert await role_after(provider, sub=uuid4().hex) == MEMBER


async def test_without_the_claim_a_role_is_lowered(provider: HostileProvider) -> None:
    sub = uuid4().hex
    assert await role_after(provider, sub=sub, groups=["it"]) == ADMIN
    assert await role_after(provider, sub=sub) == MEMBER


async def test_who_was_granted_less_than_is_asked_for_does_not_come_in(
    provider: HostileProvider, settings: Settings
) -> None:
    sub = uuid4().hex
    provider.beside = {"scope": "openid"}
    # What is told counts, whatever the provider calls its scopes.
    assert await role_after(provider, sub=sub, groups=[]) == MEMBER
    with pytest.raises(Unauthenticated):
        await arrive(provider, sub=sub)
    provider.beside = {"scope": "groups openid more"}
    assert await role_after(provider, sub=sub) == MEMBER
    settings.OIDC_ROLES, provider.beside = {}, {"scope": "openid"}
    assert (await arrive(provider, sub=sub)).session


@pytest.mark.parametrize(
    ("claims", "groups", "names_groups"),
    [
        ({"groups": "staff"}, {"staff"}, True),
        ({"groups": ["staff", 5, ""]}, {"staff"}, True),
        ({"groups": ""}, set(), True),
        ({}, set(), False),
        ({"groups": None}, set(), False),
        ({"groups": {"staff": 1}}, set(), False),
        ({"_claim_names": {"groups": "x"}}, None, False),
        ({"groups": ["x"] * (_MAX_GROUPS + 1)}, None, False),
    ],
    ids=["one", "list", "empty text", "none", "null", "object", "elsewhere", "too many"],
)
def test_what_a_claim_of_groups_says(claims: dict[str, Any], groups: set[str] | None, names_groups: bool) -> None:
    identity = read_identity({"sub": "somebody", **claims})
    assert (identity.groups, identity.names_groups) == (groups, names_groups)


async def test_a_former_admin_is_none_by_a_single_text(member: Member, settings: Settings) -> None:
    settings.OIDC_ROLES = {"it": "admin", "staff": "member"}
    await workspace.set_role_by_operator(user_id=member.id, role=ADMIN)
    identity = read_identity({"sub": "somebody", "groups": "staff"})
    await provided_role.apply(member.id, identity.groups)
    assert (await users.get_user(user_id=member.id)).role == MEMBER
