"""Drafts: kept for all devices of a user; a late write does not overwrite a newer one."""

import asyncio

import pytest
from pytest_django import Settings

from foundation.errors import Invalid, NotFound, VersionConflict
from groups import services as groups
from messaging import services
from messaging.drafts import models
from messaging.drafts.selectors import list_drafts
from messaging.drafts.services import write_draft
from tests.cast import Person


async def texts(person: Person, group_id: str | None = None) -> list[str]:
    found = await list_drafts(actor=person.actor, group_id=group_id)
    return [draft["content"] for draft in found["drafts"]]


async def test_a_draft_of_a_group_and_of_a_thread_are_kept_apart(alice: Person, bob: Person, group_id: str) -> None:
    sent = await services.send_message(actor=alice.actor, group_id=group_id, content="root")
    await write_draft(actor=bob.actor, group_id=group_id, content="  to all\n")
    await write_draft(actor=bob.actor, group_id=group_id, parent_id=sent["message"]["id"], content="to you")
    found = (await list_drafts(actor=bob.actor))["drafts"]
    assert [(draft.get("parentId"), draft["content"]) for draft in found] == [
        (None, "  to all\n"),
        (sent["message"]["id"], "to you"),
    ]
    assert await texts(alice) == []
    assert await texts(bob, group_id) == ["  to all\n", "to you"]


async def test_a_late_write_of_an_older_version_is_refused(bob: Person, group_id: str) -> None:
    first = (await write_draft(actor=bob.actor, group_id=group_id, content="h", if_version=0))["draft"]
    second = (await write_draft(actor=bob.actor, group_id=group_id, content="he", if_version=first["version"]))["draft"]
    assert second["version"] > first["version"]
    for late in (0, first["version"]):
        with pytest.raises(VersionConflict):
            await write_draft(actor=bob.actor, group_id=group_id, content="late", if_version=late)
    assert await texts(bob) == ["he"]
    # Without a version the last writer wins.
    await write_draft(actor=bob.actor, group_id=group_id, content="mine")
    assert await texts(bob) == ["mine"]


async def test_a_repeated_write_is_the_same_write(bob: Person, group_id: str) -> None:
    first = await write_draft(actor=bob.actor, group_id=group_id, content="h", if_version=0)
    assert await write_draft(actor=bob.actor, group_id=group_id, content="h", if_version=0) == first


async def test_of_two_devices_that_write_at_once_one_is_told(bob: Person, group_id: str) -> None:
    first = (await write_draft(actor=bob.actor, group_id=group_id, content="h"))["draft"]
    written = await asyncio.gather(
        *(
            write_draft(actor=bob.actor, group_id=group_id, content=text, if_version=first["version"])
            for text in ("one", "two", "three")
        ),
        return_exceptions=True,
    )
    (winner,) = [result for result in written if isinstance(result, dict)]
    assert sum(isinstance(result, VersionConflict) for result in written) == 2
    assert await texts(bob) == [winner["draft"]["content"]]


async def test_a_cleared_draft_is_not_brought_back_by_a_late_write(bob: Person, group_id: str) -> None:
    first = (await write_draft(actor=bob.actor, group_id=group_id, content="sent"))["draft"]
    cleared = (await write_draft(actor=bob.actor, group_id=group_id, if_version=first["version"]))["draft"]
    assert cleared["content"] == ""
    for late in (0, first["version"]):
        with pytest.raises(VersionConflict):
            await write_draft(actor=bob.actor, group_id=group_id, content="sen", if_version=late)
    assert await texts(bob) == [""]
    await write_draft(actor=bob.actor, group_id=group_id, content="new", if_version=cleared["version"])
    assert await texts(bob) == ["new"]


async def test_a_row_that_has_expired_does_not_turn_versions_back(bob: Person, group_id: str) -> None:
    cleared = (await write_draft(actor=bob.actor, group_id=group_id))["draft"]
    (draft,) = await models.list_drafts(bob.id)
    await models.forget_draft(bob.id, draft)
    again = (await write_draft(actor=bob.actor, group_id=group_id, content="x", if_version=0))["draft"]
    assert again["version"] > cleared["version"]


