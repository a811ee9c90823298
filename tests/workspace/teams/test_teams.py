"""Who makes, changes and leaves a team; two who change it at once lose nothing."""

import asyncio
import logging
from typing import Any

import pytest

from foundation.cursors import decode_cursor
from foundation.errors import Forbidden, Invalid, NotFound
from tests.cast import Person, person
from users import services as users
from users.events import UserUpdated
from users.updates import UserUpdates
from workspace.teams import models, selectors, services
from workspace.teams.models import MANAGER, MEMBER, Team

from .conftest import new_handle

Wire = dict[str, Any]


async def people_of(team: Team) -> dict[str, str]:
    found = await models.find_team(team.id)
    assert found
    stored, people = found
    assert stored.size == len(people.members)
    assert people.managers <= people.members
    return {user_id: people.role_of(user_id) or "" for user_id in people.members}


async def test_an_administrator_makes_a_team(admin: Person, team: Team, alice: Person, bob: Person) -> None:
    assert await people_of(team) == {alice.id: MANAGER, bob.id: MEMBER}
    seen = await selectors.get_team(actor=bob.actor, team_id=team.id)
    assert seen["handle"] == team.handle
    assert (seen["memberCount"], seen["role"], seen["mayManage"]) == (2, MEMBER, False)
    assert (await selectors.get_team(actor=admin.actor, team_id=team.id))["mayManage"]
    page = await selectors.list_people(actor=bob.actor, team_id=team.id, limit=1)
    assert [each["userId"] for each in page["members"]] == [min(alice.id, bob.id)]
    rest = await selectors.list_people(actor=bob.actor, team_id=team.id, cursor=page["nextCursor"])
    assert [each["userId"] for each in rest["members"]] == [max(alice.id, bob.id)]
    assert "nextCursor" not in rest


async def test_nobody_else_makes_or_deletes_one(team: Team, alice: Person) -> None:
    with pytest.raises(Forbidden):
        await services.create_team(actor=alice.actor, name="Mine", handle=new_handle())
    with pytest.raises(Forbidden):
        await services.delete_team(actor=alice.actor, team_id=team.id)


async def test_a_manager_changes_it_and_a_member_does_not(
    team: Team, alice: Person, bob: Person, charlie: Person
) -> None:
    handle = new_handle()
    changed = await services.change_team(
        actor=alice.actor, team_id=team.id, name="Designers", handle=handle, description="Who draws"
    )
    assert (changed.name, changed.handle, changed.description) == ("Designers", handle, "Who draws")
    assert await services.add_people(actor=alice.actor, team_id=team.id, user_ids=[charlie.id, bob.id]) == [charlie.id]
    await services.change_role(actor=alice.actor, team_id=team.id, user_id=charlie.id, role=MANAGER)
    await services.remove_person(actor=charlie.actor, team_id=team.id, user_id=alice.id)
    assert await people_of(team) == {bob.id: MEMBER, charlie.id: MANAGER}
    for attempt in (
        services.change_team(actor=bob.actor, team_id=team.id, name="Bobs"),
        services.add_people(actor=bob.actor, team_id=team.id, user_ids=[alice.id]),
        services.remove_person(actor=bob.actor, team_id=team.id, user_id=charlie.id),
        services.change_role(actor=bob.actor, team_id=team.id, user_id=bob.id, role=MANAGER),
        services.change_team(actor=alice.actor, team_id=team.id, name="Still mine"),
    ):
        with pytest.raises(Forbidden):
            await attempt


async def test_everybody_may_go_by_themselves(team: Team, alice: Person, bob: Person, charlie: Person) -> None:
    await services.remove_person(actor=bob.actor, team_id=team.id, user_id=bob.id)
    assert await people_of(team) == {alice.id: MANAGER}
    with pytest.raises(Forbidden):
        await services.remove_person(actor=charlie.actor, team_id=team.id, user_id=charlie.id)
    with pytest.raises(NotFound):
        await services.remove_person(actor=alice.actor, team_id=team.id, user_id=bob.id)


async def test_those_who_change_it_at_once_lose_nothing(admin: Person, team: Team, alice: Person, bob: Person) -> None:
    others = [await person(f"Person {number}") for number in range(5)]
    await asyncio.gather(
        *(services.add_people(actor=alice.actor, team_id=team.id, user_ids=[one.id]) for one in others),
        services.remove_person(actor=bob.actor, team_id=team.id, user_id=bob.id),
        services.change_team(actor=admin.actor, team_id=team.id, name="Other"),
    )
    assert (await people_of(team)).keys() == {alice.id, *(one.id for one in others)}
    assert (await selectors.get_team(actor=bob.actor, team_id=team.id))["name"] == "Other"


async def test_it_has_so_many_people_at_most(
    monkeypatch: pytest.MonkeyPatch, team: Team, alice: Person, charlie: Person
) -> None:
    monkeypatch.setattr(services, "MAX_PEOPLE", 2)
    with pytest.raises(Invalid) as refused:
        await services.add_people(actor=alice.actor, team_id=team.id, user_ids=[charlie.id])
    assert list(refused.value.fields or ()) == ["userIds"]
    with pytest.raises(Invalid):
        await services.add_people(actor=alice.actor, team_id=team.id, user_ids=["user_nobody"])
    assert (await people_of(team)).keys().isdisjoint([charlie.id])


