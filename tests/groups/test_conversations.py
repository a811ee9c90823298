"""Conversations without a name, of many or of one person alone."""

import asyncio
import re

import pytest
from pytest_django import Settings

from foundation.errors import Forbidden, Invalid, RateLimited
from foundation.limits.rates import Rate
from groups import models, selectors, services
from groups.direct import MAX_PEOPLE, PEERS_SHOWN, title_of
from groups.selectors import GroupSummary
from messaging import services as messages
from messaging.unread import mark_unread
from tests.cast import Person, person


async def groups_of(person: Person) -> list[GroupSummary]:
    return (await selectors.list_groups(actor=person.actor)).groups


# --- of many ---------------------------------------------------------------------------------------------------------
async def test_the_same_people_open_the_same_conversation(alice: Person, bob: Person, charlie: Person) -> None:
    opened = await asyncio.gather(
        services.create_direct(actor=alice.actor, user_ids=[bob.id, charlie.id]),
        services.create_direct(actor=bob.actor, user_ids=[charlie.id, alice.id, charlie.id, bob.id]),
        services.create_direct(actor=charlie.actor, user_ids=[bob.id, alice.id]),
    )
    assert len({group.id for group in opened}) == 1
    fewer = await services.create_direct(actor=alice.actor, user_id=bob.id)
    assert fewer.id not in {group.id for group in opened}
    members = await models.list_members(opened[0].id)
    assert {member.user_id for member in members} == {alice.id, bob.id, charlie.id}


async def test_it_is_called_by_the_names_of_the_others(alice: Person, bob: Person, charlie: Person) -> None:
    await services.create_direct(actor=alice.actor, user_ids=[bob.id, charlie.id])
    for viewer, others in ((alice, (bob, charlie)), (bob, (alice, charlie))):
        (summary,) = await groups_of(viewer)
        names = sorted((other.actor.name for other in others), key=str.casefold)
        assert (summary.kind, summary.name) == ("direct", ", ".join(names))
        wire = summary.as_wire()
        assert {peer["id"] for peer in wire["peers"]} == {other.id for other in others}
        assert wire["peerCount"] == 2
        assert "peer" not in wire
    named = await selectors.list_names(actor=alice.actor, group_ids=[summary.id])
    assert named[summary.id]["name"] == (await groups_of(alice))[0].name


async def test_a_conversation_of_two_says_who_the_other_is_too(alice: Person, bob: Person) -> None:
    direct = await services.create_direct(actor=alice.actor, user_ids=[bob.id])
    assert direct.id == (await services.create_direct(actor=bob.actor, user_id=alice.id)).id
    wire = (await groups_of(alice))[0].as_wire()
    assert wire["peer"] == {"id": bob.id, "name": bob.actor.name}
    assert (wire["peers"], wire["peerCount"]) == ([wire["peer"]], 1)


async def test_it_has_twenty_people_at_most_and_names_some(alice: Person) -> None:
    others = await asyncio.gather(*(person(f"Guest {number}") for number in range(MAX_PEOPLE)))
    with pytest.raises(Invalid) as refused:
        await services.create_direct(actor=alice.actor, user_ids=[other.id for other in others])
    assert "userIds" in (refused.value.fields or {})
    await services.create_direct(actor=alice.actor, user_ids=[other.id for other in others[1:]])
    (summary,) = await groups_of(alice)
    assert (len(summary.peers), summary.peer_count) == (PEERS_SHOWN, MAX_PEOPLE - 1)
    assert re.search(r" and 1[4-8] others$", summary.name)


@pytest.mark.unit
def test_a_title_is_as_long_as_a_name_may_be() -> None:
    assert title_of([], 0) == "Notes"
    assert title_of(["Bob", "ada"], 2) == "ada, Bob"
    assert title_of(["Bob", "Ada"], 3) == "Ada, Bob and one other"
    assert title_of(["x" * 80, "y" * 80, "z" * 80], 10) == "x" * 80 + " and 9 others"