async def test_drafts_of_a_group_that_one_has_left_are_kept_and_not_shown(
    alice: Person, bob: Person, group_id: str
) -> None:
    await write_draft(actor=bob.actor, group_id=group_id, content="to all")
    await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
    assert await texts(bob) == []
    with pytest.raises(NotFound):
        await list_drafts(actor=bob.actor, group_id=group_id)
    with pytest.raises(NotFound):
        await write_draft(actor=bob.actor, group_id=group_id, content="more")
    await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[bob.id])
    assert await texts(bob) == ["to all"]


async def test_a_draft_of_ones_own_is_cleared_after_leaving(
    alice: Person, bob: Person, charlie: Person, group_id: str
) -> None:
    await write_draft(actor=bob.actor, group_id=group_id, content="to all")
    await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
    assert (await write_draft(actor=bob.actor, group_id=group_id))["draft"]["content"] == ""
    with pytest.raises(NotFound):
        await write_draft(actor=charlie.actor, group_id=group_id)
    await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[bob.id])
    assert await texts(bob) == [""]


async def test_the_row_that_was_cleared_first_makes_space_and_no_other(
    alice: Person, group_id: str, settings: Settings
) -> None:
    settings.MAX_DRAFTS = 3
    others = [(await groups.create_group(actor=alice.actor, name=f"G{number}")).id for number in range(3)]
    for id_ in (others[1], group_id, others[0]):
        await write_draft(actor=alice.actor, group_id=id_, content="x")
        await write_draft(actor=alice.actor, group_id=id_)
    await write_draft(actor=alice.actor, group_id=others[2], content="new")
    kept = {draft.group_id: draft.content for draft in await models.list_drafts(alice.id)}
    assert kept == {group_id: "", others[0]: "", others[2]: "new"}


async def test_drafts_of_groups_that_one_has_left_do_not_count_and_are_bounded(
    alice: Person, bob: Person, settings: Settings
) -> None:
    settings.MAX_DRAFTS = 1
    ids = [
        (await groups.create_group(actor=alice.actor, name=f"G{number}", member_ids=[bob.id])).id for number in range(3)
    ]
    for id_ in ids:
        await write_draft(actor=bob.actor, group_id=id_, content="x")
        await groups.remove_member(actor=alice.actor, group_id=id_, user_id=bob.id)
    await groups.add_members(actor=alice.actor, group_id=ids[0], user_ids=[bob.id])
    await write_draft(actor=bob.actor, group_id=ids[0], content="x")
    assert {draft.group_id for draft in await models.list_drafts(bob.id)} == {ids[0], ids[2]}


async def test_their_number_is_bounded_and_what_nobody_can_see_makes_space(
    alice: Person, group_id: str, settings: Settings
) -> None:
    settings.MAX_DRAFTS = 2
    others = [(await groups.create_group(actor=alice.actor, name=f"G{number}")).id for number in range(3)]
    await write_draft(actor=alice.actor, group_id=group_id, content="a")
    await write_draft(actor=alice.actor, group_id=others[0], content="b")
    with pytest.raises(Invalid):
        await write_draft(actor=alice.actor, group_id=others[1], content="c")
    await write_draft(actor=alice.actor, group_id=group_id, content="still written")
    await write_draft(actor=alice.actor, group_id=group_id)
    await write_draft(actor=alice.actor, group_id=others[1], content="c")
    assert await texts(alice) == sorted(["b", "c"], key=lambda text: others["bc".index(text)])
    from messaging.group_deletion import delete_group

    await delete_group(actor=alice.actor, group_id=others[0])
    await write_draft(actor=alice.actor, group_id=others[2], content="d")
    assert len(await models.list_drafts(alice.id)) == 2


async def test_a_thread_must_be_one_of_the_group(alice: Person, bob: Person, group_id: str) -> None:
    elsewhere = await groups.create_group(actor=alice.actor, name="Elsewhere", member_ids=[bob.id])
    sent = await services.send_message(actor=alice.actor, group_id=elsewhere.id, content="root")
    for parent_id in (sent["message"]["id"], f"{group_id}.999", f"{group_id}.1", "nonsense"):
        with pytest.raises(NotFound):
            await write_draft(actor=bob.actor, group_id=group_id, parent_id=parent_id, content="x")
