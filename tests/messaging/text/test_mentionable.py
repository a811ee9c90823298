"""Completion: the members whose names start with what was typed, in small groups and in large ones."""

from uuid import uuid4

import pytest
from pytest_django import Settings

from foundation.errors import NotFound
from groups import services as groups
from messaging import mentionable
from messaging.mentionable import list_mentionable
from tests.cast import Person, person
from users import services as user_services


async def names(who: Person, group_id: str, query: str, **more: int) -> list[str]:
    found = await list_mentionable(actor=who.actor, group_id=group_id, query=query, **more)
    return [user["userId"] for user in found["users"]]


@pytest.mark.parametrize("small", [200, 1])
async def test_members_are_found_by_their_names(
    monkeypatch: pytest.MonkeyPatch, alice: Person, bob: Person, charlie: Person, group_id: str, *, small: int
) -> None:
    monkeypatch.setattr(mentionable, "_MAX_READ", small)
    other = await person("Bob")
    assert await names(alice, group_id, bob.actor.name.upper()) == [bob.id]
    assert await names(alice, group_id, other.actor.name) == []
    assert await names(alice, group_id, charlie.actor.name) == []
    assert await names(bob, group_id, alice.actor.name[:-1]) == [alice.id]


async def test_all_of_a_small_group_by_any_part_of_their_names(alice: Person, bob: Person, group_id: str) -> None:
    assert await names(alice, group_id, "") == [alice.id, bob.id]
    assert await names(alice, group_id, "", limit=1) == [alice.id]
    assert await names(alice, group_id, bob.actor.name.split()[1]) == [bob.id]


async def test_everybody_is_named_by_who_may(settings: Settings, alice: Person, bob: Person, group_id: str) -> None:
    found = await list_mentionable(actor=bob.actor, group_id=group_id, query="A")
    assert found["everybody"] == ["all"]
    settings.MENTION_ALL_MAX_MEMBERS = 1
    for who, everybody in ((alice, ["all", "here"]), (bob, [])):
        assert (await list_mentionable(actor=who.actor, group_id=group_id))["everybody"] == everybody


async def test_an_outsider_learns_nothing(alice: Person, bob: Person, charlie: Person, group_id: str) -> None:
    with pytest.raises(NotFound):
        await list_mentionable(actor=charlie.actor, group_id=group_id)
    await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
    with pytest.raises(NotFound):
        await list_mentionable(actor=bob.actor, group_id=group_id)
    assert await names(alice, group_id, bob.actor.name) == []


@pytest.mark.parametrize("small", [200, 1])
async def test_who_has_just_this_handle_comes_first(
    monkeypatch: pytest.MonkeyPatch, alice: Person, bob: Person, group_id: str, *, small: int
) -> None:
    monkeypatch.setattr(mentionable, "_MAX_READ", small)
    word = f"q{uuid4().hex[:8]}"
    people = {}
    for name, handle in (("Aaron", word), (f"Abe {word}", ""), (f"{word}y", ""), ("Zoe", f"{word}.z"), ("Yo", "")):
        people[name] = await person(name)
        if handle:
            await user_services.update_profile(actor=people[name].actor, handle=handle)
    await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[one.id for one in people.values()])
    found = await list_mentionable(actor=bob.actor, group_id=group_id, query=f"@{word.upper()}")
    assert found["users"][0]["handle"] == word
    # The handle, what else begins so, and then words within names.
    expected = [people[name].id for name in ("Aaron", "Zoe", f"{word}y", f"Abe {word}")]
    assert [user["userId"] for user in found["users"]] == expected


async def test_a_handle_is_found_behind_very_many_others(
    monkeypatch: pytest.MonkeyPatch, alice: Person, group_id: str
) -> None:
    monkeypatch.setattr(mentionable, "_MAX_READ", 1)
    monkeypatch.setattr(mentionable, "_PAGES", 0)
    handle = f"q{uuid4().hex[:8]}"
    one = await person("Zoe")
    await user_services.update_profile(actor=one.actor, handle=handle)
    assert await names(alice, group_id, handle) == []
    await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[one.id])
    assert await names(alice, group_id, handle) == [one.id]
