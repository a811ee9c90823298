"""Sign-in by password and second factor: sessions, their bounds and their ends."""

import asyncio
import time
from dataclasses import replace

import pytest
from pytest_django import Settings

from accounts import models, selectors, session_models
from accounts.hashers import PasswordHasher
from accounts.seen import Seen
from accounts.services import credentials, invitations, joining, sessions, signing_in
from foundation.errors import Forbidden, Invalid, NotFound, SecondFactorRequired, TokenExpired, Unauthenticated
from users import services as users
from users import tokens

from .cast import ELSEWHERE, HERE, PASSWORD, Authenticator, Member, sign_in

NEW = "another battery staple"


async def ends(member: Member) -> bool:
    try:
        await users.sign_in(token=member.token)
    except TokenExpired:
        return True
    return False


async def test_a_wrong_password_does_not_sign_in(member: Member) -> None:
    with pytest.raises(Unauthenticated):
        await sign_in(member, password="not the right one")


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


# --- sessions --------------------------------------------------------------------------------------------------------
async def test_sessions_say_where_they_were_seen(member: Member) -> None:
    await sign_in(member, client=ELSEWHERE)
    listed = [session.as_wire(member.actor.session_id) for session in await selectors.list_sessions(actor=member.actor)]
    assert {(session["device"], session["address"], session["current"]) for session in listed} == {
        ("Firefox on Linux", HERE.address, True),
        ("Safari on iPhone", ELSEWHERE.address, False),
    }


