"""Whoever guesses names, passwords or codes learns nothing, gets few tries, and locks nobody out for long."""

import asyncio
from collections import Counter
from dataclasses import replace

import pytest
from django.test import AsyncClient
from django.test.client import MULTIPART_CONTENT
from pytest_django import Settings

from accounts.services import credentials
from accounts.services.clients import Client
from foundation.errors import Invalid, RateLimited, SecondFactorRequired, Unauthenticated, Unavailable
from foundation.limits import shared
from foundation.limits.rates import Rate
from tests.accounts.cast import ELSEWHERE, HERE, NEW_PASSWORD, PASSWORD, Authenticator, Member, refusal, sign_in

STRANGER = Member("nobody-has-this-name", None, "", "")  # type: ignore[arg-type]
# One of each, within one window.
FEW = {"password": Rate(3, 86400), "password_of_strangers": Rate(7, 86400)}


# --- who has an account ----------------------------------------------------------------------------------------------
async def test_an_unknown_name_and_a_wrong_password_are_refused_alike(member: Member) -> None:
    wrong, unknown = await refusal(member, password="wrong"), await refusal(STRANGER)
    assert (type(wrong), wrong.as_wire(), wrong.headers()) == (type(unknown), unknown.as_wire(), unknown.headers())


async def test_they_cost_the_same(member: Member, costs: Counter[str]) -> None:
    await refusal(member, password="wrong")
    known = dict(costs)
    costs.clear()
    await refusal(STRANGER)
    assert known == dict(costs)
    assert known["hashes"] == 1


@pytest.mark.parametrize("door", ["/sign-in", "/api/accounts/sign-in"])
async def test_the_doors_answer_them_alike(member: Member, door: str) -> None:
    answers = []
    for login in (member.login, "nobody-has-this-name"):
        form, kind = {"login": login, "password": "wrong"}, "application/json" if "/api" in door else MULTIPART_CONTENT
        response = await AsyncClient().post(door, form, content_type=kind)
        body = response.content.decode().replace(login, "")
        # The CSRF token and the nonce differ in every page.
        lines = [line for line in body.splitlines() if "csrfmiddlewaretoken" not in line and "nonce" not in line]
        answers.append((response.status_code, lines))
    assert answers[0] == answers[1]


async def test_with_a_second_factor_a_wrong_password_is_refused_as_without(member: Member, other: Member) -> None:
    await Authenticator.of(member)
    assert (await refusal(member, password="wrong", code="123456")).as_wire() == (
        await refusal(other, password="wrong", code="123456")
    ).as_wire()


# --- how often -------------------------------------------------------------------------------------------------------
async def test_a_name_is_tried_a_few_times_from_one_address(member: Member, settings: Settings) -> None:
    settings.RATE_LIMITS = FEW
    for _ in range(3):
        assert isinstance(await refusal(member, password="wrong"), Unauthenticated)
    error = await refusal(member)
    assert isinstance(error, RateLimited)
    assert error.retry_after
    # Its owner, elsewhere, is not locked out.
    await sign_in(member, client=ELSEWHERE)


async def test_a_name_is_tried_a_few_times_from_all_addresses(member: Member, settings: Settings) -> None:
    settings.RATE_LIMITS = FEW
    for number in range(7):
        await refusal(member, password="wrong", client=Client(f"203.0.113.{number}"))
    error = await refusal(member, client=Client("203.0.113.99"))
    assert isinstance(error, RateLimited)
    # Its owner, on a device of their own, is not locked out.
    await sign_in(member, client=replace(ELSEWHERE, device=member.device))


async def test_an_unknown_name_is_limited_as_a_known_one_is(settings: Settings) -> None:
    settings.RATE_LIMITS = FEW
    stranger = replace(STRANGER, login="nobody-has-this-other-name")
    answers = [type(await refusal(stranger)) for _ in range(4)]
    assert answers == [Unauthenticated] * 3 + [RateLimited]


async def test_what_is_limited_costs_no_hash(member: Member, settings: Settings, costs: Counter[str]) -> None:
    settings.RATE_LIMITS = {**FEW, "password": Rate(1, 86400)}
    await refusal(member, password="wrong")
    costs.clear()
    for _ in range(5):
        assert isinstance(await refusal(member, password="wrong"), RateLimited)
    assert costs["hashes"] == 0


async def test_a_device_of_another_name_or_a_made_up_one_is_no_device(
    member: Member, other: Member, settings: Settings
) -> None:
    settings.RATE_LIMITS = {**FEW, "password_of_strangers": Rate(2, 86400)}
    for number in range(2):
        await refusal(member, password="wrong", client=Client(f"203.0.113.{number}"))
    for device in (other.device, member.device[:-2] + "xx", "x", "x" * 10_000, member.device.partition(":")[0]):
        assert isinstance(await refusal(member, client=Client("203.0.113.77", device=device)), RateLimited)


async def test_a_device_that_was_taken_guesses_no_faster(member: Member, settings: Settings) -> None:
    settings.RATE_LIMITS = FEW
    for number in range(3):
        thief = Client(f"203.0.113.{number}", device=member.device)
        assert isinstance(await refusal(member, password="wrong", client=thief), Unauthenticated)
    thief = Client("203.0.113.200", device=member.device)
    assert isinstance(await refusal(member, password="wrong", client=thief), RateLimited)


