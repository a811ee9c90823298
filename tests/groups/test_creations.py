"""A group is created once under a clientId, with all of its members, however often the creation fails half-way."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from dynamodb import store
from foundation import finishing, tasks
from foundation.errors import IdempotencyConflict, NotFound, Unavailable
from groups import models, selectors, services
from groups.log import appender
from groups.models import MEMBER, OWNER, Group
from tests.cast import Person
from users import profiles as users

MANY = 120


@pytest.fixture
async def guests() -> list[str]:
    """The ids of so many users that adding them takes several writes."""
    base = uuid4().hex
    created = [users.create_if_absent(f"user_{base}_{number:03d}", name=f"Guest {number}") for number in range(MANY)]
    return [user.id for user in await asyncio.gather(*created)]


@pytest.fixture(autouse=True)
def _no_finishing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only the test of it finishes anything in the background."""
    monkeypatch.setattr(finishing, "_ATTEMPTS", 0)


async def create(person: Person, client_id: str | None, member_ids: list[str], name: str = "Harbour") -> Group:
    return await services.create_group(actor=person.actor, name=name, member_ids=member_ids, client_id=client_id)


async def member_ids(group_id: str) -> list[str]:
    return [member.user_id for member in await models.list_members(group_id)]


async def groups_of(person: Person) -> list[str]:
    return sorted(await selectors.list_group_ids(user_id=person.id))


