"""Who has wanted to be reminded is told when the time comes, once, whatever they have set of the group."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bench.notifications.push_service import PushService
from groups import services as groups
from messaging.inbox.services import read_items
from messaging.later import arriving
from messaging.services import delete_message, mark_read
from notifications import decisions, outbox
from notifications.closing import closer
from notifications.preferences.services import change_settings
from notifications.rules import QuietTime
from notifications.selectors import explain
from notifications.sending import sender
from presence import selectors as presence
from tests.cast import Person
from tests.messaging.following import name, say
from tests.messaging.later.conftest import do, reminded
from tests.workspace.cast import the_owner
from users.updates import user_updates
from workspace.services import deactivate

from .telling import device, follow, set_own


async def _come(who: Person, message: str, *, times: int = 1) -> None:
    """Have a reminder of a message come, and send what is to be sent."""
    plan = await reminded(who, message)
    for _ in range(times):
        await do(plan)
    await sender().wait()


async def _send_what_is_due() -> None:
    for shard in range(outbox.SHARDS):
        await sender().send_due(shard)
    await sender().wait()


async def _why(who: Person, message: str) -> dict[str, Any]:
    explanation: dict[str, Any] = (await explain(actor=who.actor, message_id=message))["reminder"]
    return explanation


def _seq(message: str) -> int:
    return int(message.rpartition(".")[2])


async def test_a_reminder_is_pushed_once(alice: Person, bob: Person, group_id: str, service: PushService) -> None:
    his = await device(service, bob)
    message = await say(alice, group_id, "remember the milk")
    await mark_read(actor=bob.actor, group_id=group_id, seq=_seq(message))
    await _come(bob, message, times=3)
    (push,) = service.to(his)
    assert push["title"].startswith(f"Reminder: {alice.actor.name}")
    assert (push["body"], push["messageId"]) == ("remember the milk", message)
    assert push["tag"] == f"reminder.{message}"
    why = await _why(bob, message)
    assert (why["told"], why["reason"]) == (True, "told")
    assert why["decidedAt"] <= why["sentAt"]
    assert "reminder" not in await explain(actor=alice.actor, message_id=message)


async def test_it_is_told_beside_the_message_and_again_for_another_reminder(
    alice: Person, bob: Person, group_id: str, service: PushService
) -> None:
    his = await device(service, bob)
    message = await say(alice, group_id, name(bob))
    await follow(group_id)
    await _come(bob, message)
    await _come(bob, message)
    assert [each["tag"] for each in service.to(his)] == [group_id, *[f"reminder.{message}"] * 2]
    topics = [each.headers["topic"] for each in service.received]
    assert len(set(topics)) == 3
    found = await explain(actor=bob.actor, message_id=message)
    assert (found["cause"], found["reminder"]["told"]) == ("named", True)


async def test_neither_mute_nor_level_keep_it_away(
    alice: Person, bob: Person, group_id: str, service: PushService
) -> None:
    his = await device(service, bob)
    own = await say(bob, group_id, "my own words")
    await set_own(bob, group_id, level="nothing", muted=True)
    await _come(bob, own)
    assert [each["messageId"] for each in service.to(his)] == [own]


async def test_in_quiet_time_it_is_put_off_to_its_end(
    alice: Person, bob: Person, group_id: str, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    his = await device(service, bob)
    message = await say(alice, group_id, "ahoy")
    present = datetime.now(UTC)
    begin, end = (present + timedelta(hours=hours) for hours in (-2, 2))
    await change_settings(actor=bob.actor, quiet=QuietTime(begin.strftime("%H:%M"), end.strftime("%H:%M")))
    await _come(bob, message)
    await _send_what_is_due()
    assert service.to(his) == []
    assert (await _why(bob, message))["reason"] == "quiet"
    # The time has come, but they have set another one meanwhile.
    monkeypatch.setattr(outbox, "now", lambda: outbox.later(3 * 3600))
    await _send_what_is_due()
    assert service.to(his) == []
    await change_settings(actor=bob.actor, is_never_quiet=True)
    await _send_what_is_due()
    await _send_what_is_due()
    assert [each["messageId"] for each in service.to(his)] == [message]
    assert (await _why(bob, message))["reason"] == "told"


async def test_who_is_active_or_has_no_device_is_not_pushed_to(
    alice: Person, bob: Person, group_id: str, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = await say(alice, group_id, "ahoy")
    await _come(bob, message)
    assert (await _why(bob, message))["reason"] == "no_device"
    his = await device(service, bob)

    async def online(*, user_ids: Any) -> dict[str, str]:
        return dict.fromkeys(user_ids, "online")

    monkeypatch.setattr(presence, "statuses_of", online)
    await _come(bob, message)
    assert (service.to(his), (await _why(bob, message))["reason"]) == ([], "active")


async def test_a_process_that_dies_before_it_has_decided_or_sent_leaves_that_to_another(
    alice: Person, bob: Person, group_id: str, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    his = await device(service, bob)
    message = await say(alice, group_id, "ahoy")
    plan = await reminded(bob, message)

    async def die(*args: object) -> None:
        raise asyncio.CancelledError

    with monkeypatch.context() as patched:
        patched.setattr(arriving, "_tells", [die])
        with pytest.raises(asyncio.CancelledError):
            await do(plan)
    with monkeypatch.context() as patched:
        patched.setattr("notifications.reminders.send_soon", lambda deliveries: None)
        patched.setattr("messaging.later.rows.finish", die)
        with pytest.raises(asyncio.CancelledError):
            await do(plan)
    await do(plan)
    await sender().wait()
    assert service.to(his) == []
    monkeypatch.setattr(outbox, "now", lambda: outbox.later(2 * outbox.LEASE))
    await _send_what_is_due()
    assert [each["messageId"] for each in service.to(his)] == [message]


async def test_what_ends_meanwhile_is_not_sent(
    alice: Person, bob: Person, group_id: str, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    his = await device(service, bob)
    messages = [await say(alice, group_id, f"ahoy {number}") for number in range(3)]
    monkeypatch.setattr("notifications.reminders.send_soon", lambda deliveries: None)
    for message in messages:
        await _come(bob, message)
    read, deleted, left = messages
    await read_items(actor=bob.actor, item_ids=[f"{read}.reminder"])
    await delete_message(actor=alice.actor, message_id=deleted)
    monkeypatch.setattr(outbox, "now", lambda: outbox.later(2 * outbox.LEASE))
    keys = [(bob.id, group_id, _seq(message)) for message in messages]
    # The third is left for a moment in which they are no longer a member.
    await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
    await _send_what_is_due()
    assert service.to(his) == []
    reasons = [(await decisions.list_reminded(*key))[-1].reason for key in keys]
    assert reasons == ["not_a_member", "deleted", "not_a_member"]
    assert left


async def test_whoever_was_deactivated_gets_none(
    alice: Person, bob: Person, group_id: str, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    await device(service, bob)
    message = await say(alice, group_id, "ahoy")
    monkeypatch.setattr("notifications.reminders.send_soon", lambda deliveries: None)
    await _come(bob, message)
    await deactivate(actor=(await the_owner()).actor, user_id=bob.id)
    monkeypatch.setattr(outbox, "now", lambda: outbox.later(2 * outbox.LEASE))
    await _send_what_is_due()
    assert service.requests == []


async def test_once_it_is_read_in_the_inbox_it_is_taken_off_the_screens(
    alice: Person, bob: Person, group_id: str, service: PushService
) -> None:
    his = await device(service, bob)
    first, second = [await say(alice, group_id, f"ahoy {number}") for number in range(2)]
    await _come(bob, first)
    await _come(bob, second)
    for _ in range(2):
        await read_items(actor=bob.actor, item_ids=[f"{first}.reminder"])
        await user_updates().wait()
        await closer().close()
        await sender().wait()
    assert service.to(his, "close") == [{"type": "close", "tag": f"reminder.{first}", "seq": _seq(first)}]


async def test_one_that_was_read_before_it_is_sent_is_not(
    alice: Person, bob: Person, group_id: str, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    his = await device(service, bob)
    message = await say(alice, group_id, "ahoy")
    with monkeypatch.context() as dying:
        dying.setattr("notifications.reminders.send_soon", lambda deliveries: None)
        await _come(bob, message)
    await read_items(actor=bob.actor, item_ids=[f"{message}.reminder"])
    monkeypatch.setattr(outbox, "now", lambda: outbox.later(2 * outbox.LEASE))
    await _send_what_is_due()
    assert (service.to(his), (await _why(bob, message))["reason"]) == ([], "read")


async def test_nothing_is_left_of_it_when_the_group_is_forgotten(
    alice: Person, bob: Person, group_id: str, service: PushService
) -> None:
    message = await say(alice, group_id, "ahoy")
    await _come(bob, message)
    assert await decisions.list_reminded(bob.id)
    await decisions.forget(bob.id, group_id)
    assert await decisions.list_reminded(bob.id) == []
