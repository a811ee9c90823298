"""Passkeys: several of an account, alone or after a password, and what is no proof."""

import json
from typing import Any

import pytest
from django.test import AsyncClient
from pytest_django import Settings

from accounts import relying_party, selectors
from accounts.services import credentials, invitations, passkey_sign_in, passkeys
from foundation.errors import Invalid, NotFound, SecondFactorRequired, Unauthenticated

from .cast import HERE, PASSWORD, Authenticator, Member, has_ended, sign_in
from .software_authenticator import (
    ORIGIN,
    PRESENT,
    SoftwareAuthenticator,
    a_domain,
    add_passkey,
    challenge_of,
    decoded,
    encoded,
    sign_in_by,
    with_passkey,
)

__all__ = ["a_domain"]


# --- what they do ----------------------------------------------------------------------------------------------------
async def test_a_passkey_alone_signs_in(member: Member) -> None:
    phone = SoftwareAuthenticator()
    await with_passkey(member, phone)
    for _ in range(2):
        assert (await sign_in_by(phone)).user.id == member.id


async def test_nobody_is_named_before_a_passkey_has_answered(member: Member) -> None:
    await with_passkey(member, SoftwareAuthenticator())
    options = (await passkey_sign_in.begin_sign_in()).options
    assert options["allowCredentials"] == []
    assert options["userVerification"] == "required"
    assert options["rpId"] == "chat.example.org"


async def test_the_first_is_a_second_factor_with_recovery_codes(member: Member) -> None:
    second = await sign_in(member)
    present, codes = await with_passkey(member, SoftwareAuthenticator())
    assert [await has_ended(each) for each in (member, second, present)] == [True, True, False]
    with pytest.raises(SecondFactorRequired):
        await sign_in(member)
    await sign_in(member, code=codes[0])
    with pytest.raises(Unauthenticated):
        await sign_in(member, code=codes[0])
    with pytest.raises(Unauthenticated):
        await sign_in(member, code="123456")


async def test_after_a_password_it_need_not_verify_its_user(member: Member) -> None:
    key = SoftwareAuthenticator()
    await with_passkey(member, key)
    key.flags = PRESENT
    offer = await passkey_sign_in.begin_second_factor(challenge=await challenge_of(member))
    assert [each["id"] for each in offer.options["allowCredentials"]] == [encoded(key.credential)]
    signed_in = await passkey_sign_in.sign_in(state=offer.state, credential=key.get(offer.options), client=HERE)
    assert signed_in.user.id == member.id


async def test_an_account_has_several(member: Member) -> None:
    phone, laptop = SoftwareAuthenticator(), SoftwareAuthenticator(count=None)
    present, _ = await with_passkey(member, phone)
    added = await add_passkey(present, laptop, "Laptop")
    # A second factor was on already: nothing ends, and the recovery codes are those of before.
    assert (added.session, added.recovery_codes) == (None, [])
    assert not await has_ended(present)
    await sign_in_by(laptop)
    listed = [passkey.as_wire() for passkey in await selectors.list_passkeys(actor=present.actor)]
    assert sorted((each["name"], "usedAt" in each) for each in listed) == [("Laptop", True), ("Phone", False)]


async def test_one_is_registered_once(member: Member) -> None:
    phone = SoftwareAuthenticator()
    present, _ = await with_passkey(member, phone)
    offer = await passkeys.begin_passkey(actor=present.actor, password=PASSWORD)
    assert [each["id"] for each in offer.options["excludeCredentials"]] == [encoded(phone.credential)]
    with pytest.raises(Invalid):
        await add_passkey(present, phone)


async def test_a_removed_one_proves_nothing(member: Member) -> None:
    phone = SoftwareAuthenticator()
    present, _ = await with_passkey(member, phone)
    [passkey] = await selectors.list_passkeys(actor=present.actor)
    await passkeys.remove_passkey(actor=present.actor, passkey_id=passkey.id, password=PASSWORD)
    with pytest.raises(Unauthenticated):
        await sign_in_by(phone)
    # It was the only second factor: the password is enough again, and no recovery code is left.
    await sign_in(member)
    own = await selectors.get_own_account(actor=present.actor)
    assert (own.account.recovery_codes, own.account.passkeys) == (0, frozenset())
    with pytest.raises(NotFound):
        await passkeys.remove_passkey(actor=present.actor, passkey_id=passkey.id, password=PASSWORD)


