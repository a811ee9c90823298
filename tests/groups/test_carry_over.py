"""Data of an older version is carried over once, however often that is tried and whatever happens meanwhile."""

import asyncio
from typing import Any

import pytest
from pynamodb.expressions.update import Action

from dynamodb import store
from groups import mark_rows, memberships, models, selectors, services
from groups.carry_over import carry_over
from groups.followers import places
from groups.models import ADMIN, Member
from groups.read_mark import ReadMark
from groups.rows import GroupRow
from groups.summary import GroupSummary
from messaging import services as messages
from messaging.group_deletion import delete_group, erase_deleted_groups
from tests.cast import Person, person


async def make_old(group_id: str, *people: Person, marks: dict[str, ReadMark] | None = None) -> None:
    """Bring a group into the layout of the older version: no row of a user's own, the read marks in the group."""
    for member in people:
        await store.call(memberships.own_row(member.id, group_id).delete)
        mark = (marks or {}).get(member.id)
        if mark:
            row = mark_rows.thread_mark_row(group_id, member.id, "")
            actions: list[Action] = [GroupRow.seq.set(mark.seq), GroupRow.message_count.set(mark.message_count)]
            await store.call(row.update, actions=actions)
    group = GroupRow(group_id, "group")
    await store.call(group.update, actions=[GroupRow.member_count.remove()])


async def rows(*people: Person) -> list[dict[str, Any]]:
    """Return all rows of these people's own."""

    def query() -> list[dict[str, Any]]:
        found = [GroupRow.query(memberships.partition(member.id), consistent_read=True) for member in people]
        return [row.attribute_values for own in found for row in own]

    return await store.call(query)


async def summary(member: Person) -> GroupSummary:
    (only,) = (await selectors.list_groups(actor=member.actor)).groups
    return only


async def test_roles_marks_and_sizes_are_carried_over_and_nothing_the_second_time(
    alice: Person, bob: Person, group_id: str
) -> None:
    for text in ("one", "two", "three"):
        await messages.send_message(actor=alice.actor, group_id=group_id, content=text)
    expected = [await summary(alice), await summary(bob)]
    await make_old(group_id, alice, bob, marks={alice.id: ReadMark(5, 3), bob.id: ReadMark(4, 2)})
    assert (await selectors.list_groups(actor=bob.actor)).groups == []
    await carry_over()
    assert await summary(alice) == expected[0]
    carried = await summary(bob)
    assert (carried.role, carried.read, carried.unread) == ("member", 4, 1)
    group = await models.find_group(group_id)
    assert group
    assert group.member_count == 2
    before = await rows(alice, bob)
    again = await carry_over()
    assert (again.memberships, again.groups) == (0, 0)
    assert await rows(alice, bob) == before


async def test_the_other_person_of_a_direct_conversation_is_carried_over(alice: Person, bob: Person) -> None:
    direct = await services.create_direct(actor=alice.actor, user_id=bob.id)
    await make_old(direct.id, alice, bob)
    await carry_over()
    assert (await summary(alice)).name == bob.actor.name
    assert (await summary(bob)).name == alice.actor.name


async def test_what_this_version_has_written_is_kept(alice: Person, bob: Person, group_id: str) -> None:
    """A mark that was moved, and a role that was given, before everything was carried over."""
    await messages.send_message(actor=alice.actor, group_id=group_id, content="one")
    await make_old(group_id, bob, marks={bob.id: ReadMark(1, 0)})
    await messages.mark_read(actor=bob.actor, group_id=group_id, seq=3)
    await services.change_role(actor=alice.actor, group_id=group_id, user_id=bob.id, role=ADMIN)
    await carry_over()
    found = await summary(bob)
    assert (found.role, found.read) == (ADMIN, 3)


async def test_members_who_join_and_leave_meanwhile_are_listed_as_they_are(alice: Person) -> None:
    people = [await person(f"Guest {number}") for number in range(8)]
    group = await services.create_group(actor=alice.actor, name="Old", member_ids=[p.id for p in people[:4]])
    await make_old(group.id, alice, *people[:4])
    await asyncio.gather(
        carry_over(),
        *(services.leave_group(actor=p.actor, group_id=group.id) for p in people[:2]),
        services.add_members(actor=alice.actor, group_id=group.id, user_ids=[p.id for p in people[4:]]),
        carry_over(),
    )
    await carry_over()
    listed = [p for p in people if (await selectors.list_groups(actor=p.actor)).groups]
    assert listed == people[2:]
    members = (await selectors.list_members(actor=alice.actor, group_id=group.id)).members
    assert {member.user_id for member in members} == {alice.id, *(p.id for p in people[2:])}


async def test_a_user_who_left_is_not_brought_back(bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """They leave after the carrying over has read that they are a member."""
    await make_old(group_id, bob)
    find_member = models.find_member

    async def leave_then(group: str, user_id: str) -> Member | None:
        member = await find_member(group, user_id)
        monkeypatch.setattr(models, "find_member", find_member)
        await services.leave_group(actor=bob.actor, group_id=group_id)
        return member

    monkeypatch.setattr(models, "find_member", leave_then)
    await carry_over()
    assert (await selectors.list_groups(actor=bob.actor)).groups == []


async def test_groups_of_an_older_version_are_put_into_the_directory(alice: Person, bob: Person, group_id: str) -> None:
    await places.delete(group_id)
    await carry_over()
    assert group_id in await places.find([group_id])
    assert (await carry_over()).listed == 0
    await places.delete(group_id)
    await delete_group(actor=alice.actor, group_id=group_id)
    await erase_deleted_groups()
    await carry_over()
    assert await places.find([group_id]) == {}
