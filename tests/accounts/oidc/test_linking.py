"""Which account an identity belongs to: linked by its owner, by a proven address, or nobody's."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from django.core import mail
from pytest_django import Settings

from accounts import identity_models, models
from accounts.rows import ACCOUNT, AccountRow
from accounts.services import forgetting, oidc, passkeys
from dynamodb import store
from foundation.errors import Forbidden, Invalid
from tests.accounts.cast import HERE, PASSWORD, Member
from tests.accounts.software_authenticator import SoftwareAuthenticator, sign_in_by

from .conftest import PUBLIC_URL


async def test_a_signed_in_person_links_their_account(browser: Any, member: Member, other: Member) -> None:
    mary = browser("dan", member)
    assert (await mary.post("/account/oidc", {"password": "wrong"})).status_code == 400
    page = await mary.post("/account/oidc", {"password": PASSWORD})
    address = page.context["address"]
    response = await mary.comes_back(address)
    assert (response.status_code, response["Location"]) == (302, "/account")
    elsewhere = browser("dan")
    await elsewhere.signs_in()
    assert (await elsewhere.actor()).user_id == member.id
    # It is nobody else's now.
    otto = browser("dan", other)
    page = await otto.post("/account/oidc", {"password": PASSWORD})
    assert (await otto.comes_back(page.context["address"])).status_code == 400
    assert (await mary.post("/account/oidc/unlink", {"password": PASSWORD})).status_code == 302
    account = await models.get(member.id)
    assert account
    assert account.identity is None


async def test_what_one_session_has_begun_to_link_another_does_not_get(
    browser: Any, member: Member, other: Member
) -> None:
    """An attacker has a victim's browser finish what the attacker began, or signs in with the victim's session gone."""
    mary = browser("joe", member)
    page = await mary.post("/account/oidc", {"password": PASSWORD})
    mary.client.cookies["__session"] = other.token
    assert (await mary.comes_back(page.context["address"])).status_code == 401
    for user_id in (member.id, other.id):
        account = await models.get(user_id)
        assert account
        assert account.identity is None


async def test_an_address_links_nothing_unless_the_operator_says_so(
    browser: Any, member: Member, settings: Settings
) -> None:
    email = "fay@example.org"
    await store.call(AccountRow(member.id, ACCOUNT).update, [AccountRow.email.set(email)])
    fay = browser("fay")
    await fay.signs_in()
    assert (await fay.actor()).user_id != member.id


async def test_no_password_is_mailed_to_an_account_of_the_provider(browser: Any, settings: Settings) -> None:
    settings.EMAIL_HOST, settings.DEFAULT_FROM_EMAIL = "mail.example", "chat@example.org"
    mail.outbox = []
    fay = browser("fay")
    await fay.signs_in()
    account = await models.get((await fay.actor()).user_id)
    assert account
    await store.call(AccountRow(account.user_id, ACCOUNT).update, [AccountRow.email.set("fay@example.org")])
    await forgetting.request_reset(login=account.login, client=HERE)
    await asyncio.gather(*forgetting.pending())
    assert mail.outbox == []


async def test_a_verified_address_links_where_the_operator_says_so(
    browser: Any, member: Member, other: Member, settings: Settings
) -> None:
    settings.OIDC_LINK_BY_EMAIL = True
    for name, person in (("gus", member), ("eve", other)):
        await store.call(AccountRow(person.id, ACCOUNT).update, [AccountRow.email.set(f"{name}@Example.org")])
    gus, eve = browser("gus"), browser("eve")
    await gus.signs_in()
    assert (await gus.actor()).user_id == member.id
    # The provider has not verified hers.
    await eve.signs_in()
    assert (await eve.actor()).user_id != other.id


async def test_without_a_password_a_passkey_is_another_way_in(browser: Any) -> None:
    kim, phone = browser("kim"), SoftwareAuthenticator(origin=PUBLIC_URL, domain="localhost")
    await kim.signs_in()
    actor = await kim.actor()
    offer = await passkeys.begin_passkey(actor=actor)
    added = await passkeys.add_passkey(
        actor=actor, state=offer.state, credential=phone.create(offer.options), name="Phone", client=HERE
    )
    assert (added.session, added.recovery_codes) == (None, [])
    assert (await sign_in_by(phone)).user.id == actor.user_id
    assert (await kim.signs_in()).status_code == 302
    # Whoever took a session long ago adds none.
    assert actor.started_at
    with pytest.raises(Invalid):
        await passkeys.begin_passkey(actor=replace(actor, started_at=actor.started_at - 3600))
    await oidc.unlink(actor=actor)
    assert (await sign_in_by(phone)).user.id == actor.user_id


async def test_nobody_unlinks_their_only_way_in(browser: Any) -> None:
    lea = browser("lea")
    await lea.signs_in()
    with pytest.raises(Forbidden):
        await oidc.unlink(actor=await lea.actor())


async def test_nobody_has_an_identity_that_nobody_linked() -> None:
    assert await identity_models.find("x" * 40) is None
