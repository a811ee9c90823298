"""A guest sees and names the teams that they are in; who is deactivated is in no list, and named by none."""

from uuid import uuid4

import pytest

from foundation.cursors import decode_cursor
from foundation.errors import Forbidden, Invalid, NotFound
from groups import services as groups
from messaging.mentionable import list_mentionable
from tests.cast import Person, person
from tests.messaging.text.test_stored_mentions import entry_of, say
from tests.workspace.cast import person_of
from users.roles import GUEST
from workspace import services as workspace
from workspace.teams import models, selectors, services
from workspace.teams.models import MANAGER, Team

from .conftest import new_handle


async def managed_by(guest: Person, alice: Person) -> str:
    """Return the id of a group that the guest manages."""
    group = await groups.create_group(actor=alice.actor, name="Quay", member_ids=[guest.id])
    await groups.change_role(actor=alice.actor, group_id=group.id, user_id=guest.id, role="admin")
    return group.id


@pytest.fixture
async def guest(alice: Person, group_id: str) -> Person:
    """Somebody who shares a group with alice and bob, and no team."""
    guest = await person_of(GUEST)
    await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[guest.id])
    return guest


async def test_a_guest_manages_no_team(admin: Person, guest: Person, bob: Person, team: Team) -> None:
    await services.add_people(actor=admin.actor, team_id=team.id, user_ids=[guest.id])
    await services.change_role(actor=admin.actor, team_id=team.id, user_id=guest.id, role=MANAGER)
    for attempt in (
        services.add_people(actor=guest.actor, team_id=team.id, user_ids=[bob.id]),
        services.change_team(actor=guest.actor, team_id=team.id, name="Other"),
        services.remove_person(actor=guest.actor, team_id=team.id, user_id=bob.id),
        services.change_role(actor=guest.actor, team_id=team.id, user_id=bob.id, role=MANAGER),
    ):
        with pytest.raises(Forbidden):
            await attempt
    assert not (await selectors.get_team(actor=guest.actor, team_id=team.id))["mayManage"]
    await services.remove_person(actor=guest.actor, team_id=team.id, user_id=guest.id)


async def test_to_a_guest_a_team_that_they_are_not_in_does_not_exist(
    alice: Person, guest: Person, group_id: str, team: Team
) -> None:
    for attempt in (
        selectors.get_team(actor=guest.actor, team_id=team.id),
        selectors.list_people(actor=guest.actor, team_id=team.id),
        services.change_team(actor=guest.actor, team_id=team.id, name="Other"),
        services.delete_team(actor=guest.actor, team_id=team.id),
        services.remove_person(actor=guest.actor, team_id=team.id, user_id=guest.id),
    ):
        with pytest.raises(NotFound):
            await attempt
    quay = await managed_by(guest, alice)
    assert await selectors.find_teams(actor=guest.actor, query=team.handle) == ([], None)
    assert (await list_mentionable(actor=guest.actor, group_id=group_id, query=team.handle))["teams"] == []
    for team_id in (team.id, "team:nothing"):
        with pytest.raises(Invalid, match="not here for you"):
            await say(guest, group_id, f"`<@{team_id}>`")
        with pytest.raises(Invalid, match="Some teams do not exist"):
            await groups.add_teams(actor=guest.actor, group_id=quay, team_ids=[team_id])


async def _people(team: Team, who: Person) -> list[dict[str, str]]:
    listed: list[dict[str, str]] = (await selectors.list_people(actor=who.actor, team_id=team.id))["members"]
    return listed


async def test_a_guest_sees_and_names_their_own_team(
    admin: Person, alice: Person, guest: Person, group_id: str, team: Team
) -> None:
    (bob_id,) = {each["userId"] for each in await _people(team, admin)} - {alice.id}
    stranger = await person("Fay")
    await services.add_people(actor=admin.actor, team_id=team.id, user_ids=[guest.id, stranger.id])
    assert (await selectors.get_team(actor=guest.actor, team_id=team.id))["role"] == "member"
    assert [found.id for found in (await selectors.find_teams(actor=guest.actor, query=team.handle))[0]] == [team.id]
    assert {each["userId"] for each in await _people(team, guest)} == {alice.id, bob_id, guest.id}
    message = await say(guest, group_id, f"<@{team.id}>")
    assert {bob_id, f"!{team.id}"} < set((await entry_of(message)).mentions or ())
    answer = await groups.add_teams(actor=guest.actor, group_id=await managed_by(guest, alice), team_ids=[team.id])
    assert answer == {"added": {bob_id: "member"}, "notAdded": {}}


async def test_pages_of_a_guest_name_no_other_team(
    admin: Person, guest: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "_PAGE", 3)
    word = f"w{uuid4().hex}"
    made = [
        await services.create_team(
            actor=admin.actor, name=f"{word} {n}", handle=new_handle(), member_ids=[guest.id] if n % 2 else []
        )
        for n in range(8)
    ]
    seen, cursor = list[str](), None
    while True:
        page, following = await selectors.find_teams(actor=guest.actor, query=word, limit=1, cursor=cursor)
        seen += [found.id for found in page]
        if following is None:
            break
        cursor = decode_cursor(following, 1)
        assert seen[-1] in cursor[0]
    assert seen == [each.id for each in made[1::2]]


async def test_who_is_deactivated_is_neither_listed_nor_named_nor_added(
    admin: Person, alice: Person, bob: Person, group_id: str, team: Team
) -> None:
    await workspace.deactivate(actor=admin.actor, user_id=bob.id)
    listed = await selectors.list_people(actor=alice.actor, team_id=team.id)
    assert [each["userId"] for each in listed["members"]] == [alice.id]
    message = await say(alice, group_id, f"<@{team.id}>")
    assert (await entry_of(message)).mentions == {alice.id, f"!{team.id}"}
    other = await groups.create_group(actor=admin.actor, name="Other")
    answer = await groups.add_teams(actor=admin.actor, group_id=other.id, team_ids=[team.id])
    assert answer == {"added": {alice.id: "member"}, "notAdded": {}}
    with pytest.raises(Invalid):
        await services.add_people(actor=admin.actor, team_id=team.id, user_ids=[bob.id])
    await workspace.reactivate(actor=admin.actor, user_id=bob.id)
    assert len((await selectors.list_people(actor=alice.actor, team_id=team.id))["members"]) == 2
