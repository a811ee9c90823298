"""Links make accounts: the owner's once, others' as often and as long as they say."""

import asyncio
import time
from uuid import uuid4

import pytest
from pytest_django import Settings

from accounts import link_models, models, selectors
from accounts.services import invitations, joining
from foundation.errors import Forbidden, Invalid, NotFound, Unauthenticated
from groups import services as groups
from messaging import selectors as message_selectors
from messaging import services as messages
from tests.cast import person
from users import selectors as users
from users import tokens
from users.profiles import create_if_absent
from users.roles import ADMIN, GUEST
from users.services import sign_in as verify
from workspace import services

from .cast import HERE, PASSWORD, Member, forget_owner, joined, owner_link, sign_in


def login() -> str:
    return f"somebody-{uuid4().hex[:12]}"


async def test_the_first_link_makes_the_owner(owner: Member) -> None:
    account = await selectors.get_own_account(actor=owner.actor)
    assert account.role == "owner"
    assert account.may_administer
    assert (await users.get_user(user_id=owner.id)).name == "Olive"


async def test_there_is_one_owner(owner: Member) -> None:
    assert await invitations.make_owner_link() is None


async def test_another_link_of_the_owner_replaces_the_one_before() -> None:
    await forget_owner()
    first, second = await owner_link(), await owner_link()
    with pytest.raises(NotFound):
        await joined(first, "Olive")
    await joined(second, "Olive")
    await forget_owner()


async def test_an_invitation_makes_a_member_who_may_not_invite(member: Member) -> None:
    account = await selectors.get_own_account(actor=member.actor)
    assert account.role == "member"
    assert not account.may_administer
    with pytest.raises(Forbidden):
        await invitations.invite(actor=member.actor)


async def test_who_joined_signs_in_whatever_the_case_of_the_name(member: Member) -> None:
    again = await sign_in(Member(f"  {member.login.upper()} ", member.actor, "", ""))
    assert again.id == member.id
    assert again.actor.session_id != member.actor.session_id


async def test_an_invitation_works_once_unless_it_says_otherwise(owner: Member) -> None:
    once, twice = await invitations.invite(actor=owner.actor), await invitations.invite(actor=owner.actor, uses=2)
    await joined(once, "Ann")
    with pytest.raises(NotFound):
        await joined(once, "Ben")
    await joined(twice, "Ann")
    await joined(twice, "Ben")
    with pytest.raises(NotFound):
        await joined(twice, "Cem")