async def test_beside_an_authenticator_each_stands_for_itself(member: Member) -> None:
    present = (await Authenticator.of(member)).owner
    assert present
    phone = SoftwareAuthenticator()
    await add_passkey(present, phone)
    await sign_in_by(phone)
    [passkey] = await selectors.list_passkeys(actor=present.actor)
    await passkeys.remove_passkey(actor=present.actor, passkey_id=passkey.id, password=PASSWORD)
    own = await selectors.get_own_account(actor=present.actor)
    assert (own.account.has_second_factor, own.account.recovery_codes) == (True, 10)


async def test_without_its_authenticator_an_account_keeps_its_passkeys(member: Member) -> None:
    authenticator = await Authenticator.of(member)
    assert authenticator.owner
    await add_passkey(authenticator.owner, SoftwareAuthenticator())
    code = authenticator.code()
    await credentials.disable_totp(actor=authenticator.owner.actor, password=PASSWORD, code=code)
    await challenge_of(member)
    await sign_in(member, code=authenticator.recovery[0])


async def test_a_reset_takes_them_away_if_it_takes_the_second_factor(owner: Member, member: Member) -> None:
    phone = SoftwareAuthenticator()
    await with_passkey(member, phone)
    for clear in (False, True):
        made = await invitations.make_reset_link(
            actor=owner.actor, user_id=member.id, password=PASSWORD, clear_second_factor=clear
        )
        await credentials.reset_password(token=made.token, password=f"{PASSWORD} {clear}")
        if not clear:
            await sign_in_by(phone)
    with pytest.raises(Unauthenticated):
        await sign_in_by(phone)
    await sign_in(member, password=f"{PASSWORD} True")


# --- who may change them ---------------------------------------------------------------------------------------------
async def test_a_session_alone_changes_none(member: Member) -> None:
    for password in (None, "", "wrong"):
        with pytest.raises(Invalid):
            await passkeys.begin_passkey(actor=member.actor, password=password)
    present, _ = await with_passkey(member, SoftwareAuthenticator())
    [passkey] = await selectors.list_passkeys(actor=present.actor)
    with pytest.raises(Invalid):
        await passkeys.remove_passkey(actor=present.actor, passkey_id=passkey.id)
    with pytest.raises(Invalid):
        await credentials.renew_recovery_codes(actor=present.actor)


async def test_recovery_codes_are_renewed(member: Member) -> None:
    with pytest.raises(NotFound):
        await credentials.renew_recovery_codes(actor=member.actor, password=PASSWORD)
    present, former = await with_passkey(member, SoftwareAuthenticator())
    codes = await credentials.renew_recovery_codes(actor=present.actor, password=PASSWORD)
    assert len(set(codes) - set(former)) == 10
    with pytest.raises(Unauthenticated):
        await sign_in(member, code=former[0])
    await sign_in(member, code=codes[0])


async def test_what_one_session_has_begun_another_does_not_finish(member: Member, other: Member) -> None:
    phone, second = SoftwareAuthenticator(), await sign_in(member)
    offer = await passkeys.begin_passkey(actor=member.actor, password=PASSWORD)
    for who in (second, other):
        with pytest.raises(Invalid):
            await passkeys.add_passkey(
                actor=who.actor, state=offer.state, credential=phone.create(offer.options), name="x", client=HERE
            )


async def test_nobody_removes_those_of_others(member: Member, other: Member) -> None:
    present, _ = await with_passkey(member, SoftwareAuthenticator())
    [passkey] = await selectors.list_passkeys(actor=present.actor)
    with pytest.raises(NotFound):
        await passkeys.remove_passkey(actor=other.actor, passkey_id=passkey.id, password=PASSWORD)


async def test_an_account_has_room_for_some(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passkeys, "MAX_PASSKEYS", 1)
    present, _ = await with_passkey(member, SoftwareAuthenticator())
    with pytest.raises(Invalid):
        await passkeys.begin_passkey(actor=present.actor, password=PASSWORD)


