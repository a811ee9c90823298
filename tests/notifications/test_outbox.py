"""What waits in the outbox is sent at its time, and counted."""

from dataclasses import replace

import pytest

from bench.notifications.push_service import PushService
from foundation.counters import outbox as counts
from notifications import delivering, outbox
from notifications.sending import sender
from tests.cast import Person
from tests.messaging.following import name, say

from .telling import device, follow

_NO = b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n"


async def test_what_was_put_off_is_sent_when_its_time_has_come(
    alice: Person, bob: Person, group_id: str, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    his = await device(service, bob)
    path = service.path_of(his)
    service.answers[path] = _NO
    monkeypatch.setattr(delivering, "_pause", lambda tries: 0.1)
    await say(alice, group_id, name(bob))
    await follow(group_id)
    del service.answers[path]
    # Nobody looks at the outbox from time to time.
    await service.wait_for(1)
    assert len(service.to(his)) == 1


async def test_what_is_sent_and_what_fails_is_counted(
    alice: Person, bob: Person, group_id: str, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    ill, _ = await device(service, bob), await device(service, bob)
    service.answers[service.path_of(ill)] = _NO
    before = replace(counts)
    await say(alice, group_id, name(bob))
    await follow(group_id)
    after = replace(counts)
    assert (after.sent - before.sent, after.failed - before.failed, after.given_up - before.given_up) == (1, 1, 0)
    assert after.under_way == 0


async def test_what_was_tried_in_vain_until_the_end_is_counted(
    alice: Person, bob: Person, group_id: str, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    ill = await device(service, bob)
    service.answers[service.path_of(ill)] = _NO
    monkeypatch.setattr(delivering, "_MAX_TRIES", 1)
    before = replace(counts)
    await say(alice, group_id, name(bob))
    await follow(group_id)
    assert (counts.failed - before.failed, counts.given_up - before.given_up) == (1, 1)


async def test_what_waits_though_it_is_due_is_counted_with_its_age(
    alice: Person, bob: Person, group_id: str, service: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    await device(service, bob)
    monkeypatch.setattr("notifications.follower.send_soon", lambda deliveries: None)
    monkeypatch.setattr("notifications.follower.lease_of_new", lambda: -100.0)
    await say(alice, group_id, name(bob))
    await follow(group_id)
    delivery = outbox.Delivery(outbox.PUSH, bob.id, group_id, 0, "")
    shard = next(shard for shard in range(outbox.SHARDS) if outbox.pushes_of(shard) == delivery.partition)
    await sender().send_due(shard)
    waiting, late = counts.waiting[delivery.partition]
    assert waiting >= 1
    assert late >= 100
    await sender().wait()