async def test_nobody_joins_or_leaves(alice: Person, bob: Person, charlie: Person) -> None:
    direct = await services.create_direct(actor=alice.actor, user_ids=[bob.id, charlie.id])
    dora = await person("Dora")
    for attempt in (
        services.add_members(actor=alice.actor, group_id=direct.id, user_ids=[dora.id]),
        services.remove_member(actor=alice.actor, group_id=direct.id, user_id=bob.id),
        services.rename_group(actor=alice.actor, group_id=direct.id, name="Us"),
        services.leave_group(actor=bob.actor, group_id=direct.id),
    ):
        with pytest.raises((Invalid, Forbidden)):
            await attempt
    assert len(await models.list_members(direct.id)) == 3


async def test_who_does_not_exist_is_in_none(alice: Person, bob: Person) -> None:
    with pytest.raises(Invalid) as refused:
        await services.create_direct(actor=alice.actor, user_ids=[bob.id, "user_nobody"])
    assert "user_nobody" in str((refused.value.fields or {})["userIds"])
    assert await groups_of(alice) == []


async def test_sets_of_people_without_end_are_refused(
    alice: Person, bob: Person, charlie: Person, settings: Settings
) -> None:
    settings.RATE_LIMITS = {"added_to_groups": Rate(1, 3600)}
    dora = await person("Dora")
    await services.create_direct(actor=alice.actor, user_ids=[bob.id, charlie.id])
    with pytest.raises(RateLimited):
        await services.create_direct(actor=alice.actor, user_ids=[bob.id, dora.id])
    # What is there already is opened as often as somebody likes.
    await services.create_direct(actor=alice.actor, user_ids=[bob.id, charlie.id])


async def test_messages_of_the_others_are_unread_and_may_name_them(alice: Person, bob: Person, charlie: Person) -> None:
    direct = await services.create_direct(actor=alice.actor, user_ids=[bob.id, charlie.id])
    for content in ("ahoy", f"<@{bob.id}> and <!all>"):
        await messages.send_message(actor=alice.actor, group_id=direct.id, content=content)
    for reader, unread in ((alice, 0), (bob, 2), (charlie, 2)):
        (summary,) = await groups_of(reader)
        assert (summary.unread, summary.unread_alls) == (unread, 1 if unread else 0)


# --- of one ----------------------------------------------------------------------------------------------------------
async def test_notes_are_made_on_first_use_and_come_first(alice: Person, bob: Person) -> None:
    await services.create_group(actor=alice.actor, name="Aardvarks")
    first = await services.create_direct(actor=alice.actor, user_id=alice.id)
    again = await services.create_direct(actor=alice.actor, user_ids=[alice.id, alice.id])
    assert first.id == again.id
    await services.create_direct(actor=alice.actor, user_id=bob.id)
    summary = (await groups_of(alice))[0]
    assert (summary.id, summary.kind, summary.name) == (first.id, "direct", "Notes")
    wire = summary.as_wire()
    assert (wire["peers"], wire["peerCount"], "peer" in wire) == ([], 0, False)
    assert first.id not in {group.id for group in await groups_of(bob)}


async def test_own_notes_are_never_unread(alice: Person) -> None:
    notes = await services.create_direct(actor=alice.actor, user_id=alice.id)
    sent = [
        (await messages.send_message(actor=alice.actor, group_id=notes.id, content=content))["message"]
        for content in ("milk", f"<@{alice.id}> <!all>")
    ]
    await mark_unread(actor=alice.actor, message_id=sent[0]["id"])
    (summary,) = await groups_of(alice)
    assert (summary.unread, summary.unread_alls, list(summary.mentions)) == (0, 0, [])


async def test_nobody_else_can_open_somebodys_notes(alice: Person, bob: Person) -> None:
    notes = await services.create_direct(actor=alice.actor, user_id=alice.id)
    with pytest.raises(Invalid):
        await services.add_members(actor=alice.actor, group_id=notes.id, user_ids=[bob.id])
    assert notes.id != (await services.create_direct(actor=bob.actor, user_id=bob.id)).id
