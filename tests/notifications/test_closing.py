"""What was read on one device is taken off the others."""

from bench.notifications.push_service import PushService
from messaging import services
from messaging.unread import mark_unread
from notifications.closing import closer
from notifications.sending import sender
from tests.cast import Person
from tests.messaging.following import name, say
from users.updates import user_updates

from .telling import device, follow


async def _settle() -> None:
    await user_updates().wait()
    await closer().close()
    await sender().wait()


def _seq(message_id: str) -> int:
    return int(message_id.rpartition(".")[2])


async def _read(who: Person, group_id: str, message_id: str, parent_id: str | None = None) -> None:
    await services.mark_read(actor=who.actor, group_id=group_id, seq=_seq(message_id), parent_id=parent_id)
    await _settle()


async def test_reading_a_group_closes_what_lies_up_to_there(
    alice: Person, bob: Person, group_id: str, service: PushService
) -> None:
    devices = [await device(service, bob), await device(service, bob)]
    first = await say(alice, group_id, name(bob))
    second = await say(alice, group_id, name(bob))
    await follow(group_id)
    await _read(bob, group_id, first)
    for his in devices:
        assert service.to(his, "close") == [{"type": "close", "tag": group_id, "seq": _seq(first)}]
    await _read(bob, group_id, second)
    assert [each["seq"] for each in service.to(devices[0], "close")] == [_seq(first), _seq(second)]


async def test_what_was_not_told_is_not_closed(alice: Person, bob: Person, group_id: str, service: PushService) -> None:
    his = await device(service, bob)
    message = await say(alice, group_id, "nobody in particular")
    await follow(group_id)
    await _read(bob, group_id, message)
    assert service.to(his, "close") == []


async def test_reading_it_again_closes_nothing_again(
    alice: Person, bob: Person, group_id: str, service: PushService
) -> None:
    his = await device(service, bob)
    message = await say(alice, group_id, name(bob))
    await follow(group_id)
    await _read(bob, group_id, message)
    await mark_unread(actor=bob.actor, message_id=message)
    await _read(bob, group_id, message)
    assert len(service.to(his, "close")) == 1


async def test_a_thread_is_read_by_itself(alice: Person, bob: Person, group_id: str, service: PushService) -> None:
    his = await device(service, bob)
    root = await say(bob, group_id, "who is there?")
    reply = await say(alice, group_id, "me", to=root)
    other = await say(alice, group_id, name(bob))
    await follow(group_id)
    await _read(bob, group_id, other)
    assert [each["tag"] for each in service.to(his, "close")] == [group_id]
    await _read(bob, group_id, reply, parent_id=root)
    assert [each["tag"] for each in service.to(his, "close")] == [group_id, root]
