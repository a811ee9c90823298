"""What is no proof of a passkey: lies, nonsense, answers that come again, too late, or for something else."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from accounts import ceremonies, models, selectors
from accounts.services import credentials, invitations, passkey_sign_in, passkeys, sessions, signing_in
from foundation.errors import AppError, Invalid, Unauthenticated

from .cast import HERE, PASSWORD, Authenticator, Member
from .software_authenticator import (
    PRESENT,
    VERIFIED,
    SoftwareAuthenticator,
    a_domain,
    add_passkey,
    challenge_of,
    encoded,
    sign_in_by,
    with_passkey,
)

__all__ = ["a_domain"]
Lie = Callable[[SoftwareAuthenticator], None]


LIES: dict[str, Lie] = {
    "another origin": lambda key: setattr(key, "origin", "https://evil.example"),
    "an origin that is no https": lambda key: setattr(key, "origin", "http://chat.example.org"),
    "another domain": lambda key: setattr(key, "domain", "example.org"),
    "an absent user": lambda key: setattr(key, "flags", VERIFIED),
    "an unverified user": lambda key: setattr(key, "flags", PRESENT),
    "another key": lambda key: setattr(key, "key", SoftwareAuthenticator().key),
    "another credential": lambda key: setattr(key, "credential", b"x" * 32),
    "another user": lambda key: setattr(key, "user", b"user_nobody"),
    "a user who says nothing": lambda key: setattr(key, "user", b""),
    "a user too long": lambda key: setattr(key, "user", b"u" * 65),
    "a count that stands still": lambda key: setattr(key, "count", (key.count or 0) - 1),
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_lie_does_not_sign_in(member: Member, lie: str) -> None:
    phone = SoftwareAuthenticator()
    await with_passkey(member, phone)
    await sign_in_by(phone)
    LIES[lie](phone)
    with pytest.raises(Unauthenticated) as raised:
        await sign_in_by(phone)
    # One sentence for all: nobody learns which passkeys there are.
    assert raised.value.message == passkey_sign_in.REFUSED


@pytest.mark.parametrize("lie", [lie for lie in LIES if lie.split()[-1] in ("origin", "https", "domain", "user")][:5])
async def test_a_lie_does_not_register(member: Member, lie: str) -> None:
    phone = SoftwareAuthenticator()
    LIES[lie](phone)
    with pytest.raises(Invalid):
        await add_passkey(member, phone)
    assert await selectors.list_passkeys(actor=member.actor) == []


CHANGES: list[dict[str, Any]] = [
    {"client_data": {"type": "webauthn.create"}},
    {"client_data": {"challenge": encoded(b"x" * 32)}},
    {"client_data": {"origin": None}},
    {"response": {"signature": encoded(b"x" * 70)}},
    {"response": {"signature": ""}},
    {"response": {"authenticatorData": encoded(b"x")}},
    {"response": {"clientDataJSON": "!"}},
    {"response": {"userHandle": 5}},
    {"response": {"userHandle": encoded(b"\xff")}},
]


@pytest.mark.parametrize("changes", CHANGES)
async def test_an_answer_that_was_changed_is_refused(member: Member, changes: dict[str, Any]) -> None:
    phone = SoftwareAuthenticator()
    await with_passkey(member, phone)
    with pytest.raises(Unauthenticated):
        await sign_in_by(phone, **changes)


NONSENSE = ["", "{}", "[]", "null", "5", "{", "[" * 10_000, '{"id": 5, "response": {}}', '{"id": "x", "response": 5}']


@pytest.mark.parametrize("credential", NONSENSE)
async def test_nonsense_is_refused(member: Member, credential: str) -> None:
    offer = await passkey_sign_in.begin_sign_in()
    with pytest.raises(Unauthenticated):
        await passkey_sign_in.sign_in(state=offer.state, credential=credential, client=HERE)
    own = await passkeys.begin_passkey(actor=member.actor, password=PASSWORD)
    with pytest.raises(Invalid):
        await passkeys.add_passkey(actor=member.actor, state=own.state, credential=credential, name="x", client=HERE)


# --- again, and too late ---------------------------------------------------------------------------------------------
async def test_an_answer_is_taken_once(member: Member) -> None:
    phone = SoftwareAuthenticator(count=None)
    await with_passkey(member, phone)
    offer = await passkey_sign_in.begin_sign_in()
    credential = phone.get(offer.options)
    await passkey_sign_in.sign_in(state=offer.state, credential=credential, client=HERE)
    for answer in (credential, phone.get(offer.options)):
        with pytest.raises(Unauthenticated):
            await passkey_sign_in.sign_in(state=offer.state, credential=answer, client=HERE)


async def test_a_registration_is_taken_once(member: Member) -> None:
    present, _ = await with_passkey(member, SoftwareAuthenticator())
    offer = await passkeys.begin_passkey(actor=present.actor, password=PASSWORD)
    for number, name in enumerate(("first", "second")):
        credential = SoftwareAuthenticator().create(offer.options)
        adding = passkeys.add_passkey(
            actor=present.actor, state=offer.state, credential=credential, name=name, client=HERE
        )
        if number == 0:
            await adding
        else:
            with pytest.raises(Invalid):
                await adding


async def test_a_challenge_is_over_after_some_minutes(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = SoftwareAuthenticator()
    await with_passkey(member, phone)
    offer = await passkey_sign_in.begin_sign_in()
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + ceremonies.SECONDS + 1)
    with pytest.raises(Unauthenticated):
        await passkey_sign_in.sign_in(state=offer.state, credential=phone.get(offer.options), client=HERE)


async def test_a_challenge_of_one_kind_is_none_of_another(member: Member) -> None:
    phone = SoftwareAuthenticator()
    present, _ = await with_passkey(member, phone)
    registering = await passkeys.begin_passkey(actor=present.actor, password=PASSWORD)
    challenge = {"challenge": registering.options["challenge"]}
    for state in (registering.state, await challenge_of(member), "", "x:y:z"):
        with pytest.raises(Unauthenticated):
            await passkey_sign_in.sign_in(state=state, credential=phone.get(challenge), client=HERE)
    signing = await passkey_sign_in.begin_sign_in()
    with pytest.raises(Invalid):
        await passkeys.add_passkey(
            actor=present.actor,
            state=signing.state,
            credential=SoftwareAuthenticator().create({**registering.options, **signing.options}),
            name="x",
            client=HERE,
        )


async def test_a_second_factor_is_that_of_the_account_alone(member: Member, other: Member) -> None:
    own, others = SoftwareAuthenticator(), SoftwareAuthenticator()
    await with_passkey(member, own)
    await with_passkey(other, others)
    for user in (others.user, own.user, b""):
        offer = await passkey_sign_in.begin_second_factor(challenge=await challenge_of(member))
        others.user = user
        with pytest.raises(Unauthenticated):
            await passkey_sign_in.sign_in(state=offer.state, credential=others.get(offer.options), client=HERE)


async def test_a_second_factor_is_not_asked_for_without_a_password(member: Member, other: Member) -> None:
    await with_passkey(member, SoftwareAuthenticator())
    with pytest.raises(Unauthenticated):
        await passkey_sign_in.begin_second_factor(challenge="x:y:z")
    await Authenticator.of(other)
    with pytest.raises(Unauthenticated):
        # There is no passkey to ask for.
        await passkey_sign_in.begin_second_factor(challenge=await challenge_of(other))
    with pytest.raises(Unauthenticated):
        await signing_in.answer_challenge(challenge=await challenge_of(member), code="000000", client=HERE)


async def test_a_second_factor_is_void_once_the_password_was_changed(owner: Member, member: Member) -> None:
    phone = SoftwareAuthenticator()
    await with_passkey(member, phone)
    offer = await passkey_sign_in.begin_second_factor(challenge=await challenge_of(member))
    made = await invitations.make_reset_link(actor=owner.actor, user_id=member.id, password=PASSWORD)
    await credentials.reset_password(token=made.token, password=f"{PASSWORD} anew")
    with pytest.raises(Unauthenticated):
        await passkey_sign_in.sign_in(state=offer.state, credential=phone.get(offer.options), client=HERE)


async def test_no_session_begins_by_a_passkey_that_is_removed_meanwhile(
    member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, laptop = SoftwareAuthenticator(), SoftwareAuthenticator()
    present, _ = await with_passkey(member, phone)
    await add_passkey(present, laptop)
    begin = sessions.begin

    async def begin_late(**options: Any) -> Any:
        await passkeys.remove_passkey(actor=present.actor, passkey_id=options["passkey"], password=PASSWORD)
        return await begin(**options)

    monkeypatch.setattr(sessions, "begin", begin_late)
    with pytest.raises(Unauthenticated):
        await sign_in_by(phone)


async def test_an_account_that_is_gone_has_none(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    phone = SoftwareAuthenticator()
    await with_passkey(member, phone)

    async def nobody(user_id: str) -> None:
        return None

    monkeypatch.setattr(models, "get", nobody)
    with pytest.raises(AppError):
        await sign_in_by(phone)
