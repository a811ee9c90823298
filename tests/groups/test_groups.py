"""Groups and their members: who may do what, and what their log records."""

import asyncio
from typing import Any

import pytest

from dynamodb import store
from foundation.errors import Forbidden, Invalid, NotFound
from groups import models, selectors, services
from groups.direct import direct_id
from groups.log import appender, queries
from groups.models import ADMIN, MEMBER, OWNER
from groups.summary import GroupSummary
from realtime.hub.change import Change
from realtime.hub.hub import get_hub
from tests.cast import Person, person


async def roles(person: Person, group_id: str) -> dict[str, str]:
    page = await selectors.list_members(actor=person.actor, group_id=group_id)
    return {member.user_id: member.role for member in page.members}


async def groups_of(person: Person) -> list[GroupSummary]:
    return (await selectors.list_groups(actor=person.actor)).groups


async def test_the_creator_of_a_group_owns_it(alice: Person, bob: Person, group_id: str) -> None:
    assert await roles(alice, group_id) == {alice.id: OWNER, bob.id: MEMBER}


async def test_every_member_has_the_group_in_their_list_at_once(alice: Person, bob: Person, group_id: str) -> None:
    for member in (alice, bob):
        assert [group.id for group in await groups_of(member)] == [group_id]


async def test_an_outsider_does_not_find_it(charlie: Person, group_id: str) -> None:
    assert await groups_of(charlie) == []
    with pytest.raises(NotFound):
        await selectors.get_group(actor=charlie.actor, group_id=group_id)


async def test_a_large_group_is_created_in_several_entries(alice: Person) -> None:
    people = [guest for _ in range(12) for guest in await asyncio.gather(*(person("Guest") for _ in range(10)))]
    group = await services.create_group(actor=alice.actor, name="All", member_ids=[p.id for p in people])
    assert len(await roles(alice, group.id)) == 121
    entries = await queries.entries_after(group.id, 0)
    assert [int(entry.seq) for entry in entries] == list(range(1, len(entries) + 1))
    assert len(entries) == 1 + 4


async def test_adding_someone_twice_changes_nothing(alice: Person, bob: Person, group_id: str) -> None:
    head = await selectors.get_head_position(group_id=group_id)
    assert await services.add_members(actor=alice.actor, group_id=group_id, user_ids=[bob.id]) == {}
    assert await selectors.get_head_position(group_id=group_id) == head


async def test_a_user_who_does_not_exist_cannot_be_added(alice: Person, group_id: str) -> None:
    with pytest.raises(Invalid) as refused:
        await services.add_members(actor=alice.actor, group_id=group_id, user_ids=["user_nobody"])
    assert "userIds" in (refused.value.fields or {})


async def test_a_member_may_not_manage_the_group(bob: Person, charlie: Person, alice: Person, group_id: str) -> None:
    with pytest.raises(Forbidden):
        await services.add_members(actor=bob.actor, group_id=group_id, user_ids=[charlie.id])
    with pytest.raises(Forbidden):
        await services.rename_group(actor=bob.actor, group_id=group_id, name="Bob's")
    with pytest.raises(Forbidden):
        await services.remove_member(actor=bob.actor, group_id=group_id, user_id=alice.id)
    with pytest.raises(Forbidden):
        await services.change_role(actor=bob.actor, group_id=group_id, user_id=bob.id, role=ADMIN)


async def test_an_admin_manages_members_but_not_the_owner(
    alice: Person, bob: Person, charlie: Person, group_id: str
) -> None:
    await services.change_role(actor=alice.actor, group_id=group_id, user_id=bob.id, role=ADMIN)
    await services.add_members(actor=bob.actor, group_id=group_id, user_ids=[charlie.id])
    await services.remove_member(actor=bob.actor, group_id=group_id, user_id=charlie.id)
    with pytest.raises(Forbidden):
        await services.remove_member(actor=bob.actor, group_id=group_id, user_id=alice.id)


async def test_the_owner_may_leave_after_making_someone_else_the_owner(
    alice: Person, bob: Person, group_id: str
) -> None:
    with pytest.raises(Forbidden):
        await services.leave_group(actor=alice.actor, group_id=group_id)
    await services.change_role(actor=alice.actor, group_id=group_id, user_id=bob.id, role=OWNER)
    assert await roles(bob, group_id) == {alice.id: ADMIN, bob.id: OWNER}
    await services.leave_group(actor=alice.actor, group_id=group_id)
    assert await roles(bob, group_id) == {bob.id: OWNER}
    assert await groups_of(alice) == []