async def test_a_use_is_noted_now_and_then(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    seen, claims, written = Seen(), await tokens.verify(member.token), list[str]()

    async def note_use(user_id: str, session_id: str, **where: object) -> None:
        written.append(str(where["address"]))

    monkeypatch.setattr(session_models, "note_use", note_use)
    for address in ("203.0.113.1", "203.0.113.2"):
        seen.note(claims, address=address, agent="")
    # A renewed token is noted at once.
    seen.note(replace(claims, expires_at=claims.expires_at + 1), address="203.0.113.3", agent="")
    await asyncio.gather(*seen._writes)
    assert written == ["203.0.113.1", "203.0.113.3"]


async def test_what_is_noted_shows_and_brings_no_ended_session_back(member: Member) -> None:
    other = await sign_in(member)
    for each in (member, other):
        expires_at = each.actor.expires_at
        await session_models.note_use(
            each.id,
            each.actor.session_id,
            address="203.0.113.9",
            agent="curl/8",
            token_expires_at=expires_at,
        )
    await sessions.end_session(actor=member.actor, session_id=other.actor.session_id)
    await session_models.note_use(
        other.id, other.actor.session_id, address="203.0.113.9", agent="", token_expires_at=other.actor.expires_at + 9
    )
    (listed,) = await selectors.list_sessions(actor=member.actor)
    assert (listed.id, listed.address, listed.agent) == (member.actor.session_id, "203.0.113.9", "curl/8")


async def test_an_older_token_does_not_shorten_what_is_listed(member: Member) -> None:
    await session_models.note_use(member.id, member.actor.session_id, address="::", agent="", token_expires_at=1)
    (listed,) = await selectors.list_sessions(actor=member.actor)
    assert (listed.token_expires_at, listed.address) == (member.actor.expires_at, "::")


async def test_one_session_is_ended(member: Member) -> None:
    other, third = await sign_in(member), await sign_in(member)
    await sessions.end_session(actor=member.actor, session_id=other.actor.session_id)
    assert [await ends(each) for each in (member, other, third)] == [False, True, False]


async def test_nobody_ends_a_session_of_somebody_else(member: Member, other: Member) -> None:
    with pytest.raises(NotFound):
        await sessions.end_session(actor=member.actor, session_id=other.actor.session_id)
    assert not await ends(other)


async def test_all_others_are_ended(member: Member, other: Member) -> None:
    more = [await sign_in(member) for _ in range(2)]
    assert await sessions.end_other_sessions(actor=member.actor) == 2
    assert [await ends(each) for each in (member, other, *more)] == [False, False, True, True]


async def test_signing_out_ends_the_session_and_its_row(member: Member) -> None:
    other = await sign_in(member)
    await sessions.sign_out(actor=member.actor)
    assert await ends(member)
    assert [session.id for session in await selectors.list_sessions(actor=other.actor)] == [other.actor.session_id]


async def test_the_oldest_sessions_end_beyond_the_limit(member: Member, settings: Settings) -> None:
    settings.MAX_SESSIONS = 2
    second, third = await sign_in(member), await sign_in(member)
    # Two that began in one second are of one age.
    assert sum([await ends(member), await ends(second)]) == 1
    assert len(await session_models.list_of(member.id)) == 2
    assert not await ends(third)


async def test_several_sign_in_at_the_same_moment(member: Member) -> None:
    many = await asyncio.gather(*(sign_in(member) for _ in range(5)))
    assert len({each.actor.session_id for each in many}) == 5


async def test_a_browsers_former_session_ends(member: Member, other: Member) -> None:
    again = await sign_in(member, client=replace(HERE, former=other.token))
    assert await ends(other)
    assert not await ends(again)


# --- passwords -------------------------------------------------------------------------------------------------------
async def test_another_password_ends_the_other_sessions(member: Member) -> None:
    second = await sign_in(member)
    ended = await credentials.change_password(actor=member.actor, current_password=PASSWORD, new_password=NEW)
    assert ended == 1
    assert [await ends(each) for each in (member, second)] == [False, True]
    with pytest.raises(Unauthenticated):
        await sign_in(member)
    await sign_in(member, password=NEW)


async def test_a_session_alone_changes_no_password(member: Member) -> None:
    with pytest.raises(Invalid) as raised:
        await credentials.change_password(actor=member.actor, current_password="wrong", new_password=NEW)
    assert raised.value.fields is not None
    assert list(raised.value.fields) == ["currentPassword"]
    await sign_in(member)


async def test_a_new_password_follows_the_rules(member: Member) -> None:
    with pytest.raises(Invalid):
        await credentials.change_password(actor=member.actor, current_password=PASSWORD, new_password="1234567890")


async def test_no_session_outlives_a_password_that_changes_while_it_begins(
    member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await models.get(member.id)
    assert account is not None
    await credentials.change_password(actor=member.actor, current_password=PASSWORD, new_password=NEW)
    with pytest.raises(Unauthenticated):
        await sessions.begin(account=account, client=HERE)


async def test_a_hash_of_a_former_cost_is_made_anew(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    before = await models.get(member.id)
    monkeypatch.setattr(PasswordHasher, "time_cost", 2)
    await sign_in(member)
    after = await models.get(member.id)
    assert before is not None
    assert after is not None
    assert "t=1" in before.password
    assert "t=2" in after.password
    await sign_in(member)


async def test_a_password_is_the_same_however_it_is_composed(owner: Member, member: Member) -> None:
    composed, decomposed = "pässwörd für mich", "pa\u0308sswo\u0308rd fu\u0308r mich"
    await credentials.change_password(actor=member.actor, current_password=PASSWORD, new_password=composed)
    await sign_in(member, password=decomposed)


# --- a reset ---------------------------------------------------------------------------------------------------------
async def test_a_reset_link_sets_a_password_once_and_ends_all_sessions(owner: Member, member: Member) -> None:
    link = await invitations.make_reset_link(actor=owner.actor, user_id=member.id)
    await credentials.require_reset_link(token=link.token)
    await credentials.reset_password(token=link.token, password=NEW)
    assert await ends(member)
    await sign_in(member, password=NEW)
    with pytest.raises(NotFound):
        await credentials.reset_password(token=link.token, password="yet another password")


async def test_a_reset_link_is_void_once_the_password_was_changed(owner: Member, member: Member) -> None:
    link = await invitations.make_reset_link(actor=owner.actor, user_id=member.id)
    await credentials.change_password(actor=member.actor, current_password=PASSWORD, new_password=NEW)
    with pytest.raises(NotFound):
        await credentials.require_reset_link(token=link.token)
    with pytest.raises(NotFound):
        await credentials.reset_password(token=link.token, password="yet another password")
    await sign_in(member, password=NEW)


async def test_a_reset_link_ends(owner: Member, member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    link = await invitations.make_reset_link(actor=owner.actor, user_id=member.id)
    later = time.time() + invitations.RESET_SECONDS + 1
    monkeypatch.setattr(time, "time", lambda: later)
    with pytest.raises(NotFound):
        await credentials.reset_password(token=link.token, password=NEW)


async def test_a_reset_keeps_the_second_factor_unless_it_says_otherwise(owner: Member, member: Member) -> None:
    authenticator = await Authenticator.of(member)
    link = await invitations.make_reset_link(actor=owner.actor, user_id=member.id)
    await credentials.reset_password(token=link.token, password=NEW)
    with pytest.raises(SecondFactorRequired):
        await sign_in(member, password=NEW)
    await sign_in(member, password=NEW, code=authenticator.code())
    link = await invitations.make_reset_link(actor=owner.actor, user_id=member.id, clear_second_factor=True)
    await credentials.reset_password(token=link.token, password=PASSWORD)
    await sign_in(member)


async def test_only_administrators_reset_others_and_nobody_the_owner(
    owner: Member, member: Member, other: Member, settings: Settings
) -> None:
    with pytest.raises(Forbidden):
        await invitations.make_reset_link(actor=member.actor, user_id=other.id)
    settings.ADMINISTRATORS = frozenset([member.id])
    await invitations.make_reset_link(actor=member.actor, user_id=other.id)
    for user_id in (owner.id, member.id):
        with pytest.raises(Forbidden):
            await invitations.make_reset_link(actor=member.actor, user_id=user_id)
    with pytest.raises(NotFound):
        await invitations.make_reset_link(actor=member.actor, user_id="user_nobody")


async def test_whoever_runs_the_server_resets_the_owner(owner: Member) -> None:
    link = await invitations.make_reset_link_by_operator(login=owner.login)
    await credentials.reset_password(token=link.token, password=NEW)
    await sign_in(owner, password=NEW)


async def test_an_invitation_resets_nothing_and_a_reset_invites_nobody(owner: Member, member: Member) -> None:
    invitation = await invitations.invite(actor=owner.actor)
    reset = await invitations.make_reset_link(actor=owner.actor, user_id=member.id)
    with pytest.raises(NotFound):
        await credentials.reset_password(token=invitation.token, password=NEW)
    with pytest.raises(NotFound):
        await joining.join(token=reset.token, login="eve-evil", password=PASSWORD, name="Eve", client=HERE)


# --- a second factor -------------------------------------------------------------------------------------------------
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
    await credentials.change_password(actor=member.actor, current_password=PASSWORD, new_password=NEW)
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
        await credentials.confirm_totp(actor=member.actor, code=wrong)
    await sign_in(member)
    await credentials.confirm_totp(actor=member.actor, code=Authenticator(offer.secret, []).code())
    with pytest.raises(SecondFactorRequired):
        await sign_in(member)


async def test_nothing_is_confirmed_that_was_not_offered(member: Member) -> None:
    with pytest.raises(NotFound):
        await credentials.confirm_totp(actor=member.actor, code="123456")
    authenticator = await Authenticator.of(member)
    with pytest.raises(NotFound):
        await credentials.confirm_totp(actor=member.actor, code=authenticator.code())
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


async def test_another_secret_key_leaves_the_recovery_codes(member: Member, settings: Settings) -> None:
    authenticator = await Authenticator.of(member)
    settings.SECRET_KEY = "another one"
    with pytest.raises(Unauthenticated):
        await sign_in(member, code=authenticator.code())
    await sign_in(member, code=authenticator.recovery[0])
