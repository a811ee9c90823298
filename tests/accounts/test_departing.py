"""With somebody who is deactivated their sessions and links end; with one who is removed, the account goes."""

from dataclasses import replace
from uuid import uuid4

import pytest
from django.contrib.auth.hashers import make_password
from django.test import AsyncClient

from accounts import models, session_models
from accounts.carry_over import carry_over_owner
from accounts.link_models import RESET
from accounts.rows import ACCOUNT, AccountRow
from accounts.services import credentials, invitations, joining, signing_in
from accounts.services.invitations import NewLink
from dynamodb import store
from foundation.errors import Deactivated, Forbidden, Invalid, NotFound, Unauthenticated
from tests.workspace.cast import forget_owners
from users import models as users
from users import standings
from users.local_issuer import issue_token
from users.models import PROFILE, UserRow
from users.profiles import create_if_absent
from users.revoked import revoked_sessions
from users.roles import ADMIN, GUEST, MEMBER, OWNER
from users.selectors import find_users
from workspace import services
from workspace.settings import ADMINS, MEMBERS

from .cast import HERE, NEW_PASSWORD, PASSWORD, Member, joined, sign_in


async def test_the_owner_of_the_accounts_owns_the_workspace(owner: Member, member: Member) -> None:
    assert (owner.actor.role, member.actor.role) == (OWNER, "member")
    assert owner.id in await standings.find_owners()


async def test_sign_in_says_so_to_who_proves_who_they_are_alone(owner: Member, member: Member) -> None:
    await services.deactivate(actor=owner.actor, user_id=member.id)
    with pytest.raises(Deactivated):
        await sign_in(member)
    with pytest.raises(Unauthenticated):
        await sign_in(member, password="wrong")
    assert await session_models.list_of(member.id) == []
    await services.reactivate(actor=owner.actor, user_id=member.id)
    await signing_in.sign_in(login=member.login, password=PASSWORD, client=HERE)


async def test_what_an_admin_has_handed_out_ends_with_them(owner: Member, member: Member, other: Member) -> None:
    await services.change_role(actor=owner.actor, user_id=member.id, role=ADMIN)
    admin = await sign_in(member)
    invitation = await invitations.invite(actor=admin.actor, uses=5)
    reset = await invitations.make_reset_link(actor=admin.actor, user_id=other.id, password=PASSWORD)
    kept = await invitations.invite(actor=owner.actor)
    await services.deactivate(actor=owner.actor, user_id=member.id)
    with pytest.raises(NotFound):
        await joining.read_invitation(token=invitation.token)
    with pytest.raises(NotFound):
        await credentials.reset_password(token=reset.token, password=NEW_PASSWORD)
    await joined(kept, "Kit")


async def _links_of(member: Member, other: Member) -> tuple[NewLink, NewLink, NewLink]:
    """Return what an admin may hand out: an open invitation, one of somebody known, and a reset of another."""
    actor = (await sign_in(member)).actor
    known = await create_if_absent(f"user_{uuid4().hex}", name="Ada")
    return (
        await invitations.invite(actor=actor, uses=5),
        await invitations.invite(actor=actor, user_id=known.id, password=PASSWORD),
        await invitations.make_reset_link(actor=actor, user_id=other.id, password=PASSWORD),
    )


async def _is_over(link: NewLink) -> bool:
    try:
        if link.link.kind == RESET:
            await credentials.require_reset_link(token=link.token)
        else:
            await joining.read_invitation(token=link.token)
    except NotFound:
        return True
    return False


async def test_the_links_of_an_admin_end_with_their_role(owner: Member, member: Member, other: Member) -> None:
    await services.change_role(actor=owner.actor, user_id=member.id, role=ADMIN)
    links = await _links_of(member, other)
    assert [await _is_over(each) for each in links] == [False, False, False]
    await services.change_role(actor=owner.actor, user_id=member.id, role=MEMBER)
    assert [await _is_over(each) for each in links] == [True, True, True]
    with pytest.raises(NotFound):
        await credentials.reset_password(token=links[2].token, password=NEW_PASSWORD)
    await sign_in(other)


@pytest.mark.parametrize("role", [ADMIN, OWNER])
async def test_a_link_of_an_admin_is_worth_no_administrator(
    owner: Member, member: Member, other: Member, role: str
) -> None:
    await services.change_role(actor=owner.actor, user_id=member.id, role=ADMIN)
    links = await _links_of(member, other)
    by_owner = await invitations.make_reset_link(actor=owner.actor, user_id=other.id, password=PASSWORD)
    by_operator = await invitations.make_reset_link_by_operator(login=other.login)
    for user_id in (links[1].link.user_id, other.id):
        assert user_id
        await services.change_role(actor=owner.actor, user_id=user_id, role=role)
    assert [await _is_over(each) for each in links] == [False, True, True]
    # An owner's account is reset by whoever runs the server alone.
    assert [await _is_over(each) for each in (by_owner, by_operator)] == [role == OWNER, False]


