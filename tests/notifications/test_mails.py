"""Mails: what is unread for a while, in one."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from pytest_django import Settings

from bench.notifications.push_service import PushService
from dynamodb import store
from foundation.errors import Invalid
from groups import services as groups
from messaging import services
from messaging.inbox.services import read_items
from notifications import mails, outbox
from notifications.preferences.services import change_settings
from notifications.rules import QuietTime
from notifications.sending import sender
from presence import selectors as presence
from tests.cast import Person
from tests.messaging.following import name, say
from tests.messaging.later.conftest import do, reminded
from users import models as users

from .telling import follow, why

Mails = list[mail.EmailMessage]
SendMails = Callable[..., Awaitable[None]]


@pytest.fixture
async def sent(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> list[mail.EmailMessage]:
    """The mails that are sent from now on, of this test alone."""
    await _drop_others(monkeypatch)
    settings.EMAIL_HOST, settings.DEFAULT_FROM_EMAIL = "mail.example", "chat@example.org"
    mail.outbox = []
    return mail.outbox


async def _drop_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Delete what waits for people of other tests, whenever it is due."""
    with monkeypatch.context() as later:
        later.setattr(outbox, "now", lambda: "9999")
        for shard in range(outbox.MAIL_SHARDS):
            await outbox.delete(await outbox.list_due(outbox.mails_of(shard), limit=1000))


async def _with_mail(who: Person) -> None:
    row = users.UserRow(who.id, "profile")
    await store.call(row.update, [users.UserRow.email.set("bob@example.org")])
    await change_settings(actor=who.actor, mail=True)


@pytest.fixture
def send_mails(service: PushService, monkeypatch: pytest.MonkeyPatch) -> SendMails:
    """Return a function that sends what is due in so many minutes."""

    async def send(minutes: int = 20) -> None:
        await _send_mails(monkeypatch, minutes)

    return send


async def _send_mails(monkeypatch: pytest.MonkeyPatch, minutes: int) -> None:
    with monkeypatch.context() as later:
        moment = outbox.later(minutes * 60.0)
        later.setattr(outbox, "now", lambda: moment)
        for shard in range(outbox.MAIL_SHARDS):
            await sender().mail_due(shard)
            await sender().wait()


async def test_several_messages_are_one_mail(
    alice: Person,
    bob: Person,
    group_id: str,
    sent: Mails,
    send_mails: SendMails,
) -> None:
    await _with_mail(bob)
    direct = (await groups.create_direct(actor=alice.actor, user_id=bob.id)).id
    await say(alice, group_id, f"ahoy {name(bob)}")
    await say(alice, group_id, "to nobody")
    await say(alice, direct, "psst")
    for each in (group_id, direct):
        await follow(each)
    await send_mails(0)
    assert sent == []
    await send_mails()
    (message,) = sent
    text = str(message.body)
    assert message.to == ["bob@example.org"]
    assert f"{alice.actor.name} in Harbour" in text
    assert f"ahoy @{bob.actor.name}" in text
    assert "psst" in text
    assert "to nobody" not in text
    await send_mails()
    assert len(sent) == 1


async def test_a_reminder_that_is_not_read_is_mailed_with_the_rest(
    alice: Person, bob: Person, group_id: str, sent: Mails, send_mails: SendMails
) -> None:
    await _with_mail(bob)
    first, second = await say(alice, group_id, "remember the milk"), await say(alice, group_id, "and the bread")
    for each in (first, second):
        await do(await reminded(bob, each))
    await read_items(actor=bob.actor, item_ids=[f"{second}.reminder"])
    await say(alice, group_id, f"ahoy {name(bob)}")
    await follow(group_id)
    await send_mails()
    (message,) = sent
    assert f"Reminder: {alice.actor.name} in Harbour:\n  remember the milk" in str(message.body)
    assert "and the bread" not in str(message.body)
    assert "ahoy" in str(message.body)