class FailingAppends:
    """Lets appends fail once some have succeeded, with the store away."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.allowed = 0
        self._append = appender.append
        for module in (services.creating, services.members):
            monkeypatch.setattr(module, "append", self._fail)

    async def _fail(self, group_id: str, proposal: Any) -> Any:
        if not self.allowed:
            raise Unavailable
        self.allowed -= 1
        return await self._append(group_id, proposal)


async def test_created_again_it_is_the_same_group(alice: Person, bob: Person) -> None:
    first = await create(alice, "c", [bob.id])
    head = await selectors.get_head_position(group_id=first.id)
    assert await create(alice, "c", [bob.id, alice.id, bob.id]) == first
    assert await selectors.get_head_position(group_id=first.id) == head
    assert await groups_of(alice) == [first.id]


async def test_without_a_client_id_it_is_another_group(alice: Person, bob: Person) -> None:
    assert await create(alice, None, [bob.id]) != await create(alice, None, [bob.id])


async def test_the_client_id_of_someone_else_is_another_group(alice: Person, bob: Person) -> None:
    assert (await create(alice, "c", [])).id != (await create(bob, "c", [])).id


@pytest.mark.parametrize("allowed", [0, 1, 2])
async def test_a_creation_that_failed_half_way_is_finished_by_the_next_try(
    alice: Person, guests: list[str], monkeypatch: pytest.MonkeyPatch, allowed: int
) -> None:
    appends = FailingAppends(monkeypatch)
    appends.allowed = allowed
    with pytest.raises(Unavailable):
        await create(alice, "c", guests)
    (group_id,) = await groups_of(alice)
    assert len(await member_ids(group_id)) < MANY + 1
    appends.allowed = 99
    assert (await create(alice, "c", guests)).id == group_id
    assert await member_ids(group_id) == sorted([*guests, alice.id])
    assert await groups_of(alice) == [group_id]


async def test_someone_who_has_left_meanwhile_is_not_brought_back(
    alice: Person, bob: Person, guests: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    appends = FailingAppends(monkeypatch)
    appends.allowed = 1
    with pytest.raises(Unavailable):
        await create(alice, "c", [bob.id, *guests])
    (group_id,) = await groups_of(alice)
    appends.allowed = 99
    await services.leave_group(actor=bob.actor, group_id=group_id)
    for _ in range(2):
        await create(alice, "c", [bob.id, *guests])
    assert await member_ids(group_id) == sorted([*guests, alice.id])


async def test_someone_added_by_hand_meanwhile_and_removed_is_not_brought_back(
    alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    appends = FailingAppends(monkeypatch)
    with pytest.raises(Unavailable):
        await create(alice, "c", [bob.id])
    (group_id,) = await groups_of(alice)
    appends.allowed = 99
    await services.add_members(actor=alice.actor, group_id=group_id, user_ids=[bob.id])
    await create(alice, "c", [bob.id])
    await services.leave_group(actor=bob.actor, group_id=group_id)
    await create(alice, "c", [bob.id])
    assert await member_ids(group_id) == [alice.id]


async def test_a_creation_is_finished_although_someone_pending_was_added_by_hand_and_has_left(
    alice: Person, bob: Person, charlie: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    appends = FailingAppends(monkeypatch)
    with pytest.raises(Unavailable):
        await create(alice, "c", [bob.id, charlie.id])
    (group_id,) = await groups_of(alice)
    appends.allowed = 99
    await services.add_members(actor=alice.actor, group_id=group_id, user_ids=[bob.id])
    await services.leave_group(actor=bob.actor, group_id=group_id)
    await create(alice, "c", [bob.id, charlie.id])
    assert await member_ids(group_id) == sorted([alice.id, charlie.id])


async def test_tries_at_the_same_time_make_one_group(alice: Person, guests: list[str]) -> None:
    created = await asyncio.gather(*(create(alice, "c", guests) for _ in range(5)))
    assert len({group.id for group in created}) == 1
    assert await member_ids(created[0].id) == sorted([*guests, alice.id])
    assert await groups_of(alice) == [created[0].id]


@pytest.mark.parametrize("change", [{"name": "Port"}, {"member_ids": []}])
async def test_another_group_under_the_same_client_id_is_refused(
    alice: Person, bob: Person, change: dict[str, Any]
) -> None:
    first = await create(alice, "c", [bob.id])
    with pytest.raises(IdempotencyConflict):
        await create(alice, "c", **({"member_ids": [bob.id]} | change))
    assert await groups_of(alice) == [first.id]


async def test_a_group_that_was_renamed_since_is_returned_as_it_is_now(alice: Person) -> None:
    first = await create(alice, "c", [])
    renamed = await services.rename_group(actor=alice.actor, group_id=first.id, name="Port")
    assert await create(alice, "c", []) == renamed


async def test_a_creator_who_has_left_gets_nothing_of_it(alice: Person, bob: Person) -> None:
    first = await create(alice, "c", [bob.id])
    await services.change_role(actor=alice.actor, group_id=first.id, user_id=bob.id, role=OWNER)
    await services.leave_group(actor=alice.actor, group_id=first.id)
    with pytest.raises(NotFound):
        await create(alice, "c", [bob.id])
    assert await member_ids(first.id) == [bob.id]


async def test_a_creation_whose_response_is_lost_is_found_by_the_next_try(
    alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = store.call

    async def losing_responses(function: Any, *arguments: Any, **named: Any) -> Any:
        result = await call(function, *arguments, **named)
        if function.__name__ == "transact":
            monkeypatch.setattr(store, "call", without_responses)
            raise store.OutcomeUnknown
        return result

    async def without_responses(*arguments: Any, **named: Any) -> Any:
        raise store.OutcomeUnknown

    monkeypatch.setattr(store, "call", losing_responses)
    with pytest.raises(Unavailable):
        await create(alice, "c", [bob.id])
    monkeypatch.setattr(store, "call", call)
    group = await create(alice, "c", [bob.id])
    assert await groups_of(alice) == [group.id]
    assert await member_ids(group.id) == sorted([alice.id, bob.id])


async def test_a_direct_conversation_whose_response_is_lost_is_found_by_the_next_try(
    alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_group = services.store_group

    async def losing_the_response(*new: Any) -> None:
        await store_group(*new)
        monkeypatch.setattr(services.creating, "store_group", store_group)
        raise store.OutcomeUnknown

    monkeypatch.setattr(services.creating, "store_group", losing_the_response)
    with pytest.raises(Unavailable):
        await services.create_direct(actor=alice.actor, user_id=bob.id)
    direct = await services.create_direct(actor=alice.actor, user_id=bob.id)
    assert await groups_of(alice) == await groups_of(bob) == [direct.id]


async def test_a_creation_is_finished_even_if_nobody_tries_again(
    alice: Person, guests: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finishing, "_ATTEMPTS", 3)
    monkeypatch.setattr(finishing, "_BASE", 0)
    appends = FailingAppends(monkeypatch)
    appends.allowed = 1
    before = set(tasks._running)
    with pytest.raises(Unavailable):
        await create(alice, None, guests)
    appends.allowed = 99
    await asyncio.wait(tasks._running - before)
    (group_id,) = await groups_of(alice)
    assert await member_ids(group_id) == sorted([*guests, alice.id])


async def test_adding_many_that_failed_half_way_is_finished_by_the_same_call(
    alice: Person, guests: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    group = await create(alice, None, [])
    appends = FailingAppends(monkeypatch)
    appends.allowed = 1
    with pytest.raises(Unavailable):
        await services.add_members(actor=alice.actor, group_id=group.id, user_ids=guests)
    there = await member_ids(group.id)
    appends.allowed = 99
    added = await services.add_members(actor=alice.actor, group_id=group.id, user_ids=guests)
    assert added == dict.fromkeys(sorted(set(guests) - set(there)), MEMBER)
    assert await member_ids(group.id) == sorted([*guests, alice.id])