@pytest.mark.parametrize("change", ["guest", "settings"])
async def test_an_invitation_ends_with_its_maker_s_permission(owner: Member, member: Member, change: str) -> None:
    await services.change_settings(actor=owner.actor, invite_people=MEMBERS)
    invitation = await invitations.invite(actor=member.actor, uses=5)
    await joined(invitation, "Early")
    if change == "guest":
        await services.change_role(actor=owner.actor, user_id=member.id, role=GUEST)
    await services.change_settings(actor=owner.actor, invite_people=MEMBERS if change == "guest" else ADMINS)
    with pytest.raises(NotFound):
        await joined(invitation, "Late")
    await services.change_settings(actor=owner.actor, invite_people=ADMINS)


async def test_who_joins_as_a_guest_is_one_from_the_beginning(owner: Member) -> None:
    link = await invitations.invite(actor=owner.actor, role=GUEST)
    assert link.link.as_wire()["role"] == GUEST
    guest = await joined(link, "Gus")
    assert guest.actor.role == GUEST
    found = await find_users(actor=guest.actor, query=owner.actor.name)
    assert found.users == []


async def test_members_invite_where_the_settings_say_so(owner: Member, member: Member) -> None:
    with pytest.raises(Forbidden):
        await invitations.invite(actor=member.actor)
    await services.change_settings(actor=owner.actor, invite_people=MEMBERS)
    assert (await joined(await invitations.invite(actor=member.actor), "New")).actor.role == MEMBER
    client = AsyncClient()
    client.cookies["__session"] = member.token
    page = (await client.post("/workspace/invite", {"role": GUEST})).content.decode()
    address = page.partition('<code id="made-link">')[2].partition("<")[0]
    assert (await joining.read_invitation(token=address.partition("link=")[2])).name is None
    # A link that is worth being somebody is another thing.
    with pytest.raises(Forbidden):
        await invitations.invite(actor=member.actor, user_id=owner.id, password=PASSWORD)
    await services.change_settings(actor=owner.actor, invite_people=ADMINS)
    assert (await client.post("/workspace/invite", {"role": GUEST})).status_code == 403


async def test_an_account_goes_with_the_person_and_its_name_is_free(owner: Member, member: Member) -> None:
    await services.deactivate(actor=owner.actor, user_id=member.id)
    for _ in range(2):
        await services.remove_personal_data(actor=owner.actor, user_id=member.id)
    assert await models.get(member.id) is None
    assert not await models.is_taken(member.login)
    assert await session_models.list_of(member.id) == []
    with pytest.raises(Unauthenticated):
        await sign_in(member)
    link = await invitations.invite(actor=owner.actor)
    await joining.join(token=link.token, login=member.login, password=PASSWORD, name="New", client=HERE)


async def test_an_admin_resets_no_owner_whoever_made_them_one(owner: Member, member: Member, other: Member) -> None:
    for user_id, role in ((member.id, ADMIN), (other.id, OWNER)):
        await services.change_role(actor=owner.actor, user_id=user_id, role=role)
    admin = await sign_in(member)
    with pytest.raises(Forbidden):
        await invitations.make_reset_link(actor=admin.actor, user_id=other.id, password=PASSWORD)


async def test_an_admin_without_a_password_makes_links_with_a_session_that_has_just_begun(
    owner: Member, member: Member, other: Member
) -> None:
    await services.change_role(actor=owner.actor, user_id=member.id, role=ADMIN)
    admin = (await sign_in(member)).actor
    await store.call(AccountRow(member.id, ACCOUNT).update, [AccountRow.password.set(make_password(None))])
    made = await invitations.make_reset_link(actor=admin, user_id=other.id)
    assert not await _is_over(made)
    known = await create_if_absent(f"user_{uuid4().hex}", name="Ada")
    assert not await _is_over(await invitations.invite(actor=admin, user_id=known.id))
    assert admin.started_at
    later = replace(admin, started_at=admin.started_at - 3600)
    with pytest.raises(Invalid):
        await invitations.make_reset_link(actor=later, user_id=other.id)
    page = AsyncClient()
    page.cookies["__session"] = issue_token(
        admin.user_id, admin.name, 600, session_id=admin.session_id, started_at=admin.started_at
    )
    shown = (await page.get("/accounts")).content.decode()
    assert "Your own password" not in shown
    assert (await page.post(f"/accounts/{other.id}/reset")).status_code == 200


async def test_the_owner_of_a_former_version_is_carried_over_once(owner: Member) -> None:
    await forget_owners()
    await store.call(UserRow(owner.id, PROFILE).update, [UserRow.role.remove()])
    await store.call(AccountRow(owner.id, ACCOUNT).update, [AccountRow.role.set("owner")])
    assert await carry_over_owner() == owner.id
    assert await carry_over_owner() is None
    user = await users.get(owner.id)
    assert user is not None
    assert user.role == OWNER
    assert owner.id in await standings.find_owners()
    await revoked_sessions().change_user(user.id, user.standing)