async def test_codes_are_tried_a_few_times_wherever_from(member: Member, settings: Settings) -> None:
    authenticator = await Authenticator.of(member)
    known = await sign_in(member, code=authenticator.recovery[1])
    settings.RATE_LIMITS = {"second_factor": Rate(2, 86400)}
    for number in range(2):
        await refusal(member, code="nonsense", client=Client(f"203.0.113.{number}"))
    assert isinstance(await refusal(member, code=authenticator.code()), RateLimited)
    # Their owner, on a device of their own, is not locked out; nor does one that was taken guess faster.
    own = replace(ELSEWHERE, device=known.device)
    await sign_in(member, code=authenticator.code(), client=own)
    await refusal(member, code="nonsense", client=own)
    assert isinstance(await refusal(member, code=authenticator.recovery[0], client=own), RateLimited)


async def test_many_devices_guess_no_faster_than_a_few(member: Member, settings: Settings) -> None:
    """Each sign-in makes the token of a device: whoever knows the password for an hour makes hundreds."""
    authenticator = await Authenticator.of(member)
    own = await sign_in(member, code=authenticator.code())
    devices = [own.device, *[(await sign_in(member, code=code)).device for code in authenticator.recovery[:3]]]
    settings.RATE_LIMITS = {"password_of_devices": Rate(3, 86400)}
    answers = [type(await refusal(member, password="wrong", client=replace(HERE, device=each))) for each in devices]
    assert answers == [Unauthenticated] * 3 + [RateLimited]
    settings.RATE_LIMITS = {"second_factor_of_devices": Rate(3, 86400)}
    answers = [type(await refusal(member, code="nonsense", client=replace(HERE, device=each))) for each in devices]
    assert answers == [Unauthenticated] * 3 + [RateLimited]


async def test_no_device_is_known_once_the_password_was_changed(member: Member, settings: Settings) -> None:
    await credentials.change_password(
        client=HERE, actor=member.actor, current_password=PASSWORD, new_password=NEW_PASSWORD
    )
    settings.RATE_LIMITS = {"password_of_strangers": Rate(1, 86400)}
    former = Client("203.0.113.7", device=member.device)
    assert isinstance(await refusal(member, password="wrong", client=former), Unauthenticated)
    assert isinstance(await refusal(member, password=NEW_PASSWORD, client=former), RateLimited)


async def test_no_device_is_known_once_there_is_another_second_factor(member: Member, settings: Settings) -> None:
    authenticator = await Authenticator.of(member)
    settings.RATE_LIMITS = {"second_factor": Rate(1, 86400)}
    former = replace(HERE, device=member.device)
    assert isinstance(await refusal(member, code="nonsense"), Unauthenticated)
    assert isinstance(await refusal(member, code=authenticator.code(), client=former), RateLimited)


async def test_a_session_that_was_taken_guesses_its_password_a_few_times(member: Member, settings: Settings) -> None:
    settings.RATE_LIMITS = {"own_password": Rate(2, 86400)}
    for _ in range(2):
        with pytest.raises(Invalid):
            await credentials.begin_totp(actor=member.actor, password="wrong")
    with pytest.raises(RateLimited):
        await credentials.change_password(
            client=HERE, actor=member.actor, current_password=PASSWORD, new_password="x" * 20
        )


async def test_nobody_guesses_while_nobody_counts(
    member: Member, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def not_counted(rates: object, caller: str) -> None:
        return None

    monkeypatch.setattr(shared._redis, "count", not_counted)
    settings.RATE_LIMITS = FEW
    assert isinstance(await refusal(member), Unavailable)


# --- again -----------------------------------------------------------------------------------------------------------
async def test_a_code_works_once(member: Member) -> None:
    authenticator = await Authenticator.of(member)
    code = authenticator.code()
    await sign_in(member, code=code)
    assert isinstance(await refusal(member, code=code), Unauthenticated)
    # Nor does one of before it, though it is of this minute.
    assert isinstance(await refusal(member, code=authenticator.code(-1)), Unauthenticated)


async def test_a_code_works_once_at_the_same_moment(member: Member) -> None:
    authenticator = await Authenticator.of(member)
    code = authenticator.code()
    results = await asyncio.gather(*(sign_in(member, code=code) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(result, Member) for result in results) == 1
    assert sum(isinstance(result, Unauthenticated) for result in results) == 3


async def test_a_recovery_code_works_once_at_the_same_moment(member: Member) -> None:
    code = (await Authenticator.of(member)).recovery[0]
    results = await asyncio.gather(*(sign_in(member, code=code) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(result, Member) for result in results) == 1


async def test_the_code_that_turned_a_second_factor_on_does_not_sign_in(member: Member) -> None:
    offer = await credentials.begin_totp(actor=member.actor, password=PASSWORD)
    code = Authenticator(offer.secret, []).code()
    await credentials.confirm_totp(client=HERE, actor=member.actor, code=code)
    assert isinstance(await refusal(member, code=code), Unauthenticated)


async def test_codes_of_one_do_not_open_another(member: Member, other: Member) -> None:
    first, second = await Authenticator.of(member), await Authenticator.of(other)
    for code in (second.code(), second.recovery[0]):
        assert isinstance(await refusal(member, code=code), Unauthenticated)
    assert isinstance(await refusal(member), SecondFactorRequired)
    await sign_in(member, code=first.code())


# --- a session that somebody else has chosen -------------------------------------------------------------------------
async def test_signing_in_takes_no_session_that_was_there_before(member: Member, other: Member) -> None:
    """Session fixation: a cookie planted in a browser is not the session that its owner then signs in to."""
    client = AsyncClient()
    client.cookies["__session"] = other.token
    client.cookies["csrftoken"] = "p" * 32
    await client.post("/sign-in", {"login": member.login, "password": PASSWORD})
    token = client.cookies["__session"].value
    assert token != other.token
    assert client.cookies["csrftoken"].value != "p" * 32
    assert isinstance(await refusal(member, password="wrong", client=replace(HERE, former=token)), Unauthenticated)