async def test_what_is_too_much_for_one_mail_is_in_the_next(  # noqa: PLR0917
    alice: Person,
    bob: Person,
    group_id: str,
    sent: Mails,
    send_mails: SendMails,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mails, "_MAX_LOOKED_AT", 2)
    await _with_mail(bob)
    for word in ("one", "two", "three"):
        await say(alice, group_id, f"{word} {name(bob)}")
    await follow(group_id)
    await send_mails()
    await send_mails()
    texts = [str(message.body) for message in sent]
    assert [[word for word in ("one @", "two @", "three @") if word in text] for text in texts] == [
        ["one @", "two @"],
        ["three @"],
    ]
    assert await outbox.list_mails(bob.id) == []


async def test_what_was_read_or_deleted_is_not_mailed(
    alice: Person,
    bob: Person,
    group_id: str,
    sent: Mails,
    send_mails: SendMails,
) -> None:
    await _with_mail(bob)
    first = await say(alice, group_id, f"one {name(bob)}")
    second = await say(alice, group_id, f"two {name(bob)}")
    await follow(group_id)
    await services.mark_read(actor=bob.actor, group_id=group_id, seq=int(first.rpartition(".")[2]))
    await services.delete_message(actor=alice.actor, message_id=second)
    await send_mails()
    assert sent == []


async def test_who_left_the_group_gets_none_of_it(
    alice: Person,
    bob: Person,
    group_id: str,
    sent: Mails,
    send_mails: SendMails,
) -> None:
    await _with_mail(bob)
    await say(alice, group_id, f"one {name(bob)}")
    await follow(group_id)
    await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
    await send_mails()
    assert sent == []


async def test_a_mail_waits_for_the_end_of_quiet_time_and_of_being_active(
    alice: Person,
    bob: Person,
    group_id: str,
    sent: Mails,
    send_mails: SendMails,
) -> None:
    await _with_mail(bob)
    now = datetime.now(UTC)
    around = QuietTime(f"{now - timedelta(hours=1):%H:%M}", f"{now + timedelta(hours=2):%H:%M}")
    await change_settings(actor=bob.actor, quiet=around)
    message = await say(alice, group_id, f"one {name(bob)}")
    await follow(group_id)
    assert await why(bob, message) == "quiet"
    await send_mails()
    assert sent == []
    await change_settings(actor=bob.actor, is_never_quiet=True)

    async def online(*, user_ids: Any) -> dict[str, str]:
        return {bob.id: "online"}

    with pytest.MonkeyPatch.context() as here:
        here.setattr(presence, "statuses_of", online)
        await send_mails(130)
    assert sent == []
    await send_mails(150)
    assert len(sent) == 1


async def test_a_mail_that_was_not_taken_goes_out_later_and_once(
    alice: Person,
    bob: Person,
    group_id: str,
    sent: Mails,
    send_mails: SendMails,
) -> None:
    await _with_mail(bob)
    message = await say(alice, group_id, f"one {name(bob)}")
    await follow(group_id)
    assert await why(bob, message) == "no_device"

    class Broken(mail.EmailMessage):
        def send(self, *args: Any, **kwargs: Any) -> int:
            raise OSError

    with pytest.MonkeyPatch.context() as away:
        away.setattr(mails, "EmailMessage", Broken)
        await send_mails()
    assert sent == []
    await send_mails()
    await send_mails()
    assert len(sent) == 1


async def test_mails_that_wait_hide_no_push(
    alice: Person, bob: Person, group_id: str, service: PushService, sent: Mails
) -> None:
    await _with_mail(bob)
    await say(alice, group_id, f"one {name(bob)}")
    await follow(group_id)
    (waiting,) = await outbox.list_mails(bob.id)
    assert waiting.partition not in {outbox.pushes_of(shard) for shard in range(outbox.SHARDS)}


async def test_who_has_not_asked_for_mails_gets_none(
    alice: Person, bob: Person, group_id: str, service: PushService, sent: list[mail.EmailMessage]
) -> None:
    await say(alice, group_id, f"one {name(bob)}")
    await follow(group_id)
    assert await outbox.list_mails(bob.id) == []


async def test_no_mails_without_a_mail_server(bob: Person) -> None:
    with pytest.raises(Invalid):
        await change_settings(actor=bob.actor, mail=True)
