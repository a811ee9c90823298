"""A second factor: codes that work once, recovery codes, and the two steps of signing in with them."""

import time

import pytest
from django.test import AsyncClient
from pytest_django import Settings

from accounts import selectors
from accounts.services import credentials, signing_in
from foundation.errors import Invalid, NotFound, SecondFactorRequired, Unauthenticated

from .cast import HERE, NEW_PASSWORD, PASSWORD, Authenticator, Member, has_ended, sign_in


async def test_with_a_second_factor_a_password_is_not_enough(member: Member) -> None:
    authenticator = await Authenticator.of(member)
    with pytest.raises(SecondFactorRequired):
        await sign_in(member)
    with pytest.raises(Unauthenticated):
        await sign_in(member, code="000000" if authenticator.code() != "000000" else "000001")
    await sign_in(member, code=authenticator.code())


async def test_a_challenge_is_answered_by_a_code(member: Member) -> None:
    authenticator = await Authenticator.of(member)
    with pytest.raises(SecondFactorRequired) as raised:
        await sign_in(member)
    challenge = raised.value.challenge
    assert challenge not in str(raised.value.as_wire())
    code = authenticator.code()
    signed_in = await signing_in.answer_challenge(challenge=challenge, code=f" {code[:3]} {code[3:]}", client=HERE)
    assert signed_in.user.id == member.id


async def test_a_challenge_ends(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    authenticator = await Authenticator.of(member)
    with pytest.raises(SecondFactorRequired) as raised:
        await sign_in(member)
    later = time.time() + signing_in.CHALLENGE_SECONDS + 1
    monkeypatch.setattr(time, "time", lambda: later)
    with pytest.raises(Unauthenticated):
        await signing_in.answer_challenge(challenge=raised.value.challenge, code=authenticator.code(), client=HERE)


async def test_a_challenge_is_void_once_the_password_was_changed(member: Member) -> None:
    authenticator = await Authenticator.of(member)
    with pytest.raises(SecondFactorRequired) as raised:
        await sign_in(member)
    await credentials.change_password(
        client=HERE, actor=member.actor, current_password=PASSWORD, new_password=NEW_PASSWORD
    )
    with pytest.raises(Unauthenticated):
        await signing_in.answer_challenge(challenge=raised.value.challenge, code=authenticator.code(), client=HERE)


async def test_a_recovery_code_works_once(member: Member) -> None:
    authenticator = await Authenticator.of(member)
    typed = authenticator.recovery[0].lower().replace("-", " ")
    await sign_in(member, code=typed)
    with pytest.raises(Unauthenticated):
        await sign_in(member, code=typed)
    own = await selectors.get_own_account(actor=member.actor)
    assert own.account.recovery_codes == len(authenticator.recovery) - 1


async def test_a_second_factor_counts_once_it_is_confirmed(member: Member) -> None:
    offer = await credentials.begin_totp(actor=member.actor, password=PASSWORD)
    await sign_in(member)
    wrong = Authenticator(offer.secret, []).code(100)
    with pytest.raises(Invalid):
        await credentials.confirm_totp(client=HERE, actor=member.actor, code=wrong)
    await sign_in(member)
    await credentials.confirm_totp(client=HERE, actor=member.actor, code=Authenticator(offer.secret, []).code())
    with pytest.raises(SecondFactorRequired):
        await sign_in(member)


async def test_digits_of_other_scripts_are_read_or_refused(member: Member) -> None:
    offer = await credentials.begin_totp(actor=member.actor, password=PASSWORD)
    authenticator = Authenticator(offer.secret, [])
    for first in ("\u0660", "\uff10"):
        with pytest.raises(Invalid):
            await credentials.confirm_totp(
                client=HERE, actor=member.actor, code=_in_digits_from(first, authenticator.code(100))
            )
    await credentials.confirm_totp(
        client=HERE, actor=member.actor, code=_in_digits_from("\uff10", authenticator.code(-1))
    )
    await sign_in(member, code=_in_digits_from("\uff10", authenticator.code()))


def _in_digits_from(zero: str, code: str) -> str:
    return "".join(chr(ord(zero) + int(digit)) for digit in code)


async def test_no_session_from_before_it_outlives_the_beginning_of_a_second_factor(member: Member) -> None:
    second = await sign_in(member)
    present = (await Authenticator.of(member)).owner
    assert present is not None
    assert [await has_ended(each) for each in (member, second, present)] == [True, True, False]


async def test_nothing_is_confirmed_that_was_not_offered(member: Member) -> None:
    with pytest.raises(NotFound):
        await credentials.confirm_totp(client=HERE, actor=member.actor, code="123456")
    authenticator = await Authenticator.of(member)
    with pytest.raises(NotFound):
        await credentials.confirm_totp(client=HERE, actor=member.actor, code=authenticator.code())
    with pytest.raises(Invalid):
        await credentials.begin_totp(actor=member.actor, password=PASSWORD)


async def test_a_second_factor_is_removed_with_both_proofs(member: Member) -> None:
    authenticator = await Authenticator.of(member)
    for password, code in (("wrong", authenticator.code()), (PASSWORD, "nonsense")):
        with pytest.raises(Invalid):
            await credentials.disable_totp(actor=member.actor, password=password, code=code)
    await credentials.disable_totp(actor=member.actor, password=PASSWORD, code=authenticator.code())
    await sign_in(member)
    with pytest.raises(NotFound):
        await credentials.disable_totp(actor=member.actor, password=PASSWORD, code=authenticator.code())


async def test_recovery_codes_are_renewed_with_both_proofs(member: Member) -> None:
    authenticator = await Authenticator.of(member)
    assert authenticator.owner
    actor = authenticator.owner.actor
    for code in (None, "nonsense"):
        with pytest.raises(Invalid) as raised:
            await credentials.renew_recovery_codes(actor=actor, password=PASSWORD, code=code)
        assert raised.value.fields is not None
        assert list(raised.value.fields) == ["code"]
    page = AsyncClient()
    page.cookies["__session"] = authenticator.owner.token
    assert 'id="codes-code"' in (await page.get("/account")).content.decode()
    assert (await page.post("/account/recovery-codes", {"password": PASSWORD})).status_code == 400
    form = {"password": PASSWORD, "code": authenticator.code()}
    assert (await page.post("/account/recovery-codes", form)).status_code == 200
    with pytest.raises(Unauthenticated):
        await sign_in(member, code=authenticator.recovery[0])


async def test_another_secret_key_leaves_the_recovery_codes(member: Member, settings: Settings) -> None:
    authenticator = await Authenticator.of(member)
    settings.SECRET_KEY = "another one"
    with pytest.raises(Unauthenticated):
        await sign_in(member, code=authenticator.code())
    await sign_in(member, code=authenticator.recovery[0])