async def test_a_handle_is_one_persons_or_one_teams(admin: Person, team: Team, alice: Person, bob: Person) -> None:
    for typed in (team.handle, team.handle.upper()):
        with pytest.raises(Invalid) as refused:
            await users.update_profile(actor=bob.actor, handle=typed)
        assert list(refused.value.fields or ()) == ["handle"]
    own = new_handle()
    await users.update_profile(actor=bob.actor, handle=own)
    for attempt in (
        services.create_team(actor=admin.actor, name="Other", handle=own),
        services.change_team(actor=alice.actor, team_id=team.id, handle=own),
        services.change_team(actor=alice.actor, team_id=team.id, handle="here"),
    ):
        with pytest.raises(Invalid):
            await attempt
    former = team.handle
    await services.change_team(actor=alice.actor, team_id=team.id, handle=new_handle())
    with pytest.raises(Invalid):
        await users.update_profile(actor=bob.actor, handle=former)
    changed = await services.change_team(actor=alice.actor, team_id=team.id, handle=former)
    assert changed.handle == former


async def test_of_two_teams_that_want_a_handle_at_once_one_has_it(admin: Person) -> None:
    handle = new_handle()
    made = await asyncio.gather(
        *(services.create_team(actor=admin.actor, name=f"T{n}", handle=handle) for n in range(3)),
        return_exceptions=True,
    )
    assert sum(isinstance(each, Team) for each in made) == 1
    assert all(isinstance(each, Team | Invalid) for each in made)


async def test_it_is_found_by_any_word_and_its_handle(team: Team, alice: Person, charlie: Person) -> None:
    word = new_handle()
    await services.change_team(actor=alice.actor, team_id=team.id, name=f"Größe {word}")
    for query in (word, f"GROSSE {word[:10]}", f"@{team.handle}"):
        found, _ = await selectors.find_teams(actor=charlie.actor, query=query)
        assert [each.id for each in found] == [team.id], query
    await services.change_team(actor=alice.actor, team_id=team.id, name="Design")
    assert (await selectors.find_teams(actor=charlie.actor, query=word))[0] == []


async def test_all_are_listed_in_pages(admin: Person) -> None:
    names = sorted(new_handle() for _ in range(5))
    for name in names:
        await services.create_team(actor=admin.actor, name=name, handle=new_handle())
    found, cursor = [], None
    while True:
        page, following = await selectors.find_teams(actor=admin.actor, limit=2, cursor=cursor)
        found += [each.name for each in page]
        if following is None:
            break
        cursor = decode_cursor(following, 1)
    assert [name for name in found if name in names] == names


async def test_a_deleted_one_is_gone_and_its_handle_kept(admin: Person, team: Team, alice: Person, bob: Person) -> None:
    await services.delete_team(actor=admin.actor, team_id=team.id)
    for attempt in (
        selectors.get_team(actor=alice.actor, team_id=team.id),
        services.change_team(actor=alice.actor, team_id=team.id, name="Other"),
        services.delete_team(actor=admin.actor, team_id=team.id),
    ):
        with pytest.raises(NotFound):
            await attempt
    assert (await selectors.find_teams(actor=alice.actor, query=team.handle))[0] == []
    with pytest.raises(Invalid):
        await users.update_profile(actor=bob.actor, handle=team.handle)


async def test_acts_are_noted_and_told(
    admin: Person, bob: Person, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "workspace.audit")
    told: list[Any] = []
    monkeypatch.setattr(UserUpdates, "tell", lambda _, *arguments: told.append(arguments))
    made = await services.create_team(actor=admin.actor, name="Design", handle=new_handle(), member_ids=[bob.id])
    await services.change_team(actor=admin.actor, team_id=made.id, name="Other")
    await services.change_role(actor=admin.actor, team_id=made.id, user_id=bob.id, role=MANAGER)
    await services.change_role(actor=admin.actor, team_id=made.id, user_id=bob.id, role=MANAGER)
    await services.remove_person(actor=admin.actor, team_id=made.id, user_id=bob.id)
    await services.add_people(actor=admin.actor, team_id=made.id, user_ids=[bob.id])
    await services.delete_team(actor=admin.actor, team_id=made.id)
    lines = [record.getMessage() for record in caplog.records if record.name == "workspace.audit"]
    acts = [line.split()[0] for line in lines]
    assert acts == ["team.create", "team.change", "team.role", "team.remove", "team.add", "team.delete"]
    for line in lines:
        about_people = line.startswith(("team.create", "team.role", "team.remove", "team.add"))
        assert (bob.id in line) == about_people, line
        assert ("role=manager" in line) == line.startswith("team.role"), line
    assert {(user_id, kind) for user_id, kind, _ in told} == {(bob.id, UserUpdated.TEAM)}
    assert [change["role"] for *_, change in told] == [MEMBER, MANAGER, None, MEMBER, None]
