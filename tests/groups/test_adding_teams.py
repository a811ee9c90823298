"""A team is a way to add people: those who are in it now, and who may be added."""

import pytest
from pytest_django import Settings

from foundation.errors import Forbidden, Invalid, NotFound
from foundation.limits.rates import Rate
from groups import selectors, services
from groups.asked import MustBeAsked
from groups.blocking.services import block_user
from groups.invitations.selectors import list_invitations
from groups.policy import ForbiddenByGroup
from tests.cast import Person, person
from tests.workspace.teams.conftest import new_handle
from users import privacy
from workspace.teams import services as teams
from workspace.teams.models import Team


@pytest.fixture
async def team(settings: Settings, alice: Person, bob: Person, charlie: Person) -> Team:
    settings.ADMINISTRATORS = frozenset([alice.id])
    people = [bob.id, charlie.id]
    return await teams.create_team(actor=alice.actor, name="Design", handle=new_handle(), member_ids=people)


async def members_of(who: Person, group_id: str) -> set[str]:
    page = await selectors.list_members(actor=who.actor, group_id=group_id)
    return {member.user_id for member in page.members}


async def test_its_people_are_added_and_later_ones_are_not(
    alice: Person, bob: Person, charlie: Person, group_id: str, team: Team
) -> None:
    other = await person("Emil")
    answer = await services.add_teams(actor=alice.actor, group_id=group_id, team_ids=[team.id], user_ids=[other.id])
    assert answer == {"added": {charlie.id: "member", other.id: "member"}, "notAdded": {}}
    later = await person("Fay")
    await teams.add_people(actor=alice.actor, team_id=team.id, user_ids=[later.id])
    assert await members_of(alice, group_id) == {alice.id, bob.id, charlie.id, other.id}
    again = await services.add_teams(actor=alice.actor, group_id=group_id, team_ids=[team.id, team.id])
    assert again == {"added": {later.id: "member"}, "notAdded": {}}


async def test_it_is_said_who_may_not_be_added(
    alice: Person, bob: Person, charlie: Person, group_id: str, team: Team
) -> None:
    other = await person("Emil")
    await teams.add_people(actor=alice.actor, team_id=team.id, user_ids=[other.id])
    await services.leave_group(actor=bob.actor, group_id=group_id)
    await block_user(actor=charlie.actor, user_id=alice.id)
    answer = await services.add_teams(actor=alice.actor, group_id=group_id, team_ids=[team.id])
    assert answer == {"added": {other.id: "member"}, "notAdded": {bob.id: "left", charlie.id: "asked"}}
    # Bob was asked to come back.
    await services.rejoin_group(actor=bob.actor, group_id=group_id)
    assert await members_of(alice, group_id) == {alice.id, bob.id, other.id}


async def test_who_may_not_add_people_adds_no_team(
    alice: Person, bob: Person, charlie: Person, group_id: str, team: Team
) -> None:
    with pytest.raises(Forbidden):
        await services.add_teams(actor=bob.actor, group_id=group_id, team_ids=[team.id])
    with pytest.raises(NotFound):
        await services.add_teams(actor=charlie.actor, group_id=group_id, team_ids=[team.id])
    with pytest.raises(Invalid) as refused:
        await services.add_teams(actor=alice.actor, group_id=group_id, team_ids=[team.id, "team:none"])
    assert list(refused.value.fields or ()) == ["teamIds"]
    direct = await services.create_direct(actor=alice.actor, user_id=bob.id)
    with pytest.raises(Invalid):
        await services.add_teams(actor=alice.actor, group_id=direct.id, team_ids=[team.id])
    assert charlie.id not in await members_of(alice, group_id)


async def test_an_archived_group_asks_nobody(
    alice: Person, charlie: Person, group_id: str, team: Team, settings: Settings
) -> None:
    settings.RATE_LIMITS = {"added_to_groups": Rate(1, 3600)}
    await privacy.set_addable_by(actor=charlie.actor, addable_by="nobody")
    await services.change_group(actor=alice.actor, group_id=group_id, archived=True)
    for _ in range(2):
        with pytest.raises(ForbiddenByGroup):
            await services.add_members(actor=alice.actor, group_id=group_id, user_ids=[charlie.id])
        with pytest.raises(ForbiddenByGroup):
            await services.add_teams(actor=alice.actor, group_id=group_id, team_ids=[team.id])
    assert await list_invitations(actor=charlie.actor) == []
    # Nothing was counted.
    await services.change_group(actor=alice.actor, group_id=group_id, archived=False)
    with pytest.raises(MustBeAsked):
        await services.add_members(actor=alice.actor, group_id=group_id, user_ids=[charlie.id])
