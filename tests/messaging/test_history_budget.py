"""Reading is limited by what is read: after pages of long messages the next read waits, by whichever door."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from pytest_django import Settings

from foundation.errors import RateLimited
from foundation.limits.rates import Rate
from messaging import selectors, services
from tests.cast import Person

Read = Callable[[Person, str, str], Awaitable[Any]]
READS: dict[str, Read] = {
    "a page": lambda person, group, message: selectors.list_messages(actor=person.actor, group_id=group),
    "changes": lambda person, group, message: selectors.list_changes(actor=person.actor, group_id=group, since=0),
    "a thread": lambda person, group, message: selectors.list_thread(actor=person.actor, message_id=message),
    "the event": lambda person, group, message: selectors.thread_state(actor=person.actor, group_id=group),
    "the event with changes": lambda person, group, message: selectors.thread_state(
        actor=person.actor, group_id=group, since=0
    ),
}


@pytest.mark.parametrize("read", READS.values(), ids=READS)
async def test_what_was_read_makes_the_next_read_wait(
    settings: Settings, alice: Person, bob: Person, group_id: str, read: Read
) -> None:
    sent = await services.send_message(actor=alice.actor, group_id=group_id, content="x" * 10_000)
    root = sent["message"]["id"]
    await services.send_message(actor=alice.actor, group_id=group_id, content="y" * 10_000, parent_id=root)
    # In KB. What is owed takes longer to refill than a test.
    settings.RATE_LIMITS = {"history": Rate(5, 5000)}
    await selectors.list_messages(actor=alice.actor, group_id=group_id)
    with pytest.raises(RateLimited) as refusal:
        await read(alice, group_id, root)
    assert (refusal.value.retry_after or 0) > 1
    # A budget of one's own.
    await selectors.list_messages(actor=bob.actor, group_id=group_id)


async def test_short_messages_cost_little(settings: Settings, alice: Person, group_id: str) -> None:
    await services.send_message(actor=alice.actor, group_id=group_id, content="ahoy")
    settings.RATE_LIMITS = {"history": Rate(5, 5000)}
    for _ in range(5):
        await selectors.list_messages(actor=alice.actor, group_id=group_id)