# --- whose they are --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("said", "allowed", "origins", "own"),
    [
        ((ORIGIN, ""), [ORIGIN, "https://other.example"], [ORIGIN], "chat.example.org"),
        ((ORIGIN, "example.org"), [ORIGIN, "https://example.org", "https://badexample.org"], 2, "example.org"),
        ((ORIGIN, ""), [ORIGIN, "http://chat.example.org", "https://a.chat.example.org"], 2, "chat.example.org"),
        (("http://127.0.0.1:3000", ""), ["http://127.0.0.1:3000", "http://localhost:3000"], 1, "localhost"),
        (("https://192.0.2.1", ""), ["https://192.0.2.1"], 0, None),
    ],
)
async def test_one_domain_has_them(
    settings: Settings, said: tuple[str, str], allowed: list[str], origins: Any, own: str | None
) -> None:
    (settings.PUBLIC_URL, settings.PASSKEY_DOMAIN), settings.ALLOWED_ORIGINS = said, allowed
    assert relying_party.domain() == own
    assert relying_party.origins() == origins or len(relying_party.origins()) == origins


async def test_without_a_domain_there_are_none(member: Member, settings: Settings) -> None:
    settings.PUBLIC_URL, settings.ALLOWED_ORIGINS = "https://192.0.2.1", ["https://192.0.2.1"]
    for asked in (passkey_sign_in.begin_sign_in(), passkeys.begin_passkey(actor=member.actor, password=PASSWORD)):
        with pytest.raises(NotFound):
            await asked


# --- the doors -------------------------------------------------------------------------------------------------------
async def test_the_api_registers_and_signs_in(member: Member) -> None:
    phone, client = SoftwareAuthenticator(), AsyncClient()
    own = {"Authorization": f"Bearer {member.token}"}
    base = "/api/accounts/me/passkeys"

    async def post(path: str, body: dict[str, Any], headers: dict[str, str] | None = None) -> Any:
        return await client.post(path, body, content_type="application/json", headers=headers)

    offer = (await post(f"{base}/options", {"password": PASSWORD}, own)).json()
    body = {"state": offer["state"], "credential": phone.create(offer["options"]), "name": "Phone"}
    added = await post(base, body, own)
    assert added.status_code == 201
    assert len(added.json()["recoveryCodes"]) == 10
    own = {"Authorization": f"Bearer {added.json()['session']['token']}"}
    [listed] = (await client.get(base, headers=own)).json()["passkeys"]
    assert (listed["id"], listed["name"]) == (added.json()["id"], "Phone")

    asked = (await post("/api/accounts/passkeys/options", {})).json()
    body = {"state": asked["state"], "credential": phone.get(asked["options"])}
    signed_in = await post("/api/accounts/passkeys/sign-in", body)
    assert (signed_in.status_code, signed_in.json()["userId"]) == (201, member.id)
    assert (await post("/api/accounts/passkeys/sign-in", body)).status_code == 401

    codes = await post("/api/accounts/me/recovery-codes", {"password": PASSWORD}, own)
    assert len(codes.json()["recoveryCodes"]) == 10
    assert (await post(f"{base}/{listed['id']}/remove", {"password": PASSWORD}, own)).status_code == 204


async def test_a_page_takes_the_answer_of_the_browser_that_was_asked(member: Member) -> None:
    phone, browser, elsewhere = SoftwareAuthenticator(), AsyncClient(), AsyncClient()
    await with_passkey(member, phone)
    options = (await browser.post("/sign-in/passkey/options")).json()["options"]
    cookie = browser.cookies["passkey"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/sign-in/passkey")
    form = {"credential": phone.get(options), "next": "/groups/g"}
    assert (await elsewhere.post("/sign-in/passkey", form)).status_code == 401
    signed_in = await browser.post("/sign-in/passkey", form)
    assert (signed_in.status_code, signed_in["Location"]) == (302, "/groups/g")
    assert browser.cookies["passkey"].value == ""


@pytest.mark.parametrize("path", ["/sign-in/passkey", "/sign-in/passkey/options", "/account/passkeys/options"])
async def test_another_site_asks_for_nothing(member: Member, path: str) -> None:
    client = AsyncClient(enforce_csrf_checks=True)
    client.cookies["__session"] = member.token
    assert (await client.post(path, {"credential": "{}"})).status_code == 403


async def test_a_script_is_told_what_is_wrong(member: Member, settings: Settings) -> None:
    client = AsyncClient()
    client.cookies["__session"] = member.token
    response = await client.post("/account/passkeys/options", {"password": "wrong"})
    assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid")
    settings.PUBLIC_URL = "https://192.0.2.1"
    assert (await client.post("/sign-in/passkey/options")).status_code == 404


def test_what_is_signed_is_what_was_asked() -> None:
    key = SoftwareAuthenticator()
    answer = json.loads(key.get({"challenge": encoded(b"c" * 32)}))
    assert json.loads(decoded(answer["response"]["clientDataJSON"]))["origin"] == ORIGIN
