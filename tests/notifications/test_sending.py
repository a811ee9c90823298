"""What is sent arrives, once on a screen, whatever push services and processes do meanwhile."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

import pytest
from django.test import override_settings

from bench.notifications.push_service import PushService
from foundation.alarm import Alarm
from groups import services as groups
from messaging import services
from messaging.inbox.follower import ThreadsAndInbox
from notifications import decisions, delivering, outbox, sending
from notifications.follower import NotificationFollower
from notifications.push import addresses
from notifications.push.client import push_client
from notifications.sending import sender
from presence import selectors as presence
from tests.cast import Person, person
from tests.messaging.following import entries, name, say
from tests.workspace.cast import the_owner
from workspace.services import deactivate

from .telling import device, follow, why

_NO = b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"


async def _decide_and_die(group_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Handle a log in a process that is killed before it sends anything; its leases are over at once."""
    _have_nothing_ring(monkeypatch)
    with monkeypatch.context() as dying:
        dying.setattr(outbox, "LEASE", -1.0)
        dying.setattr("notifications.follower.send_soon", lambda deliveries: None)
        await NotificationFollower().handle(group_id, await entries(group_id), notify=True)


async def _send_what_is_due() -> None:
    for shard in range(outbox.SHARDS):
        await sender().send_due(shard)
    await sender().wait()


