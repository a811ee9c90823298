"""A planned message is sent once when it is due, as if its author sent it then; or it is refused, and kept."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from dynamodb import store
from foundation.errors import Forbidden, Gone, Invalid, NotFound, RateLimited, Unavailable, VersionConflict
from groups import services as groups
from groups.blocking.services import block_user, unblock_user
from messaging.group_deletion import delete_group
from messaging.later import rows, sending, telling
from messaging.later.planning import cancel_scheduled, change_scheduled, schedule_message
from messaging.later.rows import SCHEDULED, When
from messaging.later.selectors import list_scheduled
from messaging.services import delete_message, send_message
from tests.cast import Person
from users import services as users
from workspace import services as workspace

from .conftest import contents, do, planned, soon, state

Told = list[tuple[str, str, dict[str, Any]]]


async def test_it_is_sent_once_and_its_author_is_told(alice: Person, bob: Person, group_id: str, told: Told) -> None:
    plan = await planned(bob, group_id, "good morning")
    told.clear()
    for _ in range(3):
        await do(plan)
    assert (await contents(alice, group_id)).count("good morning") == 1
    assert await state(plan) is None
    ((user_id, kind, change),) = [each for each in told if each[1] == SCHEDULED]
    assert (user_id, kind, change["change"]) == (bob.id, SCHEDULED, "done")
    assert change["messageId"].startswith(group_id)


async def test_a_process_that_dies_before_it_has_told_leaves_that_to_another(
    monkeypatch: pytest.MonkeyPatch, bob: Person, group_id: str, told: Told
) -> None:
    plan = await planned(bob, group_id, "told in the end")

    def die(*args: object, **more: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(telling, "tell", die)
        with pytest.raises(asyncio.CancelledError):
            await do(plan)
    # What is told has a revision: who reads from that on finds no message that is still to be sent.
    assert (await list_scheduled(actor=bob.actor))["scheduled"] == []
    with pytest.raises(Gone):
        await cancel_scheduled(actor=bob.actor, scheduled_id=plan.id)
    told.clear()
    await do(plan)
    ((_, _, change),) = [each for each in told if each[1] == SCHEDULED]
    assert (change["change"], change["messageId"].startswith(group_id)) == ("done", True)
    assert await state(plan) is None


@pytest.mark.parametrize("dies", ["before it is sent", "before it is marked"])
async def test_a_process_that_dies_leaves_it_to_another_which_sends_it_once(
    monkeypatch: pytest.MonkeyPatch, alice: Person, bob: Person, group_id: str, dies: str
) -> None:
    plan = await planned(bob, group_id, "once")
    place = (sending, "send_message") if dies == "before it is sent" else (rows, "mark_sent")

    async def die(*args: object, **kwargs: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(*place, die)
        with pytest.raises(asyncio.CancelledError):
            await do(plan)
    assert await state(plan) == rows.TAKEN
    with pytest.raises(Gone):
        await cancel_scheduled(actor=bob.actor, scheduled_id=plan.id)
    with pytest.raises(Gone):
        await change_scheduled(actor=bob.actor, scheduled_id=plan.id, content="too late")
    await asyncio.gather(do(plan), do(plan), return_exceptions=True)
    await do(plan)
    assert (await contents(alice, group_id)).count("once") == 1
    assert await state(plan) is None


async def test_what_was_sent_is_not_refused_when_its_author_was_removed_before_it_was_marked(
    monkeypatch: pytest.MonkeyPatch, alice: Person, bob: Person, group_id: str, told: Told
) -> None:
    plan = await planned(bob, group_id, "just in time")

    async def die(*args: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(rows, "mark_sent", die)
        with pytest.raises(asyncio.CancelledError):
            await do(plan)
    await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
    await do(plan)
    assert [change["change"] for _, kind, change in told if kind == SCHEDULED][-1] == "done"
    assert (await contents(alice, group_id)).count("just in time") == 1


async def test_two_processes_at_the_same_time_send_it_once(alice: Person, bob: Person, group_id: str) -> None:
    for number in range(5):
        plan = await planned(bob, group_id, f"number {number}")
        results = await asyncio.gather(*(do(plan) for _ in range(3)), return_exceptions=True)
        assert {type(each) for each in results if each} <= {Unavailable}
        await do(plan)
        assert (await contents(alice, group_id)).count(f"number {number}") == 1


async def test_cancelling_races_with_sending_and_one_of_both_wins(alice: Person, bob: Person, group_id: str) -> None:
    for number in range(8):
        plan = await planned(bob, group_id, f"race {number}")
        _, cancelled = await asyncio.gather(
            do(plan), cancel_scheduled(actor=bob.actor, scheduled_id=plan.id), return_exceptions=True
        )
        if isinstance(cancelled, Gone | NotFound):
            await do(plan)
        else:
            assert isinstance(cancelled, dict), cancelled
        sent = (await contents(alice, group_id)).count(f"race {number}")
        assert sent == int(isinstance(cancelled, Exception)), cancelled


async def test_moving_it_leaves_nothing_at_the_former_time(alice: Person, bob: Person, group_id: str) -> None:
    plan = await planned(bob, group_id, "moved")
    later = datetime.now(UTC) + timedelta(days=3)
    answer = await change_scheduled(actor=bob.actor, scheduled_id=plan.id, at=later, content="moved and better")
    assert answer["scheduled"]["version"] == plan.version + 1
    await do(plan)
    assert "moved" not in await contents(alice, group_id)
    (listed,) = (await list_scheduled(actor=bob.actor))["scheduled"]
    assert (listed["content"], listed["state"]) == ("moved and better", "waiting")
    with pytest.raises(VersionConflict):
        await change_scheduled(actor=bob.actor, scheduled_id=plan.id, content="x", if_version=plan.version)


@pytest.mark.parametrize("reason", ["removed", "left", "archived", "only the owner posts", "deactivated", "no group"])
async def test_who_may_no_longer_send_there_gets_it_refused_with_the_reason(
    alice: Person, bob: Person, owner: Person, told: Told, reason: str
) -> None:
    group_id = (await groups.create_group(actor=alice.actor, name="Quay", member_ids=[bob.id])).id
    plan = await planned(bob, group_id, "not any more")
    codes = {"archived": "forbidden", "only the owner posts": "forbidden", "deactivated": "deactivated"}
    match reason:
        case "removed":
            await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
        case "left":
            await groups.leave_group(actor=bob.actor, group_id=group_id)
        case "archived":
            await groups.change_group(actor=alice.actor, group_id=group_id, archived=True)
        case "only the owner posts":
            await groups.change_group(actor=alice.actor, group_id=group_id, policy={"post": "owner"})
        case "deactivated":
            await workspace.deactivate(actor=owner.actor, user_id=bob.id)
        case "no group":
            await delete_group(actor=alice.actor, group_id=group_id)
    await do(plan)
    refused = await rows.find(bob.id, SCHEDULED, plan.id)
    assert refused
    assert (refused.state, refused.code) == (rows.REFUSED, codes.get(reason, "not_found"))
    assert refused.reason
    change = [change for user_id, kind, change in told if (user_id, kind) == (bob.id, SCHEDULED)][-1]
    assert (change["change"], change["scheduled"]["error"]["code"]) == ("refused", refused.code)
    await do(plan)
    if reason not in ("removed", "left", "deactivated", "no group"):
        assert "not any more" not in await contents(alice, group_id)


async def test_a_blocked_person_s_message_is_refused_and_can_be_sent_later(alice: Person, bob: Person) -> None:
    direct = await groups.create_direct(actor=bob.actor, user_id=alice.id)
    plan = await planned(bob, direct.id, "please")
    await block_user(actor=alice.actor, user_id=bob.id)
    await do(plan)
    assert await state(plan) == rows.REFUSED
    with pytest.raises(Invalid):
        await change_scheduled(actor=bob.actor, scheduled_id=plan.id, content="please!")
    await unblock_user(actor=alice.actor, user_id=bob.id)
    again = await change_scheduled(actor=bob.actor, scheduled_id=plan.id, at=soon())
    assert (again["scheduled"]["state"], "error" in again["scheduled"]) == ("waiting", False)
    await cancel_scheduled(actor=bob.actor, scheduled_id=plan.id)
    with pytest.raises(NotFound):
        await cancel_scheduled(actor=bob.actor, scheduled_id=plan.id)


async def test_a_reply_is_refused_when_its_thread_was_deleted(alice: Person, bob: Person, group_id: str) -> None:
    root = (await send_message(actor=alice.actor, group_id=group_id, content="root"))["message"]["id"]
    plan = await planned(bob, group_id, "a reply", parent_id=root)
    await delete_message(actor=alice.actor, message_id=root)
    await do(plan)
    refused = await rows.find(bob.id, SCHEDULED, plan.id)
    assert refused
    assert refused.code == "gone"


async def test_it_waits_while_its_author_has_sent_too_much(
    alice: Person, bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = await planned(bob, group_id, "patience")

    async def refuse(**message: object) -> None:
        raise RateLimited(retry_after=1)

    with monkeypatch.context() as patched:
        patched.setattr(sending, "send_message", refuse)
        with pytest.raises(RateLimited):
            await do(plan)
    await do(plan)
    assert (await contents(alice, group_id)).count("patience") == 1


async def test_there_are_so_many_at_most_also_from_many_devices_at_once(
    bob: Person, group_id: str, settings: Settings
) -> None:
    settings.MAX_SCHEDULED = 3
    tries = (schedule_message(actor=bob.actor, group_id=group_id, content="x", at=soon()) for _ in range(8))
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(each) for each in results].count(dict) == 3
    assert {type(each) for each in results} == {dict, Invalid}
    assert len((await list_scheduled(actor=bob.actor))["scheduled"]) == 3


async def test_nobody_else_sees_changes_or_cancels_it(alice: Person, bob: Person, group_id: str) -> None:
    plan = await planned(bob, group_id)
    assert (await list_scheduled(actor=alice.actor))["scheduled"] == []
    with pytest.raises(NotFound):
        await change_scheduled(actor=alice.actor, scheduled_id=plan.id, content="mine")
    with pytest.raises(NotFound):
        await cancel_scheduled(actor=alice.actor, scheduled_id=plan.id)


async def test_where_one_may_not_post_nothing_is_planned(
    alice: Person, bob: Person, charlie: Person, group_id: str
) -> None:
    with pytest.raises(NotFound):
        await schedule_message(actor=charlie.actor, group_id=group_id, content="x", at=soon())
    await groups.change_group(actor=alice.actor, group_id=group_id, policy={"post": "owner"})
    with pytest.raises(Forbidden):
        await schedule_message(actor=bob.actor, group_id=group_id, content="x", at=soon())


async def test_a_zone_whose_rules_have_changed_moves_it(
    bob: Person, alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).replace(tzinfo=None, microsecond=0)
    await users.update_profile(actor=bob.actor, time_zone="UTC")
    wire = await schedule_message(actor=bob.actor, group_id=group_id, content="at nine", at=tomorrow)
    plan = await rows.find(bob.id, SCHEDULED, wire["scheduled"]["id"])
    assert plan
    assert plan.when.wall
    # Its moment was worked out an hour too early, by other rules.
    early = await rows.change(plan, replace(plan, when=When(plan.when.at - 3600_000, plan.when.wall)))
    await do(early)
    moved = await rows.find(bob.id, SCHEDULED, plan.id)
    assert moved
    assert moved.when == plan.when
    assert "at nine" not in await contents(alice, group_id)


async def test_the_store_s_failure_is_tried_again(
    bob: Person, alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = await planned(bob, group_id, "in spite of it")

    async def conflict(*args: object, **kwargs: object) -> None:
        raise store.Conflict

    with monkeypatch.context() as patched:
        patched.setattr(rows, "take", conflict)
        with pytest.raises(Unavailable):
            await do(plan)
    await do(plan)
    assert "in spite of it" in await contents(alice, group_id)
