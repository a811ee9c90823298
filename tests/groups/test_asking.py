"""Whom a group has asked: counted for who is asked, listed for who manages the group, and taken back by them."""

import asyncio
import itertools
from typing import Any

import pytest

from dynamodb import store
from foundation import tasks
from foundation.cursors import decode_cursor
from foundation.errors import Forbidden, NotFound, Unavailable
from groups import asked, asking
from groups import services as groups
from groups.asked import MustBeAsked, list_asked
from groups.blocking.services import block_user
from groups.invitations import selectors, services
from groups.rows import GroupRow
from messaging.group_deletion import delete_group
from tests.cast import Person, person
from users.events import UserUpdated
from users.privacy import set_addable_by
from users.updates import UserUpdates


async def ask(by: Person, group_id: str, *people: Person) -> None:
    with pytest.raises(MustBeAsked):
        await groups.add_members(actor=by.actor, group_id=group_id, user_ids=[each.id for each in people])


async def asked_by(manager: Person, group_id: str, **options: Any) -> list[str]:
    page = await selectors.list_asked(actor=manager.actor, group_id=group_id, **options)
    return [each["userId"] for each in page["asked"]]


@pytest.fixture
async def shy() -> list[Person]:
    """People who let nobody add them, in the order of their ids."""
    people = [await person(name) for name in ("Sam", "Sid", "Sue")]
    for each in people:
        await set_addable_by(actor=each.actor, addable_by="nobody")
    return sorted(people, key=lambda each: each.id)


async def test_managers_see_whom_the_group_asks_in_pages(alice: Person, shy: list[Person], group_id: str) -> None:
    await ask(alice, group_id, *shy)
    assert await asked_by(alice, group_id) == [each.id for each in shy]
    page = await selectors.list_asked(actor=alice.actor, group_id=group_id, limit=2)
    assert {each["askedBy"] for each in page["asked"]} == {alice.id}
    cursor = decode_cursor(page["nextCursor"], 1)
    assert await asked_by(alice, group_id, limit=2, cursor=cursor) == [shy[2].id]


async def test_who_joins_declines_or_is_added_is_not_listed(alice: Person, shy: list[Person], group_id: str) -> None:
    await ask(alice, group_id, *shy)
    await groups.rejoin_group(actor=shy[0].actor, group_id=group_id)
    await services.decline_invitation(actor=shy[1].actor, group_id=group_id)
    await set_addable_by(actor=shy[2].actor, addable_by="everyone")
    await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[shy[2].id])
    assert await asked_by(alice, group_id) == []
    rows = await store.call(lambda: list(GroupRow.query(group_id, GroupRow.item.startswith("asking#"))))
    assert rows == []


async def test_what_is_taken_back_is_gone_for_who_was_asked_and_told_them(
    alice: Person, shy: list[Person], group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ask(alice, group_id, *shy[:2])
    told: list[Any] = []
    monkeypatch.setattr(UserUpdates, "tell", lambda _, *arguments: told.append(arguments))
    await services.withdraw_invitation(actor=alice.actor, group_id=group_id, user_id=shy[0].id)
    assert told == [(shy[0].id, UserUpdated.INVITATION, {"groupId": group_id, "asked": False})]
    assert await asked_by(alice, group_id) == [shy[1].id]
    assert await selectors.count_invitations(actor=shy[0].actor) == 0
    with pytest.raises(NotFound):
        await groups.rejoin_group(actor=shy[0].actor, group_id=group_id)
    with pytest.raises(NotFound):
        await services.withdraw_invitation(actor=alice.actor, group_id=group_id, user_id=shy[0].id)
    # They may be asked again.
    await ask(alice, group_id, shy[0])
    assert await selectors.count_invitations(actor=shy[0].actor) == 1


async def test_it_is_for_managers(
    alice: Person, bob: Person, charlie: Person, shy: list[Person], group_id: str
) -> None:
    await ask(alice, group_id, shy[0])
    for somebody, refused in ((bob, Forbidden), (charlie, NotFound), (shy[0], NotFound)):
        with pytest.raises(refused):
            await selectors.list_asked(actor=somebody.actor, group_id=group_id)
        with pytest.raises(refused):
            await services.withdraw_invitation(actor=somebody.actor, group_id=group_id, user_id=shy[0].id)
    await groups.change_role(actor=alice.actor, group_id=group_id, user_id=bob.id, role="admin")
    assert await asked_by(bob, group_id) == [shy[0].id]


async def test_the_list_does_not_tell_who_has_blocked_whom(alice: Person, shy: list[Person], group_id: str) -> None:
    await block_user(actor=shy[0].actor, user_id=alice.id)
    await ask(alice, group_id, *shy[:2])
    assert await asked_by(alice, group_id) == [each.id for each in shy[:2]]
    assert await list_asked(shy[0].id) == []
    for each in shy[:2]:
        await services.withdraw_invitation(actor=alice.actor, group_id=group_id, user_id=each.id)
    assert await asked_by(alice, group_id) == []


async def test_nor_do_its_times(
    alice: Person, shy: list[Person], group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = (f"2026-01-01T00:00:00.{tick:03}Z" for tick in itertools.count())
    for module in (asked, asking):
        monkeypatch.setattr(module, "now", lambda: next(ticks), raising=False)
    await block_user(actor=shy[1].actor, user_id=alice.id)
    await ask(alice, group_id, *shy)
    page = await selectors.list_asked(actor=alice.actor, group_id=group_id)
    assert len(page["asked"]) == 3
    assert len({each["askedAt"] for each in page["asked"]}) == 1


async def test_nor_does_a_failure(
    alice: Person, shy: list[Person], group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await block_user(actor=shy[0].actor, user_id=alice.id)

    async def fail(*_: Any) -> None:
        raise Unavailable

    monkeypatch.setattr(asked, "_ask", fail)
    with pytest.raises(Unavailable):
        await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[each.id for each in shy[:2]])
    assert await asked_by(alice, group_id) == [shy[0].id]


async def test_invitations_are_counted(alice: Person, shy: list[Person]) -> None:
    made = [await groups.create_group(actor=alice.actor, name="Quay") for _ in range(3)]
    for number, group in enumerate(made, 1):
        await ask(alice, group.id, shy[0])
        assert await selectors.count_invitations(actor=shy[0].actor) == number
    await groups.rejoin_group(actor=shy[0].actor, group_id=made[0].id)
    await services.decline_invitation(actor=shy[0].actor, group_id=made[1].id)
    assert await selectors.count_invitations(actor=shy[0].actor) == 1


async def test_of_a_deleted_group_nobody_keeps_that_they_were_asked(alice: Person, shy: list[Person]) -> None:
    group = await groups.create_group(actor=alice.actor, name="Quay")
    await ask(alice, group.id, shy[0])
    await delete_group(actor=alice.actor, group_id=group.id)
    await asyncio.gather(*tasks._running)
    assert await list_asked(shy[0].id) == []
