"""Passwords: changed by their owner, or reset by the link of an administrator."""

import asyncio
import time
from functools import partial
from typing import Any

import pytest
from pytest_django import Settings

from accounts import hashing, models, selectors
from accounts.hashers import PasswordHasher
from accounts.services import credentials, invitations, joining, sessions
from dynamodb import store
from foundation.errors import (
    Forbidden,
    Invalid,
    NotFound,
    RateLimited,
    SecondFactorRequired,
    Unauthenticated,
    Unavailable,
)
from foundation.limits.rates import Rate
from users import services as users

from .cast import HERE, NEW_PASSWORD, PASSWORD, Authenticator, Member, has_ended, member_in, sign_in


async def test_another_password_ends_the_other_sessions(member: Member) -> None:
    second = await sign_in(member)
    changed = await credentials.change_password(
        client=HERE, actor=member.actor, current_password=PASSWORD, new_password=NEW_PASSWORD
    )
    assert changed.ended == 1
    present = await member_in(changed.session, member.login)
    # Also the one in which it was changed: its token may have been copied.
    assert [await has_ended(each) for each in (member, second, present)] == [True, True, False]
    assert [session.id for session in await selectors.list_sessions(actor=present.actor)] == [present.actor.session_id]
    with pytest.raises(Unauthenticated):
        await sign_in(member)
    await sign_in(member, password=NEW_PASSWORD)


async def test_a_session_alone_changes_no_password(member: Member) -> None:
    with pytest.raises(Invalid) as raised:
        await credentials.change_password(
            client=HERE, actor=member.actor, current_password="wrong", new_password=NEW_PASSWORD
        )
    assert raised.value.fields is not None
    assert list(raised.value.fields) == ["currentPassword"]
    await sign_in(member)


async def test_a_new_password_follows_the_rules(member: Member) -> None:
    with pytest.raises(Invalid):
        await credentials.change_password(
            client=HERE, actor=member.actor, current_password=PASSWORD, new_password="1234567890"
        )


