"""Roles, guests and settings cost no read of the store where nobody is a guest, and few where somebody is."""

from typing import Any

import pytest

from dynamodb import store
from groups import services as groups
from messaging.naming import find_permitted_mentions
from tests.cast import Person, person
from users import selectors as users
from users.roles import ADMIN, GUEST, MEMBER, ROLES
from users.services import sign_in
from users.sight import seen_among
from workspace import policies
from workspace.settings import DEFAULTS

from .cast import person_of


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The calls of the store, which are made all the same."""
    calls: list[Any] = []
    call = store.call

    async def counting(*args: Any, **more: Any) -> Any:
        calls.append(args)
        return await call(*args, **more)

    monkeypatch.setattr(store, "call", counting)
    return calls


@pytest.mark.parametrize("role", ROLES)
async def test_a_role_is_known_without_a_read(reads: list[Any], role: str) -> None:
    somebody = await person_of(role)
    await policies.get_current()
    reads.clear()
    actor = await sign_in(token=somebody.token)
    assert actor.role == role
    for act in DEFAULTS:
        await policies.may(actor, act)
    assert not await find_permitted_mentions(actor, "nobody is named")
    assert reads == []


@pytest.mark.parametrize("role", [MEMBER, ADMIN])
async def test_whoever_is_no_guest_is_compared_with_nobody(reads: list[Any], role: str, alice: Person) -> None:
    somebody = await person_of(role)
    reads.clear()
    assert await seen_among(somebody.actor, [alice.id, "user_nobody"]) == {alice.id, "user_nobody"}
    assert reads == []


async def test_whom_a_guest_sees_is_one_read_for_a_hundred_people(reads: list[Any], alice: Person) -> None:
    guest = await person_of(GUEST)
    group = await groups.create_group(actor=alice.actor, name="Ours", member_ids=[guest.id])
    reads.clear()
    ids = [alice.id, *(f"user_{number}" for number in range(98))]
    assert await seen_among(guest.actor, ids) == {alice.id}
    # The store's own batches: a request each.
    assert len(reads) <= 2
    more = [(await person("Sam")).id for _ in range(3)]
    await groups.add_members(actor=alice.actor, group_id=group.id, user_ids=more)
    reads.clear()
    assert len((await users.find_users(actor=guest.actor, limit=100)).users) == 5
    assert len(reads) <= 3
