"""With somebody who is deactivated their sessions and links end; with one who is removed, the account goes."""

import pytest
from django.test import AsyncClient

from accounts import models, session_models
from accounts.carry_over import carry_over_owner
from accounts.rows import ACCOUNT, AccountRow
from accounts.services import credentials, invitations, joining, signing_in
from dynamodb import store
from foundation.errors import Deactivated, Forbidden, NotFound, Unauthenticated
from tests.workspace.cast import forget_owners
from users import models as users
from users import standings
from users.models import PROFILE, UserRow
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