async def test_no_session_outlives_a_password_that_changes_while_it_begins(
    member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await models.get(member.id)
    assert account is not None
    await credentials.change_password(
        client=HERE, actor=member.actor, current_password=PASSWORD, new_password=NEW_PASSWORD
    )
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
    await credentials.change_password(client=HERE, actor=member.actor, current_password=PASSWORD, new_password=composed)
    await sign_in(member, password=decomposed)


async def test_a_reset_link_sets_a_password_once_and_ends_all_sessions(owner: Member, member: Member) -> None:
    link = await invitations.make_reset_link(password=PASSWORD, actor=owner.actor, user_id=member.id)
    await credentials.require_reset_link(token=link.token)
    await credentials.reset_password(token=link.token, password=NEW_PASSWORD)
    assert await has_ended(member)
    await sign_in(member, password=NEW_PASSWORD)
    with pytest.raises(NotFound):
        await credentials.reset_password(token=link.token, password="yet another password")


async def test_a_reset_link_is_void_once_the_password_was_changed(owner: Member, member: Member) -> None:
    link = await invitations.make_reset_link(password=PASSWORD, actor=owner.actor, user_id=member.id)
    await credentials.change_password(
        client=HERE, actor=member.actor, current_password=PASSWORD, new_password=NEW_PASSWORD
    )
    with pytest.raises(NotFound):
        await credentials.require_reset_link(token=link.token)
    with pytest.raises(NotFound):
        await credentials.reset_password(token=link.token, password="yet another password")
    await sign_in(member, password=NEW_PASSWORD)


async def test_a_reset_link_ends(owner: Member, member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    link = await invitations.make_reset_link(password=PASSWORD, actor=owner.actor, user_id=member.id)
    later = time.time() + invitations.RESET_SECONDS + 1
    monkeypatch.setattr(time, "time", lambda: later)
    with pytest.raises(NotFound):
        await credentials.reset_password(token=link.token, password=NEW_PASSWORD)


async def test_a_reset_keeps_the_second_factor_unless_it_says_otherwise(owner: Member, member: Member) -> None:
    authenticator = await Authenticator.of(member)
    link = await invitations.make_reset_link(password=PASSWORD, actor=owner.actor, user_id=member.id)
    await credentials.reset_password(token=link.token, password=NEW_PASSWORD)
    with pytest.raises(SecondFactorRequired):
        await sign_in(member, password=NEW_PASSWORD)
    await sign_in(member, password=NEW_PASSWORD, code=authenticator.code())
    link = await invitations.make_reset_link(
        password=PASSWORD, actor=owner.actor, user_id=member.id, clear_second_factor=True
    )
    await credentials.reset_password(token=link.token, password=PASSWORD)
    await sign_in(member)


async def test_only_administrators_reset_others_and_nobody_the_owner(
    owner: Member, member: Member, other: Member, settings: Settings
) -> None:
    with pytest.raises(Forbidden):
        await invitations.make_reset_link(password=PASSWORD, actor=member.actor, user_id=other.id)
    settings.ADMINISTRATORS = frozenset([member.id])
    await invitations.make_reset_link(password=PASSWORD, actor=member.actor, user_id=other.id)
    for user_id in (owner.id, member.id):
        with pytest.raises(Forbidden):
            await invitations.make_reset_link(password=PASSWORD, actor=member.actor, user_id=user_id)
    with pytest.raises(NotFound):
        await invitations.make_reset_link(password=PASSWORD, actor=member.actor, user_id="user_nobody")


async def test_only_the_owner_resets_an_administrator(
    owner: Member, member: Member, other: Member, settings: Settings
) -> None:
    settings.ADMINISTRATORS = frozenset([member.id, other.id])
    with pytest.raises(Forbidden):
        await invitations.make_reset_link(password=PASSWORD, actor=member.actor, user_id=other.id)
    await invitations.make_reset_link(password=PASSWORD, actor=owner.actor, user_id=other.id)


async def test_a_session_that_was_taken_from_an_administrator_makes_nobody_else_of_its_thief(
    owner: Member, member: Member, settings: Settings
) -> None:
    settings.RATE_LIMITS = {"own_password": Rate(2, 86400)}
    known = await users.sign_in(token=owner.token)
    for _ in range(2):
        with pytest.raises(Invalid) as raised:
            await invitations.make_reset_link(password="wrong", actor=known, user_id=member.id)
        assert raised.value.fields is not None
        assert list(raised.value.fields) == ["password"]
    with pytest.raises(RateLimited):
        await invitations.invite(actor=known, user_id="user_nobody", password=PASSWORD)


async def test_whoever_runs_the_server_resets_the_owner(owner: Member) -> None:
    link = await invitations.make_reset_link_by_operator(login=owner.login)
    await credentials.reset_password(token=link.token, password=NEW_PASSWORD)
    await sign_in(owner, password=NEW_PASSWORD)


async def test_an_invitation_resets_nothing_and_a_reset_invites_nobody(owner: Member, member: Member) -> None:
    invitation = await invitations.invite(actor=owner.actor)
    reset = await invitations.make_reset_link(password=PASSWORD, actor=owner.actor, user_id=member.id)
    with pytest.raises(NotFound):
        await credentials.reset_password(token=invitation.token, password=NEW_PASSWORD)
    with pytest.raises(NotFound):
        await joining.join(token=reset.token, login="eve-evil", password=PASSWORD, name="Eve", client=HERE)


async def test_sessions_end_though_the_client_goes_away(member: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    second = await sign_in(member)
    replaced, ended = asyncio.Event(), asyncio.Event()
    replace_password, end_all = models.replace_password, sessions.end_all

    async def replace_and_say(*args: Any, **options: Any) -> bool:
        done = await replace_password(*args, **options)
        replaced.set()
        await asyncio.sleep(0)
        return done

    async def end_and_say(**options: Any) -> int:
        count = await end_all(**options)
        ended.set()
        return count

    monkeypatch.setattr(models, "replace_password", replace_and_say)
    monkeypatch.setattr(sessions, "end_all", end_and_say)
    change = asyncio.ensure_future(
        credentials.change_password(
            client=HERE, actor=member.actor, current_password=PASSWORD, new_password=NEW_PASSWORD
        )
    )
    await replaced.wait()
    change.cancel()
    async with asyncio.timeout(30):
        await ended.wait()
    assert await has_ended(second)


async def test_a_password_that_changes_while_its_hash_is_made_anew_opens_nothing(
    member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(PasswordHasher, "time_cost", 2)
    hash_password = hashing.hash_password

    async def change_meanwhile(password: str) -> str:
        hashed = await hash_password(password)
        monkeypatch.setattr(hashing, "hash_password", hash_password)
        await credentials.change_password(
            client=HERE, actor=member.actor, current_password=PASSWORD, new_password=NEW_PASSWORD
        )
        return hashed

    monkeypatch.setattr(hashing, "hash_password", change_meanwhile)
    with pytest.raises(Unauthenticated):
        await sign_in(member)
    await sign_in(member, password=NEW_PASSWORD)


async def test_a_row_that_others_hold_is_not_told_as_a_wrong_password(
    member: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Transactions that look at one row exclude each other: sessions that begin hold that of the account."""
    call, conflicts = store.call, 0

    async def held(function: Any, *args: Any, **options: Any) -> Any:
        nonlocal conflicts
        if function.__name__ != "transact" or conflicts >= most:
            return await call(function, *args, **options)
        conflicts += 1
        raise store.Conflict

    monkeypatch.setattr(store, "call", held)
    change = partial(credentials.change_password, client=HERE, actor=member.actor, current_password=PASSWORD)
    most = 100
    with pytest.raises(Unavailable):
        await change(new_password=NEW_PASSWORD)
    conflicts, most = 0, 2
    await change(new_password=NEW_PASSWORD)
    await sign_in(member, password=NEW_PASSWORD)
