"""Of a group that is deleted, what people have of its threads and in their inboxes is erased, in as many tries as it
takes."""

from typing import Any

import pytest

from dynamodb import store
from foundation.errors import Unavailable
from groups import item_pages
from groups import services as groups
from groups.rows import GroupRow
from messaging.inbox import rows as inbox
from messaging.inbox.follower import ThreadsAndInbox
from messaging.threads import rows as threads
from tests.cast import Person, person
from tests.messaging.following import handle, name, say

_CALLS_A_TRY = 6


async def test_a_try_goes_on_where_the_one_before_has_ended(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [await person(f"Dora {number}") for number in range(7)]
    await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[one.id for one in people])
    root = await say(alice, group_id, name(*people))
    await say(alice, group_id, "a reply", to=root)
    await handle(group_id)
    monkeypatch.setattr(item_pages, "PAGE", 2)
    root_seq = int(root.rpartition(".")[2])
    assert len(await threads.list_keys(group_id, root_seq)) == len(people) + 1
    call, left = store.call, 0

    async def failing(*args: Any, **kwargs: Any) -> Any:
        nonlocal left
        left -= 1
        if left < 0:
            raise Unavailable
        return await call(*args, **kwargs)

    monkeypatch.setattr(store, "call", failing)
    for _ in range(4 * len(people)):
        left = _CALLS_A_TRY
        try:
            await ThreadsAndInbox().forget(group_id)
        except Unavailable:
            continue
        break
    left = 1_000
    assert [await inbox.list_items(one.id) for one in people] == [[]] * len(people)
    assert [await threads.list_own(one.id, group_id) for one in people] == [{}] * len(people)
    named = await store.call(lambda: [row.item for row in GroupRow.query(group_id)])
    assert [item for item in named if item.startswith(("follow#", "inbox#"))] == []