async def test_what_a_killed_process_left_is_sent_by_another(
    alice: Person, bob: Person, group_id: str, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    his = await device(service, bob)
    message = await say(alice, group_id, name(bob))
    await _decide_and_die(group_id, monkeypatch)
    # The follower is handed the entries again, and decides nothing anew.
    await follow(group_id)
    assert service.to(his) == []
    await _send_what_is_due()
    assert [each["messageId"] for each in service.to(his)] == [message]
    await _send_what_is_due()
    assert len(service.to(his)) == 1


async def test_who_is_deactivated_gets_no_push_of_before_or_of_later(
    alice: Person, bob: Person, group_id: str, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    his = await device(service, bob)
    before = await say(alice, group_id, name(bob))
    await _decide_and_die(group_id, monkeypatch)
    await deactivate(actor=(await the_owner()).actor, user_id=bob.id)
    await _send_what_is_due()
    later = await say(alice, group_id, name(bob))
    await follow(group_id)
    assert (service.to(his), service.requests) == ([], [])
    assert [await why(bob, message) for message in (before, later)] == ["deactivated", "deactivated"]


async def test_sent_twice_it_has_the_same_topic_and_tag(
    alice: Person, bob: Person, group_id: str, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    await device(service, bob)
    await say(alice, group_id, name(bob))

    async def killed(delivery: outbox.Delivery) -> None:
        raise RuntimeError("killed before the outbox was written")

    with monkeypatch.context() as dying:
        dying.setattr(decisions, "note_sent", killed)
        await follow(group_id)
    # Its lease is over.
    moment = outbox.later(2 * outbox.LEASE)
    monkeypatch.setattr(outbox, "now", lambda: moment)
    await _send_what_is_due()
    first, second = service.received
    assert first.headers["topic"] == second.headers["topic"]
    assert first.payload == second.payload
    await _send_what_is_due()
    assert len(service.received) == 2


async def test_what_is_nearly_due_for_others_is_left_to_them(
    alice: Person, bob: Person, group_id: str, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    his = await device(service, bob)
    await say(alice, group_id, name(bob))
    # Written so slowly that hardly anything is left of its lease.
    monkeypatch.setattr("notifications.follower.lease_of_new", lambda: outbox.LEASE / 4)
    await follow(group_id)
    assert service.to(his) == []
    moment = outbox.later(outbox.LEASE)
    monkeypatch.setattr(outbox, "now", lambda: moment)
    await _send_what_is_due()
    assert len(service.to(his)) == 1


async def test_what_is_decided_is_handed_over_as_it_is_written(
    alice: Person, bob: Person, group_id: str, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    dora = await person("Dora")
    await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[dora.id])
    for who in (bob, dora):
        await device(service, who)
    await say(alice, group_id, f"{name(bob)} {name(dora)}")
    happened, put = [], decisions.put

    async def noted(many: Sequence[decisions.Decided]) -> None:
        happened.append("written")
        await put(many)

    monkeypatch.setattr(decisions, "put", noted)
    monkeypatch.setattr("notifications.follower.send_soon", lambda deliveries: happened.append("handed over"))
    monkeypatch.setattr("notifications.deciding._MAX_READ", 1)
    await follow(group_id)
    assert happened == ["written", "handed over"] * 2


async def test_what_was_read_left_or_deleted_meanwhile_is_not_sent(
    alice: Person, bob: Person, group_id: str, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    dora = await person("Dora")
    await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[dora.id])
    for who in (bob, dora):
        await device(service, who)
    first = await say(alice, group_id, name(bob))
    second = await say(alice, group_id, name(dora))
    third = await say(alice, group_id, name(bob))
    await _decide_and_die(group_id, monkeypatch)
    await services.mark_read(actor=bob.actor, group_id=group_id, seq=int(first.rpartition(".")[2]))
    await services.delete_message(actor=alice.actor, message_id=third)
    await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=dora.id)
    await _send_what_is_due()
    assert service.received == []
    assert (await why(bob, first), await why(bob, third)) == ("read", "deleted")
    key = (dora.id, group_id, int(second.rpartition(".")[2]))
    assert (await decisions.find([key]))[key].reason == "not_a_member"


async def test_two_processes_that_handle_the_same_tell_once(
    alice: Person, bob: Person, group_id: str, service: PushService
) -> None:
    his = await device(service, bob)
    for _ in range(5):
        await say(alice, group_id, name(bob))
    log = await entries(group_id)
    await ThreadsAndInbox().handle(group_id, log, notify=False)
    await asyncio.gather(*(NotificationFollower().handle(group_id, log, notify=True) for _ in range(4)))
    await sender().wait()
    assert sorted(each["seq"] for each in service.to(his)) == [3, 4, 5, 6, 7]


def _away(service: PushService, subscription: Mapping[str, str], monkeypatch: pytest.MonkeyPatch) -> str:
    """Have a device's push service answer that it is away, and be tried again at once; return the device's path."""
    path = service.path_of(subscription)
    service.answers[path] = _NO
    monkeypatch.setattr(delivering, "_pause", lambda tries: -1.0)
    _have_nothing_ring(monkeypatch)
    return path


def _have_nothing_ring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the sender look at the outbox when a test says so, and not when something was put off to."""
    monkeypatch.setattr(Alarm, "expect", lambda self, moment: None)


async def test_a_push_service_that_fails_is_tried_again(
    alice: Person, bob: Person, group_id: str, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    ill, well = await device(service, bob), await device(service, bob)
    path = _away(service, ill, monkeypatch)
    message = await say(alice, group_id, name(bob))
    await follow(group_id)
    assert (len(service.to(well)), len(service.to(ill))) == (1, 0)
    del service.answers[path]
    await _send_what_is_due()
    # The other device has it already.
    assert (len(service.to(well)), len(service.to(ill))) == (1, 1)
    assert await why(bob, message) == "told"


async def test_what_one_device_shows_stays_told_whatever_keeps_it_from_another(
    alice: Person, bob: Person, group_id: str, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    phone, laptop = await device(service, bob), await device(service, bob)
    _away(service, laptop, monkeypatch)
    message = await say(alice, group_id, name(bob))
    await follow(group_id)

    async def online(*, user_ids: Iterable[str]) -> dict[str, str]:
        return dict.fromkeys(user_ids, "online")

    monkeypatch.setattr(presence, "statuses_of", online)
    await _send_what_is_due()
    assert (len(service.to(phone)), len(service.to(laptop))) == (1, 0)
    assert await why(bob, message) == "told"
    seq = int(message.rpartition(".")[2])
    (shown,) = await decisions.list_open(bob.id, group_id, seq)
    assert shown.sent_at is not None


async def test_after_so_many_tries_it_counts_as_not_told(
    alice: Person, bob: Person, group_id: str, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    ill = await device(service, bob)
    path = service.path_of(ill)
    service.answers[path] = b"HTTP/1.1 503 No\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"
    monkeypatch.setattr(delivering, "_pause", lambda tries: -1.0)
    _have_nothing_ring(monkeypatch)
    monkeypatch.setattr(delivering, "_MAX_TRIES", 2)
    monkeypatch.setattr("notifications.push.client._seconds", lambda header: -1.0)
    message = await say(alice, group_id, name(bob))
    await follow(group_id)
    assert await why(bob, message) == "told"
    await _send_what_is_due()
    assert await why(bob, message) == "failed"


async def test_a_slow_push_service_delays_no_other(
    alice: Person, bob: Person, group_id: str, service: PushService
) -> None:
    dora = await person("Dora")
    await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[dora.id])
    slow, quick = await device(service, bob), await device(service, dora)
    service.slow.add(service.path_of(slow))
    with override_settings(PUSH_TIMEOUT=60.0):
        await say(alice, group_id, f"{name(bob)} {name(dora)}")
        log = await entries(group_id)
        await NotificationFollower().handle(group_id, log, notify=True)
        await service.wait_for(1)
    assert len(service.to(quick)) == 1
    # What is under way is cancelled when the process stops, and is in the outbox.
    await sending.close_sending()


async def test_redirects_are_not_followed(alice: Person, bob: Person, group_id: str, service: PushService) -> None:
    his = await device(service, bob)
    path = service.path_of(his)
    location = f"Location: {service.origin}/elsewhere".encode()
    service.answers[path] = b"HTTP/1.1 307 There\r\n" + location + b"\r\nContent-Length: 0\r\n\r\n"
    message = await say(alice, group_id, name(bob))
    await follow(group_id)
    assert service.requests == [f"POST {path}"]
    assert await why(bob, message) == "failed"


async def test_an_answer_without_end_is_not_read(
    alice: Person, bob: Person, group_id: str, service: PushService
) -> None:
    his = await device(service, bob)
    path = service.path_of(his)
    service.answers[path] = b"HTTP/1.1 201 Created\r\nContent-Length: 1000000000\r\n\r\n" + b"x" * 1_000_000
    message = await say(alice, group_id, name(bob))
    await follow(group_id)
    assert await why(bob, message) == "told"


async def test_a_name_that_leads_into_a_private_network_is_not_connected_to(
    alice: Person, bob: Person, group_id: str, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    his = await device(service, bob)
    looked_up = []

    def resolve(host: str) -> list[tuple[object, ...]]:
        looked_up.append(host)
        return [(2, 1, 6, "", ("127.0.0.1", service.port)), (2, 1, 6, "", ("169.254.169.254", 80))]

    monkeypatch.setattr("notifications.push.names.look_up", resolve)
    monkeypatch.setattr(addresses, "problem_of", lambda endpoint: None)
    monkeypatch.setattr("notifications.push.client.problem_of", lambda endpoint: None)
    with override_settings(PUSH_PRIVATE_NETWORKS=False):
        await say(alice, group_id, name(bob))
        await follow(group_id)
    assert (looked_up, service.requests) == (["127.0.0.1"], [])
    assert service.to(his) == []
    assert push_client() is not None