async def test_every_change_is_an_entry_of_the_log_without_a_hole(alice: Person, bob: Person, group_id: str) -> None:
    await services.rename_group(actor=alice.actor, group_id=group_id, name="Port")
    await services.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
    entries = await queries.entries_after(group_id, 0)
    assert [(int(entry.seq), entry.kind) for entry in entries] == [
        (1, "member"),
        (2, "member"),
        (3, "group"),
        (4, "member"),
    ]
    assert entries[3].roles == {bob.id: None}


async def test_a_direct_conversation_is_created_once_for_both_users(alice: Person, bob: Person) -> None:
    first, second = await asyncio.gather(
        services.create_direct(actor=alice.actor, user_id=bob.id),
        services.create_direct(actor=bob.actor, user_id=alice.id),
    )
    assert first.id == second.id
    (summary,) = await groups_of(alice)
    assert (summary.kind, summary.name) == ("direct", bob.actor.name)


async def test_the_participants_of_a_direct_conversation_are_read_once(
    alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    await services.create_direct(actor=alice.actor, user_id=bob.id)
    listed = await groups_of(alice)
    monkeypatch.setattr(models, "list_members", None)
    assert await groups_of(alice) == listed


async def test_a_direct_conversation_cannot_be_changed(alice: Person, bob: Person, charlie: Person) -> None:
    direct = await services.create_direct(actor=alice.actor, user_id=bob.id)
    for attempt in (
        services.add_members(actor=alice.actor, group_id=direct.id, user_ids=[charlie.id]),
        services.rename_group(actor=alice.actor, group_id=direct.id, name="Us"),
        services.leave_group(actor=alice.actor, group_id=direct.id),
    ):
        with pytest.raises((Invalid, Forbidden)):
            await attempt


async def test_many_join_many_groups_at_once(alice: Person) -> None:
    """A user's own list is one row: adding them to ten groups at once must not lose one."""
    guest = await person("Guest")
    groups = await asyncio.gather(
        *(services.create_group(actor=alice.actor, name=f"G{n}", member_ids=[guest.id]) for n in range(10))
    )
    assert {g.id for g in await groups_of(guest)} == {g.id for g in groups}


async def test_a_role_that_another_process_has_given_counts_at_once(alice: Person, bob: Person, group_id: str) -> None:
    """The appender has bob's role in memory; the change bypasses it, as if another process had made it."""
    with pytest.raises(Forbidden):
        await services.rename_group(actor=bob.actor, group_id=group_id, name="Bob's")
    for role, attempt in (
        (ADMIN, services.rename_group(actor=bob.actor, group_id=group_id, name="Bob's")),
        (OWNER, services.remove_member(actor=bob.actor, group_id=group_id, user_id=alice.id)),
    ):
        appenders = dict(appender.get_appenders())
        appender.get_appenders().clear()
        await services.change_role(actor=alice.actor, group_id=group_id, user_id=bob.id, role=role)
        appender.get_appenders().clear()
        appender.get_appenders().update(appenders)
        await attempt
    assert await roles(bob, group_id) == {bob.id: OWNER}


class PublishedGroups:
    """Records the group of each publish of the hub; `arrived` is set by each."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.groups: list[str] = []
        self.arrived = asyncio.Event()
        hub = get_hub()
        self._publish = hub.publish
        monkeypatch.setattr(hub, "publish", self._record)

    def _record(self, name: str, changes: list[Change]) -> None:
        self.groups.append(name)
        self._publish(name, changes)
        self.arrived.set()


async def test_a_conversation_is_published_even_when_its_creator_hangs_up(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = PublishedGroups(monkeypatch)
    stored = asyncio.Event()
    store_group = services.store_group

    async def notifying(*new: Any) -> None:
        await store_group(*new)
        stored.set()
        await asyncio.sleep(0)

    monkeypatch.setattr(services.creating, "store_group", notifying)
    other = await person("Other")
    creating = asyncio.create_task(services.create_direct(actor=alice.actor, user_id=other.id))
    await stored.wait()
    creating.cancel()
    await asyncio.wait({creating})
    async with asyncio.timeout(10):
        while direct_id(alice.id, other.id) not in published.groups:
            published.arrived.clear()
            await published.arrived.wait()


async def test_a_group_is_created_once_when_the_store_does_not_respond(
    alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    published = PublishedGroups(monkeypatch)
    call = store.call

    async def losing_the_response(function: Any, *arguments: Any, **named: Any) -> Any:
        result = await call(function, *arguments, **named)
        if function.__name__ != "transact":
            return result
        monkeypatch.setattr(store, "call", call)
        raise store.OutcomeUnknown

    monkeypatch.setattr(store, "call", losing_the_response)
    group = await services.create_group(actor=alice.actor, name="Once", member_ids=[bob.id])
    assert await roles(alice, group.id) == {alice.id: OWNER, bob.id: MEMBER}
    assert set(published.groups) == {group.id}
    assert [listed.name for listed in await groups_of(alice)] == ["Once"]
