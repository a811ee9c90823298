"""A reminder arrives in the inbox once; one of a message that may not be read any more ends quietly."""

import asyncio
from typing import Any

import pytest
from pytest_django import Settings

from foundation.errors import Gone, Invalid, NotFound, Unavailable
from groups import services as groups
from messaging.group_deletion import delete_group
from messaging.inbox.selectors import count_unread, list_inbox
from messaging.inbox.services import read_items
from messaging.later import arriving, telling
from messaging.later.reminding import cancel_reminder, remind
from messaging.later.rows import REMINDER
from messaging.later.selectors import list_reminders
from messaging.services import delete_message, send_message
from tests.cast import Person

from .conftest import do, reminded, soon, state

Told = list[tuple[str, str, dict[str, Any]]]


async def send(person: Person, group_id: str, content: str = "remember the milk") -> str:
    return str((await send_message(actor=person.actor, group_id=group_id, content=content))["message"]["id"])


async def items(person: Person) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await list_inbox(actor=person.actor))["items"]
    return found


async def test_it_arrives_in_the_inbox_once_and_is_read_there(
    alice: Person, bob: Person, group_id: str, told: Told
) -> None:
    message_id = await send(alice, group_id)
    plan = await reminded(bob, message_id)
    told.clear()
    for _ in range(3):
        await do(plan)
    (item,) = await items(bob)
    assert (item["kind"], item["unread"], item["userId"]) == ("reminder", True, bob.id)
    assert (item["message"]["id"], item["message"]["content"]) == (message_id, "remember the milk")
    assert [(kind, change["change"]) for _, kind, change in told] == [("inbox", "added"), (REMINDER, "done")]
    assert told[0][2]["itemIds"] == [item["id"]]
    assert await state(plan) is None
    assert (await read_items(actor=bob.actor, item_ids=[item["id"]]))["unread"] == 0
    await do(plan)
    assert await count_unread(actor=bob.actor) == 0
    assert await items(alice) == []


async def test_a_second_one_of_the_same_message_arrives_anew(alice: Person, bob: Person, group_id: str) -> None:
    message_id = await send(alice, group_id)
    first = await reminded(bob, message_id)
    second = await reminded(bob, message_id)
    await do(second)
    await read_items(actor=bob.actor, item_ids=None)
    await do(first)  # late
    assert await count_unread(actor=bob.actor) == 0
    third = await reminded(bob, message_id)
    await do(third)
    assert await count_unread(actor=bob.actor) == 1
    assert len(await items(bob)) == 1
    assert [await state(plan) for plan in (first, second, third)] == [None, None, None]


async def test_a_process_that_dies_before_it_has_told_leaves_that_to_another(
    alice: Person, bob: Person, group_id: str, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = await reminded(bob, await send(alice, group_id))

    def die(*args: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(arriving, "tell_inbox", die)
        with pytest.raises(asyncio.CancelledError):
            await do(plan)
    with pytest.raises(Gone):
        await cancel_reminder(actor=bob.actor, reminder_id=plan.id)
    told.clear()
    await do(plan)
    assert [kind for _, kind, _ in told] == ["inbox", REMINDER]
    assert len(await items(bob)) == 1


async def test_cancelling_races_with_its_arrival_and_one_of_both_wins(
    alice: Person, bob: Person, group_id: str
) -> None:
    for number in range(6):
        message_id = await send(alice, group_id, f"race {number}")
        plan = await reminded(bob, message_id)
        _, cancelled = await asyncio.gather(
            do(plan), cancel_reminder(actor=bob.actor, reminder_id=plan.id), return_exceptions=True
        )
        if isinstance(cancelled, Exception):
            assert isinstance(cancelled, Gone | NotFound | Unavailable), cancelled
            await do(plan)
        arrived = message_id in [item["message"]["id"] for item in await items(bob)]
        still_planned = await state(plan) is not None
        assert not still_planned
        assert arrived == isinstance(cancelled, Exception)


async def test_a_process_that_dies_before_it_has_said_that_it_is_done_leaves_that_to_another(
    bob: Person, group_id: str, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = await reminded(bob, await send(bob, group_id))

    def die(*args: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(telling, "tell", die)
        with pytest.raises(asyncio.CancelledError):
            await do(plan)
    assert (await list_reminders(actor=bob.actor))["reminders"] == []
    told.clear()
    await do(plan)
    assert [change["change"] for _, kind, change in told if kind == REMINDER] == ["done"]
    assert await state(plan) is None


@pytest.mark.parametrize("reason", ["removed", "deleted", "group deleted"])
async def test_what_may_not_be_read_any_more_ends_quietly(
    alice: Person, bob: Person, group_id: str, reason: str
) -> None:
    message_id = await send(alice, group_id)
    plan = await reminded(bob, message_id)
    await remind(actor=bob.actor, message_id=message_id, at=soon())
    match reason:
        case "removed":
            await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
        case "deleted":
            await delete_message(actor=alice.actor, message_id=message_id)
        case _:
            await delete_group(actor=alice.actor, group_id=group_id)
    await do(plan)
    assert await state(plan) is None
    assert await items(bob) == []
    for each in (await list_reminders(actor=bob.actor))["reminders"]:
        assert each.get("message", {}).get("content", "") == ""


async def test_an_arrived_one_counts_no_more_when_its_message_is_deleted_or_one_has_left(
    alice: Person, bob: Person, group_id: str
) -> None:
    first, second = [await send(alice, group_id, content) for content in ("one", "two")]
    for message_id in (first, second):
        await do(await reminded(bob, message_id))
    assert await count_unread(actor=bob.actor) == 2
    await delete_message(actor=alice.actor, message_id=first)
    assert await count_unread(actor=bob.actor) == 1
    assert [item["message"]["id"] for item in await items(bob)] == [second]
    await groups.leave_group(actor=bob.actor, group_id=group_id)
    assert (await count_unread(actor=bob.actor), await items(bob)) == (0, [])


async def test_outsiders_and_others_cannot_plan_see_or_cancel_it(
    alice: Person, bob: Person, charlie: Person, group_id: str
) -> None:
    message_id = await send(alice, group_id)
    with pytest.raises(NotFound):
        await remind(actor=charlie.actor, message_id=message_id, when="1_hour")
    plan = await reminded(bob, message_id)
    assert (await list_reminders(actor=alice.actor))["reminders"] == []
    with pytest.raises(NotFound):
        await cancel_reminder(actor=alice.actor, reminder_id=plan.id)
    await delete_message(actor=alice.actor, message_id=message_id)
    with pytest.raises(Gone):
        await remind(actor=alice.actor, message_id=message_id, when="1_hour")


async def test_there_are_so_many_at_most(alice: Person, bob: Person, group_id: str, settings: Settings) -> None:
    settings.MAX_REMINDERS = 2
    message_id = await send(alice, group_id)
    tries = (remind(actor=bob.actor, message_id=message_id, when="1_hour") for _ in range(5))
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sorted(type(each).__name__ for each in results) == ["Invalid"] * 3 + ["dict"] * 2
    reminders = (await list_reminders(actor=bob.actor))["reminders"]
    await cancel_reminder(actor=bob.actor, reminder_id=reminders[0]["id"])
    await remind(actor=bob.actor, message_id=message_id, when="3_hours")
    with pytest.raises(Invalid):
        await remind(actor=bob.actor, message_id=message_id, when="20_minutes")
