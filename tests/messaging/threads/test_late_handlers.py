"""A handler that freezes between reading and writing, while others go on."""

from collections.abc import Iterable
from typing import Any

import pytest

from groups import services as groups
from messaging import selectors
from messaging.inbox.follower import ThreadsAndInbox
from messaging.threads import rows
from messaging.threads.rows import ThreadKey
from tests.cast import Person
from tests.messaging.following import entries, handle, name, say


async def test_who_has_left_meanwhile_follows_nothing(
    alice: Person, bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = await say(alice, group_id, "who is there?")
    await handle(group_id)
    reply = await say(alice, group_id, f"you, {name(bob)}", to=root)
    after = int(reply.rpartition(".")[2]) - 1
    find = rows.find

    async def find_and_freeze(keys: Iterable[ThreadKey]) -> Any:
        found = await find(keys)
        monkeypatch.setattr(rows, "find", find)
        await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
        await handle(group_id, after=after)
        return found

    late = await entries(group_id, after)
    monkeypatch.setattr(rows, "find", find_and_freeze)
    await ThreadsAndInbox().handle(group_id, late, notify=False)
    await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[bob.id])
    assert not (await selectors.list_thread(actor=bob.actor, message_id=root))["following"]