async def test_an_invitation_ends(owner: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    link = await invitations.invite(actor=owner.actor, expires_in=60)
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    with pytest.raises(NotFound):
        await joining.read_invitation(token=link.token)


async def test_a_revoked_invitation_is_void(owner: Member) -> None:
    link = await invitations.invite(actor=owner.actor, uses=5)
    await joined(link, "Ann")
    await invitations.revoke_invitation(actor=owner.actor, invitation_id=link.link.id)
    with pytest.raises(NotFound):
        await joined(link, "Ben")
    with pytest.raises(NotFound):
        await invitations.revoke_invitation(actor=owner.actor, invitation_id=link.link.id)


async def test_invitations_are_listed_while_they_work(owner: Member) -> None:
    kept = await invitations.invite(actor=owner.actor, uses=3, note="for the harbour")
    used = await invitations.invite(actor=owner.actor)
    await joined(kept, "Ann")
    await joined(used, "Ben")
    listed = {link.id: link for link in await selectors.list_invitations(actor=owner.actor)}
    assert used.link.id not in listed
    assert (listed[kept.link.id].used, listed[kept.link.id].note) == (1, "for the harbour")
    # What is stored and shown has not what the link needs.
    secret = kept.token.partition(".")[2]
    assert secret not in str(listed[kept.link.id]) + str(listed[kept.link.id].as_wire())


async def test_an_invitation_whose_maker_may_not_invite_is_listed_as_void(owner: Member, member: Member) -> None:
    await services.change_role(actor=owner.actor, user_id=member.id, role=ADMIN)
    admin = await verify(token=member.token)
    of_owner, of_admin = [(await invitations.invite(actor=actor)).link.id for actor in (owner.actor, admin)]

    async def void() -> dict[str, bool]:
        listed = await selectors.list_invitations(actor=owner.actor)
        assert all(link.as_wire().get("void", False) == link.is_void for link in listed)
        return {link.id: link.is_void for link in listed if link.id in (of_owner, of_admin)}

    assert await void() == {of_owner: False, of_admin: False}
    await services.change_role(actor=owner.actor, user_id=member.id, role=GUEST)
    assert await void() == {of_owner: False, of_admin: True}
    await services.deactivate(actor=owner.actor, user_id=member.id)
    # With who is deactivated go the links that they have made, if any are left.
    assert not {of_owner: True}.items() <= (await void()).items()


@pytest.mark.parametrize("kind", [link_models.OWNER, "other"])
async def test_only_invitations_are_revoked(owner: Member, kind: str) -> None:
    with pytest.raises(NotFound):
        await invitations.revoke_invitation(actor=owner.actor, invitation_id=kind)


async def test_administrators_are_those_whom_the_setting_names(member: Member, settings: Settings) -> None:
    settings.ADMINISTRATORS = frozenset([member.id])
    assert (await invitations.invite(actor=member.actor)).link.created_by == member.id
    # Names count in a trial alone: here anybody may have any name.
    settings.ADMINISTRATORS = frozenset([member.actor.name])
    with pytest.raises(Forbidden):
        await invitations.invite(actor=member.actor)


async def test_a_sign_in_name_is_taken_once(owner: Member, member: Member) -> None:
    link = await invitations.invite(actor=owner.actor)
    with pytest.raises(Invalid) as raised:
        await joining.join(token=link.token, login=member.login.upper(), password=PASSWORD, name="Eve", client=HERE)
    assert raised.value.fields is not None
    assert "login" in raised.value.fields
    # The link is unused.
    await joined(link, "Eve")


@pytest.mark.parametrize(
    "bad", ["", "a", "-ada", "ada-", "ada lovelace", "åda", "ada#", "a" * 65, "ada\nb", "\u0430da", "a/b"]
)
async def test_a_sign_in_name_is_plain(owner: Member, bad: str) -> None:
    link = await invitations.invite(actor=owner.actor)
    with pytest.raises(Invalid):
        await joining.join(token=link.token, login=bad, password=PASSWORD, name="Eve", client=HERE)


@pytest.mark.parametrize(
    "bad", ["short", "1234567890", "qwertyuiop", "aaaaaaaaaaaa", "eve-lovelace!", "xx ada.eve xx", "x" * 257]
)
async def test_a_password_is_refused_that_others_would_guess(owner: Member, bad: str) -> None:
    link = await invitations.invite(actor=owner.actor)
    with pytest.raises(Invalid) as raised:
        await joining.join(
            token=link.token, login="ada.eve@example.org", password=bad, name="Eve Lovelace", client=HERE
        )
    assert raised.value.fields is not None
    assert list(raised.value.fields) == ["password"]


@pytest.mark.parametrize("bad", ["", "nonsense", "a.b", ".", "owner.", ".x", "owner.\n", "owner.ü", "x" * 500 + ".y"])
async def test_other_words_are_no_link(bad: str) -> None:
    with pytest.raises(NotFound):
        await joining.read_invitation(token=bad)


# --- a move from a trial ---------------------------------------------------------------------------------------------
async def test_a_user_of_a_trial_keeps_their_id_and_name(owner: Member) -> None:
    known = await _user_of_a_trial()
    link = await invitations.invite_known_user(user_id=known)
    assert (await joining.read_invitation(token=link.token)).name == "Ada"
    signed_in = await joining.join(token=link.token, login=login(), password=PASSWORD, name="Eve", client=HERE)
    assert (signed_in.user.id, signed_in.user.name) == (known, "Ada")
    assert (await verify(token=signed_in.token)).user_id == known


async def test_a_user_of_a_trial_keeps_what_they_wrote(owner: Member, settings: Settings) -> None:
    settings.SIGN_IN = "trial"
    tokens.configured_verifier.cache_clear()
    ada = await person("Ada")
    group = await groups.create_group(actor=ada.actor, name="Harbour")
    await messages.send_message(actor=ada.actor, group_id=group.id, content="ahoy")
    settings.SIGN_IN = "accounts"
    tokens.configured_verifier.cache_clear()

    link = await invitations.invite_known_user(user_id=ada.id)
    signed_in = await joining.join(token=link.token, login=login(), password=PASSWORD, client=HERE)
    actor = await verify(token=signed_in.token)
    page = await message_selectors.list_messages(actor=actor, group_id=group.id)
    assert [message["content"] for message in page.messages] == ["ahoy"]
    assert page.messages[0]["userId"] == actor.user_id
    await messages.send_message(actor=actor, group_id=group.id, content="still me")
    # What was handed out in the trial opens nothing.
    with pytest.raises(Unauthenticated):
        await verify(token=ada.token)


async def test_an_owner_may_be_a_user_of_a_trial() -> None:
    await forget_owner()
    known = await _user_of_a_trial()
    link = await invitations.make_owner_link(user_id=known)
    assert link is not None
    signed_in = await joining.join(token=link.token, login=login(), password=PASSWORD, client=HERE)
    assert signed_in.user.id == known
    await forget_owner()


async def test_a_user_gets_one_account(owner: Member) -> None:
    known = await _user_of_a_trial()
    first, second = [await invitations.invite_known_user(user_id=known) for _ in range(2)]
    await joining.join(token=first.token, login=login(), password=PASSWORD, client=HERE)
    with pytest.raises(NotFound):
        await joining.join(token=second.token, login=login(), password=PASSWORD, client=HERE)
    with pytest.raises(Invalid):
        await invitations.invite_known_user(user_id=known)


async def test_nobody_is_invited_who_is_not_here(owner: Member) -> None:
    with pytest.raises(NotFound):
        await invitations.invite(password=PASSWORD, actor=owner.actor, user_id="user_nobody")
    with pytest.raises(Invalid):
        await invitations.invite(password=PASSWORD, actor=owner.actor, user_id="user_nobody", uses=2)


async def _user_of_a_trial() -> str:
    user_id = f"user_{uuid4().hex}"
    await create_if_absent(user_id, name="Ada")
    return user_id


# --- at the same moment ----------------------------------------------------------------------------------------------
async def test_of_many_who_use_one_link_at_once_as_many_join_as_it_says(owner: Member) -> None:
    link = await invitations.invite(actor=owner.actor, uses=2)
    results = await asyncio.gather(*(joined(link, f"Racer{n}") for n in range(6)), return_exceptions=True)
    assert sum(isinstance(result, Member) for result in results) == 2
    assert all(isinstance(result, Member | NotFound) for result in results), results


async def test_of_two_who_take_one_name_at_once_one_gets_it(owner: Member) -> None:
    link, wanted = await invitations.invite(actor=owner.actor, uses=5), login()

    async def attempt(name: str) -> str:
        try:
            joining_now = joining.join(token=link.token, login=wanted, password=PASSWORD, name=name, client=HERE)
            return (await joining_now).user.id
        except Invalid:
            return ""

    winners = [user_id for user_id in await asyncio.gather(*map(attempt, ("Ann", "Ben", "Cem"))) if user_id]
    assert len(winners) == 1
    account = await models.find(wanted)
    assert account is not None
    assert account.user_id == winners[0]
    # Who lost has used up nothing.
    found = await link_models.get(link.link.id)
    assert found is not None
    assert found.used == 1
