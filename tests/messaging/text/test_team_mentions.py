"""A team in a text names those of its people who are in the group when that is written."""

from typing import Any

import pytest
from pytest_django import Settings

from foundation.errors import Forbidden, Invalid
from groups import services as groups
from groups.log import queries
from messaging import services
from messaging.mentionable import list_mentionable
from messaging.proposals import mention
from messaging.quotes.services import quote_message
from messaging.text.answers import with_html
from messaging.text.html import message_texts
from messaging.text.mentions import MAX_TEAMS
from messaging.text.rendering import mentions_in
from tests.cast import Person, person
from tests.workspace.teams.conftest import new_handle
from workspace.teams import services as teams
from workspace.teams.models import Team

from .test_stored_mentions import entry_of, say

Wire = dict[str, Any]


@pytest.fixture
async def admin(settings: Settings) -> Person:
    admin = await person("Dora")
    settings.ADMINISTRATORS = frozenset([admin.id])
    return admin


@pytest.fixture
async def team(admin: Person, bob: Person, charlie: Person) -> Team:
    """Bob, who is in the group, and charlie, who is not."""
    return await teams.create_team(
        actor=admin.actor, name="Design", handle=new_handle(), member_ids=[bob.id, charlie.id]
    )


async def html_of(message: Wire, actor: Person) -> str:
    html: str = (await with_html(dict(message), actor=actor.actor))["html"]
    return html


async def test_it_names_its_people_who_are_in_the_group(alice: Person, bob: Person, group_id: str, team: Team) -> None:
    message = await say(alice, group_id, f"<@{team.id}> look")
    assert message["mentions"] == {"userIds": [], "teamIds": [team.id]}
    entry = await entry_of(message)
    assert entry.mentions == {bob.id, f"!{team.id}"}
    assert not entry.attribute_values.get("named_directly")
    both = await say(alice, group_id, f"<@{alice.id}> <@{team.id}> <@{bob.id}> <!here>")
    assert both["mentions"] == {"userIds": sorted([alice.id, bob.id]), "teamIds": [team.id], "here": True}
    assert (await entry_of(both)).named_directly == {alice.id, bob.id}


async def test_later_people_of_it_are_not_named(admin: Person, alice: Person, group_id: str, team: Team) -> None:
    message = await say(alice, group_id, f"<@{team.id}>")
    await teams.add_people(actor=admin.actor, team_id=team.id, user_ids=[alice.id])
    assert alice.id not in ((await entry_of(message)).mentions or ())
    edited = await services.edit_message(actor=alice.actor, message_id=message["id"], content=f"<@{team.id}>!")
    assert edited["message"]["mentions"] == {"userIds": [], "teamIds": [team.id]}
    assert alice.id in ((await entry_of(message)).mentions or ())


async def test_edits_note_whom_they_name_newly_and_no_longer(
    alice: Person, bob: Person, group_id: str, team: Team
) -> None:
    message = await say(alice, group_id, f"<@{team.id}> and <@{alice.id}>")
    await services.edit_message(actor=alice.actor, message_id=message["id"], content=f"<@{bob.id}>")
    await services.edit_message(actor=alice.actor, message_id=message["id"], content="nobody")
    await services.edit_message(actor=alice.actor, message_id=message["id"], content=f"<@{team.id}>")
    await services.delete_message(actor=alice.actor, message_id=message["id"])
    entries = await queries.entries_after(group_id, message["seq"])
    assert [(entry.mentions, entry.unnamed) for entry in entries] == [
        (None, {alice.id}),
        (None, {bob.id}),
        ({bob.id, f"!{team.id}"}, None),
        (None, {bob.id}),
    ]
    tombstone = await entry_of(message)
    assert not {"mentions", "named_directly", "named_later"} & {
        name for name, value in tombstone.attribute_values.items() if value is not None
    }
    assert tombstone.first_named == {alice.id, bob.id}


async def test_one_that_is_not_there_names_nobody(admin: Person, alice: Person, group_id: str, team: Team) -> None:
    await teams.delete_team(actor=admin.actor, team_id=team.id)
    for team_id in (team.id, "team:nothing", "team:"):
        message = await say(alice, group_id, f"<@{team_id}>")
        assert "mentions" not in message
        assert await html_of(message, alice) == f"<p>&lt;@{team_id}&gt;</p>"


async def test_a_text_names_so_many_teams_at_most() -> None:
    named = mentions_in("".join(f"<@team:{number}>" for number in range(20)))
    assert named.team_ids == tuple(f"team:{number}" for number in range(MAX_TEAMS))
    assert named.user_ids == ()
    assert mentions_in("`<@team:a>`").team_ids == ()


