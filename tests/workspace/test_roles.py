"""Who may give whom which role, and that it holds at once."""

import asyncio

import pytest
from pytest_django import Settings

from foundation.errors import Forbidden, NotFound
from tests.cast import Person, person
from users import models, standings
from users.roles import ADMIN, GUEST, MEMBER, OWNER, ROLES
from users.services import sign_in
from workspace import services
from workspace.roles import may_discover

from .cast import again, person_of, the_owner

# Of an admin: whose role they may change, and to what. An owner may do all of it, others nothing.
_BY_ADMIN = {(former, role) for former in (GUEST, MEMBER) for role in (GUEST, MEMBER)}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("former", ROLES)
@pytest.mark.parametrize("by", ROLES)
async def test_a_role_is_changed_from_above_alone(by: str, former: str, role: str) -> None:
    await the_owner()
    actor, somebody = await person_of(by), await person_of(former)
    if by == OWNER or (by == ADMIN and (former, role) in _BY_ADMIN):
        assert (await services.change_role(actor=actor.actor, user_id=somebody.id, role=role)).role == role
        assert (await again(somebody)).actor.role == role
    else:
        with pytest.raises(Forbidden):
            await services.change_role(actor=actor.actor, user_id=somebody.id, role=role)
        assert (await again(somebody)).actor.role == former


@pytest.mark.parametrize("role", ROLES)
async def test_an_admin_may_step_down_and_not_up(role: str) -> None:
    admin = await person_of(ADMIN)
    if role == OWNER:
        with pytest.raises(Forbidden):
            await services.change_role(actor=admin.actor, user_id=admin.id, role=role)
    else:
        await services.change_role(actor=admin.actor, user_id=admin.id, role=role)
        assert (await again(admin)).actor.role == role


async def test_the_last_owner_stays() -> None:
    owner = await the_owner()
    with pytest.raises(Forbidden):
        await services.change_role(actor=owner.actor, user_id=owner.id, role=MEMBER)
    other = await person_of(OWNER)
    await services.change_role(actor=owner.actor, user_id=owner.id, role=MEMBER)
    assert await standings.find_owners() == {other.id}


async def test_of_two_owners_who_step_down_at_once_one_stays() -> None:
    owner = await the_owner()
    other = await person_of(OWNER)
    results = await asyncio.gather(
        *(services.change_role(actor=each.actor, user_id=each.id, role=MEMBER) for each in (owner, other)),
        return_exceptions=True,
    )
    assert sorted(isinstance(result, Forbidden) for result in results) == [False, True]
    assert len(await standings.find_owners()) == 1


async def test_two_owners_who_demote_each_other_leave_one() -> None:
    owner = await the_owner()
    other = await person_of(OWNER)
    results = await asyncio.gather(
        services.change_role(actor=owner.actor, user_id=other.id, role=MEMBER),
        services.change_role(actor=other.actor, user_id=owner.id, role=MEMBER),
        return_exceptions=True,
    )
    assert any(isinstance(result, Forbidden) for result in results)
    assert len(await standings.find_owners()) == 1


async def test_whom_admins_names_is_an_admin_and_may_become_the_owner(alice: Person, settings: Settings) -> None:
    assert not alice.actor.is_administrator
    settings.ADMINISTRATORS = frozenset([alice.id])
    assert alice.actor.role == ADMIN
    await services.change_role(actor=alice.actor, user_id=alice.id, role=OWNER)
    settings.ADMINISTRATORS = frozenset()
    assert (await again(alice)).actor.role == OWNER


async def test_whom_admins_names_cannot_be_made_less(alice: Person, settings: Settings) -> None:
    settings.ADMINISTRATORS = frozenset([alice.id])
    owner = await the_owner()
    await services.change_role(actor=owner.actor, user_id=alice.id, role=GUEST)
    assert (await again(alice)).actor.role == ADMIN


async def test_only_administrators_learn_whether_somebody_exists() -> None:
    member, admin = await person_of(MEMBER), await person_of(ADMIN)
    with pytest.raises(Forbidden):
        await services.change_role(actor=member.actor, user_id="user_nobody", role=MEMBER)
    with pytest.raises(NotFound):
        await services.change_role(actor=admin.actor, user_id="user_nobody", role=MEMBER)


async def test_what_was_read_before_a_change_is_not_kept(alice: Person) -> None:
    before = await models.get(alice.id)
    assert before is not None
    owner = await the_owner()
    await services.change_role(actor=owner.actor, user_id=alice.id, role=GUEST)
    from users import user_cache

    user_cache.put(before)
    assert (await sign_in(token=alice.token)).role == GUEST


@pytest.mark.parametrize("role", ROLES)
async def test_guests_discover_nothing(role: str) -> None:
    assert may_discover((await person_of(role)).actor) == (role != GUEST)


async def test_a_profile_says_the_role(alice: Person) -> None:
    user = await models.get(alice.id)
    assert user is not None
    assert "role" not in user.as_wire()
    owner = await the_owner()
    assert (await services.change_role(actor=owner.actor, user_id=alice.id, role=GUEST)).as_wire()["role"] == GUEST


async def test_a_role_that_somebody_has_is_no_change() -> None:
    owner, somebody = await the_owner(), await person("Somebody")
    first = await services.change_role(actor=owner.actor, user_id=somebody.id, role=GUEST)
    assert (await services.change_role(actor=owner.actor, user_id=somebody.id, role=GUEST)).standing == first.standing
