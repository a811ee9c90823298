"""Memberships that follow a provider's groups, beside what people do by hand."""

import pytest
from pytest_django import Settings

from dynamodb import store
from groups import selectors, services
from groups.provided import rows
from groups.provided.following import follow_groups
from tests.cast import Person

CLAIM = frozenset(["engineering"])
NONE = frozenset[str]()


@pytest.fixture(autouse=True)
def mapping(settings: Settings, group_id: str) -> None:
    settings.OIDC_GROUPS = {"engineering": [group_id]}


async def is_member(who: Person, group_id: str) -> bool:
    return group_id in await selectors.list_group_ids(user_id=who.id)


async def test_a_membership_made_by_hand_after_a_removal_stays(alice: Person, charlie: Person, group_id: str) -> None:
    await follow_groups(charlie.id, CLAIM)
    assert await rows.list_of(charlie.id) == {group_id}
    await services.remove_member(actor=alice.actor, group_id=group_id, user_id=charlie.id)
    assert await rows.list_of(charlie.id) == NONE
    await services.add_members(actor=alice.actor, group_id=group_id, user_ids=[charlie.id])
    await follow_groups(charlie.id, NONE)
    assert await is_member(charlie, group_id)


async def test_what_ended_before_is_forgotten_when_the_claim_ends(
    alice: Person, charlie: Person, group_id: str
) -> None:
    """As of a removal by a version that left the row."""
    row = rows.ProvidedRow(charlie.id, "provided")
    await store.call(row.update, [rows.ProvidedRow.groups.add({group_id})])
    await follow_groups(charlie.id, NONE)
    assert await rows.list_of(charlie.id) == NONE
    await services.add_members(actor=alice.actor, group_id=group_id, user_ids=[charlie.id])
    await follow_groups(charlie.id, NONE)
    assert await is_member(charlie, group_id)


async def test_whoever_was_removed_follows_again_and_whoever_left_does_not(
    alice: Person, charlie: Person, group_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    await follow_groups(charlie.id, CLAIM)
    await services.remove_member(actor=alice.actor, group_id=group_id, user_id=charlie.id)
    await follow_groups(charlie.id, CLAIM)
    assert await is_member(charlie, group_id)
    await services.leave_group(actor=charlie.actor, group_id=group_id)
    await follow_groups(charlie.id, CLAIM)
    assert not await is_member(charlie, group_id)
    assert "could not be followed" not in caplog.text


async def test_a_removal_makes_no_row_of_who_has_none(alice: Person, bob: Person, group_id: str) -> None:
    await services.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
    with pytest.raises(rows.ProvidedRow.DoesNotExist):
        await store.call(rows.ProvidedRow.get, bob.id, "provided")
