"""Identities of a provider: whom they sign in, until when, and what of them is believed."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import partial
from typing import Any
from unittest.mock import AsyncMock, Mock
from uuid import uuid4

import pytest
from django.test import AsyncClient
from pytest_django import Settings

from accounts import identity_models, models, passkey_models
from accounts.account import Account
from accounts.oidc import client, provided
from accounts.oidc.identity import Identity, read_identity
from accounts.oidc.requests import SIGN_IN, new_visit
from accounts.rows import CEREMONY, PASSKEY, TOLD, AccountRow
from accounts.services import credentials, invitations, oidc, passkeys, provided_accounts, signing_in
from accounts.services.oidc import Arrival
from dynamodb import store
from foundation.errors import Deactivated, Unauthenticated
from groups import services as groups
from groups.access import require_group
from groups.provided import rows
from groups.provided.following import follow_groups
from users.actor import Actor
from workspace import audit, services

from .cast import HERE, NEW_PASSWORD, PASSWORD, Authenticator, Member, sign_in
from .software_authenticator import SoftwareAuthenticator, a_domain, sign_in_by, with_passkey

__all__ = ["a_domain"]


def somebody(email: str | None = None) -> Identity:
    return Identity(uuid4().hex, email, "Iris", f"iris-{uuid4().hex[:8]}", frozenset(("engineering",)))


async def account_of(member: Member) -> Account:
    found = await models.get(member.id)
    assert found
    return found


async def linked(member: Member) -> Identity:
    identity = somebody()
    assert await identity_models.link(await account_of(member), identity.id)
    return identity


@pytest.fixture
def arrives(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Callable[[Identity], Coroutine[Any, Any, Arrival]]:
    """Have a provider send somebody back whose answer proves this identity."""
    settings.OIDC_ISSUER = "https://login.example"
    monkeypatch.setattr(oidc, "require_oidc", Mock())
    monkeypatch.setattr(oidc, "discovery", Mock(return_value=Mock(find=AsyncMock())))
    monkeypatch.setattr(oidc, "fetch_claims", AsyncMock(return_value=({}, frozenset())))

    async def arrive(identity: Identity) -> Arrival:
        monkeypatch.setattr(oidc, "read_identity", Mock(return_value=identity))
        visit = new_visit(SIGN_IN, next_path="/")
        return await oidc.arrive(sealed=visit.sealed(), state=visit.state, code="x", issuer=None, client=HERE)

    return arrive


# --- until when ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("clears", [True, False])
async def test_a_reset_that_takes_the_second_factor_away_ends_the_identity(member: Member, clears: bool) -> None:
    identity = await linked(member)
    made = await invitations.make_reset_link_by_operator(login=member.login, clear_second_factor=clears)
    await credentials.reset_password(token=made.token, password=NEW_PASSWORD)
    assert (await identity_models.find(identity.id) is None) == clears
    assert ((await account_of(member)).identity is None) == clears
    # It is free for whoever links it anew.
    assert await identity_models.link(await account_of(member), identity.id) == clears


async def test_an_identity_that_was_linked_meanwhile_does_not_outlive_the_reset(member: Member) -> None:
    account = await account_of(member)
    await linked(member)
    assert not await models.replace_password(account, "another", clear=True)


async def test_no_session_begins_by_an_identity_that_was_unlinked_meanwhile(
    member: Member, arrives: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = await linked(member)
    assert (await arrives(identity)).session
    monkeypatch.setattr(provided_accounts, "find_or_make", AsyncMock(return_value=await account_of(member)))
    await oidc.unlink(actor=member.actor, password=PASSWORD)
    with pytest.raises(Unauthenticated):
        await arrives(identity)


async def test_a_code_does_not_follow_an_identity_that_was_unlinked_meanwhile(member: Member, arrives: Any) -> None:
    authenticator = await Authenticator.of(member)
    identity = await linked(member)
    challenges = [(await arrives(identity)).challenge for _ in range(2)]
    await signing_in.answer_challenge(challenge=challenges[0], code=authenticator.recovery[0], client=HERE)
    await oidc.unlink(actor=member.actor, password=PASSWORD)
    with pytest.raises(Unauthenticated):
        await signing_in.answer_challenge(challenge=challenges[1], code=authenticator.recovery[1], client=HERE)


async def test_with_the_person_the_identity_and_the_passkeys_go(owner: Member, member: Member, other: Member) -> None:
    identity, phone = await linked(member), SoftwareAuthenticator()
    await with_passkey(member, phone)
    await sign_in_by(phone)
    await services.deactivate(actor=owner.actor, user_id=member.id)
    for _ in range(2):
        await services.remove_personal_data(actor=owner.actor, user_id=member.id)
        for kind in (PASSKEY, CEREMONY, TOLD):
            assert await store.call(partial(_count, member.id, kind)) == 0
    assert await identity_models.link(await account_of(other), identity.id)
    await services.remove_personal_data(actor=owner.actor, user_id=member.id)
    assert await identity_models.find(identity.id)


def _count(user_id: str, kind: str) -> int:
    return AccountRow.count(user_id, AccountRow.item.startswith(kind), consistent_read=True)


# --- somebody deactivated --------------------------------------------------------------------------------------------
async def test_the_groups_of_who_is_refused_are_not_applied(
    owner: Member, member: Member, arrives: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity, apply = await linked(member), AsyncMock()
    monkeypatch.setattr(provided, "apply", apply)
    assert (await arrives(identity)).session
    apply.assert_awaited_once_with(member.id, identity.groups)
    await services.deactivate(actor=owner.actor, user_id=member.id)
    with pytest.raises(Deactivated):
        await arrives(identity)
    apply.assert_awaited_once()


async def test_the_groups_of_who_has_a_second_factor_are_applied_after_it(
    member: Member, arrives: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.OIDC_GROUPS, apply = {"engineering": ["group_1"]}, AsyncMock()
    monkeypatch.setattr(provided, "apply", apply)
    authenticator = await Authenticator.of(member)
    challenge = (await arrives(await linked(member))).challenge
    apply.assert_not_awaited()
    await signing_in.answer_challenge(challenge=challenge, code=authenticator.recovery[0], client=HERE)
    apply.assert_awaited_once_with(member.id, frozenset(("engineering",)))


async def test_groups_follow_nobody_who_is_deactivated(owner: Member, member: Member, settings: Settings) -> None:
    group = await groups.create_group(actor=owner.actor, name="Mapped")
    settings.OIDC_GROUPS = {"engineering": [group.id]}
    await services.deactivate(actor=owner.actor, user_id=member.id)
    await follow_groups(member.id, frozenset(("engineering",)))
    assert await rows.list_of(member.id) == frozenset()


async def test_a_membership_of_an_archived_group_ends_too(owner: Member, member: Member, settings: Settings) -> None:
    group = await groups.create_group(actor=owner.actor, name="Mapped")
    settings.OIDC_GROUPS = {"engineering": [group.id]}
    await follow_groups(member.id, frozenset(("engineering",)))
    await require_group(actor=member.actor, group_id=group.id)
    await groups.change_group(actor=owner.actor, group_id=group.id, archived=True)
    await follow_groups(member.id, frozenset())
    with pytest.raises(Exception, match="no such"):
        await require_group(actor=member.actor, group_id=group.id)


async def test_the_cookie_of_somebody_deactivated_spoils_nothing(owner: Member, member: Member, other: Member) -> None:
    await services.deactivate(actor=owner.actor, user_id=member.id)
    assert (await sign_in(other, client=replace(HERE, former=member.token))).id == other.id
    browser = AsyncClient()
    browser.cookies["__session"] = member.token
    response = await browser.post("/sign-out")
    assert (response.status_code, browser.cookies["__session"].value) == (302, "")


# --- what is believed ------------------------------------------------------------------------------------------------
async def test_another_site_begins_no_joining(owner: Member) -> None:
    made = await invitations.invite(actor=owner.actor)
    response = await AsyncClient().get(
        "/sign-in/oidc/join", {"link": made.token}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert (response.status_code, response["Location"]) == (302, f"/join?link={made.token}")


@pytest.mark.parametrize("verified", ["rita@example.org", "eve@example.org", None])
async def test_who_joins_by_an_identity_has_the_link_s_address_only_if_it_is_verified(
    owner: Member, settings: Settings, verified: str | None
) -> None:
    settings.EMAIL_HOST, settings.DEFAULT_FROM_EMAIL = "mail.example", "chat@example.org"
    made = await invitations.invite(actor=owner.actor, email="Rita@example.org")
    account = await provided_accounts.make_by_link(somebody(verified), made.token)
    assert account.email == ("Rita@example.org" if verified == "rita@example.org" else None)


@pytest.mark.parametrize(
    ("told", "believed"),
    [
        ("Ada@Example.ORG", "ada@example.org"),
        # As casefold has it, both would be another's plain address.
        ("stra\u00dfe@example.org", None),
        ("\u212aay@example.org", None),
    ],
)
def test_addresses_are_compared_letter_by_letter(told: str, believed: str | None) -> None:
    assert read_identity({"sub": "x", "email": told, "email_verified": True}).email == believed


def test_that_an_address_is_verified_is_said_of_that_address() -> None:
    a, b = ({"email": f"{name}@example.org"} for name in "ab")
    yes, no = {"email_verified": True}, {"email_verified": False}
    for told, more, email in (
        (a, b | yes, "b@example.org"),
        (a | yes, b | no, "a@example.org"),
        (a | no, b | yes, None),
        (a, yes, None),
        (yes, b, None),
        ({}, b | yes, "b@example.org"),
    ):
        assert read_identity({"sub": "x"} | client.merged(told, more)).email == email


# --- whoever goes away meanwhile -------------------------------------------------------------------------------------
def _attempts(actor: Actor, account: Account) -> dict[str, tuple[Any, str, Callable[[], Coroutine[Any, Any, Any]]]]:
    """Return acts, each with the module and the name of what writes for it."""
    return {
        "unlink": (identity_models, "unlink", lambda: oidc.unlink(actor=actor, password=PASSWORD)),
        "remove_passkey": (
            passkey_models,
            "remove",
            lambda: passkeys.remove_passkey(actor=actor, passkey_id=next(iter(account.passkeys)), password=PASSWORD),
        ),
        "renew": (
            models,
            "replace_recovery_codes",
            lambda: credentials.renew_recovery_codes(actor=actor, password=PASSWORD),
        ),
        "link": (identity_models, "link", lambda: provided_accounts.find_or_make(somebody("ada@example.org"))),
        "make": (models, "create", lambda: provided_accounts.find_or_make(somebody())),
    }


@pytest.mark.parametrize("act", ["unlink", "remove_passkey", "renew", "link", "make"])
async def test_what_was_written_is_in_the_audit_also_for_a_client_that_goes_away(
    member: Member, monkeypatch: pytest.MonkeyPatch, settings: Settings, act: str
) -> None:
    settings.OIDC_ACCOUNTS, settings.OIDC_LINK_BY_EMAIL = "made", act == "link"
    account, actor, wrote, recorded = await account_of(member), member.actor, asyncio.Event(), asyncio.Event()
    if act in ("remove_passkey", "renew"):
        actor = (await with_passkey(member, SoftwareAuthenticator()))[0].actor
        account = await account_of(member)
    elif act == "unlink":
        await linked(member)
    module, name, attempt = _attempts(actor, account)[act]
    write = getattr(module, name)

    async def written(*args: Any, **options: Any) -> Any:
        result = await write(*args, **options)
        wrote.set()
        # The client goes away here.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return result

    async def record(*_: Any, **__: Any) -> None:
        recorded.set()

    monkeypatch.setattr(provided_accounts, "_find_by_email", AsyncMock(return_value=account))
    monkeypatch.setattr(module, name, written)
    monkeypatch.setattr(audit, "record", record)
    task = asyncio.create_task(attempt())
    await wrote.wait()
    task.cancel()
    await asyncio.wait([task])
    assert task.cancelled()
    async with asyncio.timeout(20):
        await recorded.wait()