async def test_a_large_one_is_named_by_who_may_name_everybody(
    settings: Settings, alice: Person, bob: Person, group_id: str, team: Team
) -> None:
    settings.MENTION_ALL_MAX_MEMBERS = 0
    with pytest.raises(Forbidden):
        await say(bob, group_id, f"<@{team.id}>")
    message = await say(bob, group_id, "hello")
    with pytest.raises(Forbidden):
        await services.edit_message(actor=bob.actor, message_id=message["id"], content=f"<@{team.id}>")
    assert "mentions" in await say(alice, group_id, f"<@{team.id}>")


async def test_a_large_one_needs_what_naming_everybody_needs(
    settings: Settings, alice: Person, bob: Person, group_id: str, team: Team
) -> None:
    settings.MENTION_ALL_IN_LARGE_GROUPS = "members"
    await groups.change_group(actor=alice.actor, group_id=group_id, policy={"mention_all": "managers"})
    # A small one is named by everybody.
    assert "mentions" in await say(bob, group_id, f"<@{team.id}>")
    settings.MENTION_ALL_MAX_MEMBERS = 0
    with pytest.raises(Forbidden):
        await say(bob, group_id, f"<@{team.id}>")
    assert "mentions" in await say(alice, group_id, f"<@{team.id}>")


async def test_an_edit_names_nobody_by_one_that_has_grown_large(
    settings: Settings, alice: Person, bob: Person, group_id: str, team: Team
) -> None:
    settings.MENTION_ALL_MAX_MEMBERS = 1
    settings.ADMINISTRATORS |= {alice.id}
    message = await say(bob, group_id, f"<@{team.id}>")
    await teams.add_people(actor=alice.actor, team_id=team.id, user_ids=[alice.id])

    async def edit(content: str) -> Wire:
        return await services.edit_message(actor=bob.actor, message_id=message["id"], content=content)

    with pytest.raises(Forbidden):
        await edit(f"<@{team.id}>!")
    # Who is named by themselves is not named by it, and then it names nobody anew.
    await edit(f"<@{team.id}> <@{alice.id}>")
    await edit(f"<@{team.id}> <@{alice.id}>!")


async def test_no_message_names_very_many(
    monkeypatch: pytest.MonkeyPatch, alice: Person, group_id: str, team: Team
) -> None:
    monkeypatch.setattr(mention, "MAX_NAMED_BY_TEAMS", 0)
    with pytest.raises(Invalid):
        await say(alice, group_id, f"<@{team.id}>")


async def test_a_team_that_is_larger_than_the_group_is_named_too(
    admin: Person, alice: Person, bob: Person, group_id: str, team: Team
) -> None:
    others = [await person(f"P{number}") for number in range(3)]
    await teams.add_people(actor=admin.actor, team_id=team.id, user_ids=[one.id for one in others])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("groups.log.state._MANY", 2)
        message = await say(alice, group_id, f"<@{team.id}>")
    assert (await entry_of(message)).mentions == {bob.id, f"!{team.id}"}


async def test_it_is_shown_by_its_handle_of_now(admin: Person, alice: Person, group_id: str, team: Team) -> None:
    message = await say(alice, group_id, f"**<@{team.id}>**")
    link = f'<a class="mention" data-mention="@{team.id}" href="/teams/{team.id}">@%s</a>'
    assert await html_of(message, alice) == f"<p><strong>{link % team.handle}</strong></p>"
    handle = new_handle()
    await teams.change_team(actor=admin.actor, team_id=team.id, handle=handle)
    # As a minute later.
    message_texts()._names.clear()
    assert await html_of(message, alice) == f"<p><strong>{link % handle}</strong></p>"


async def test_a_quote_has_its_handle_and_names_nobody(alice: Person, group_id: str, team: Team) -> None:
    message = await say(alice, group_id, f"<@{team.id}> look")
    quote = (await quote_message(actor=alice.actor, message_id=message["id"]))["content"]
    assert f"@{team.handle} look" in quote
    assert "mentions" not in await say(alice, group_id, quote)


async def test_it_is_completed(alice: Person, group_id: str, team: Team) -> None:
    for query in (team.handle, f"@{team.handle[:8]}"):
        found = await list_mentionable(actor=alice.actor, group_id=group_id, query=query)
        assert found["teams"] == [{"teamId": team.id, "handle": team.handle, "name": "Design"}]
    assert (await list_mentionable(actor=alice.actor, group_id=group_id, query="zzzz"))["teams"] == []
