"""Who follows a thread, and what their list says."""

from typing import Any

import pytest

from dynamodb import store
from foundation.cursors import decode_cursor
from foundation.errors import NotFound
from groups import services as groups
from groups.dissolving import dissolve_group
from groups.rows import GroupRow
from messaging import selectors, services
from messaging.group_deletion import erase_deleted_groups
from messaging.inbox.follower import ThreadsAndInbox
from messaging.threads import rows
from messaging.threads.selectors import count_unread, list_threads
from messaging.threads.services import set_following
from tests.cast import Person, person
from tests.messaging.following import entries, handle, name, say


async def listed(who: Person) -> list[str]:
    return [thread["root"]["id"] for thread in (await list_threads(actor=who.actor))["threads"]]


async def follows(who: Person, root: str) -> bool:
    following: bool = (await selectors.list_thread(actor=who.actor, message_id=root))["following"]
    return following


@pytest.fixture
async def dora(group_id: str, alice: Person) -> Person:
    """Somebody who only listens."""
    one = await person("Dora")
    await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[one.id])
    return one


async def test_who_writes_in_a_thread_and_whose_message_it_is_about_follow_it(
    alice: Person, bob: Person, dora: Person, group_id: str
) -> None:
    root = await say(alice, group_id, "who is there?")
    await handle(group_id)
    assert not await follows(alice, root)
    await say(bob, group_id, "me", to=root)
    await handle(group_id)
    assert [await follows(one, root) for one in (alice, bob, dora)] == [True, True, False]
    assert [await listed(one) for one in (alice, bob, dora)] == [[root], [root], []]


@pytest.mark.parametrize("edited", [False, True])
async def test_who_is_named_in_the_first_message_or_in_a_reply_follows(
    alice: Person, bob: Person, dora: Person, group_id: str, *, edited: bool
) -> None:
    root = await say(alice, group_id, "hm" if edited else name(bob))
    if edited:
        await services.edit_message(actor=alice.actor, message_id=root, content=name(bob))
    await handle(group_id)
    # There is no thread yet.
    assert await listed(bob) == []
    reply = await say(alice, group_id, "hm" if edited else name(dora), to=root)
    if edited:
        await services.edit_message(actor=alice.actor, message_id=reply, content=name(dora))
    await handle(group_id)
    assert [await listed(one) for one in (bob, dora)] == [[root], [root]]


async def test_who_was_named_follows_although_the_name_was_taken_out_before_anybody_looked(
    alice: Person, bob: Person, group_id: str
) -> None:
    root = await say(alice, group_id, "who is there?")
    for change in ("edit", "delete"):
        reply = await say(alice, group_id, name(bob), to=root)
        if change == "edit":
            await services.edit_message(actor=alice.actor, message_id=reply, content="nobody")
        else:
            await services.delete_message(actor=alice.actor, message_id=reply)
        await handle(group_id, after=int(reply.rpartition(".")[2]) - 1)
        assert await follows(bob, root)
        await set_following(actor=bob.actor, message_id=root, following=False)


async def test_by_hand_one_follows_and_stops_until_one_writes_again(
    alice: Person, bob: Person, dora: Person, group_id: str
) -> None:
    root = await say(alice, group_id, "who is there?")
    await say(bob, group_id, "me", to=root)
    await set_following(actor=dora.actor, message_id=root, following=True)
    assert (await follows(dora, root), await listed(dora)) == (True, [root])
    await set_following(actor=dora.actor, message_id=root, following=False)
    await say(bob, group_id, "still me", to=root)
    await handle(group_id)
    assert (await follows(dora, root), await listed(dora)) == (False, [])
    await say(dora, group_id, "me too", to=root)
    await handle(group_id)
    assert await follows(dora, root)


async def test_the_list_has_the_latest_reply_first_and_counts_exactly(
    alice: Person, bob: Person, group_id: str
) -> None:
    roots = [await say(alice, group_id, f"question {number}") for number in range(3)]
    for root in (*roots, roots[1]):
        await say(bob, group_id, "an answer", to=root)
    await say(bob, group_id, "another", to=roots[0])
    await handle(group_id)
    first = await list_threads(actor=alice.actor, limit=2)
    assert [thread["root"]["id"] for thread in first["threads"]] == [roots[0], roots[1]]
    assert [(thread["replyCount"], thread["unread"]) for thread in first["threads"]] == [(2, 2), (2, 2)]
    assert first["threads"][0]["lastReply"]["content"] == "another"
    assert first["threads"][0]["group"] == {"id": group_id, "name": "Harbour", "kind": "group"}
    assert first["unreadThreads"] == 3
    cursor = decode_cursor(first["nextCursor"], 1)
    second = await list_threads(actor=alice.actor, limit=2, cursor=cursor)  # type: ignore[arg-type] # one part
    assert [thread["root"]["id"] for thread in second["threads"]] == [roots[2]]
    assert "unreadThreads" not in second
    await services.mark_read(actor=alice.actor, group_id=group_id, seq=10**6, parent_id=roots[0])
    assert (await list_threads(actor=alice.actor))["threads"][0]["unread"] == 0
    assert (await count_unread(actor=alice.actor), await count_unread(actor=bob.actor)) == (2, 0)


async def test_who_was_removed_sees_nothing_at_once_and_does_not_follow_when_back(
    alice: Person, bob: Person, group_id: str
) -> None:
    root = await say(alice, group_id, "who is there?")
    await say(bob, group_id, "me", to=root)
    await say(alice, group_id, "good", to=root)
    await handle(group_id)
    assert await listed(bob) == [root]
    await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
    # Nobody has handled that yet.
    assert (await listed(bob), await count_unread(actor=bob.actor)) == ([], 0)
    await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[bob.id])
    await handle(group_id)
    assert await listed(bob) == []


async def test_who_left_before_the_first_reply_does_not_follow_when_back_however_often_it_is_handled(
    alice: Person, bob: Person, group_id: str
) -> None:
    root = await say(bob, group_id, "who is there?")
    await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
    await say(alice, group_id, "me", to=root)
    await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[bob.id])
    for _ in range(2):
        await handle(group_id)
        assert await listed(bob) == []


async def test_what_nobody_may_see_cannot_be_followed(
    alice: Person, bob: Person, charlie: Person, group_id: str
) -> None:
    root = await say(alice, group_id, "who is there?")
    reply = await say(bob, group_id, "me", to=root)
    for who, message_id in ((charlie, root), (bob, reply), (bob, f"{group_id}.1"), (bob, "nonsense")):
        for following in (True, False):
            with pytest.raises(NotFound):
                await set_following(actor=who.actor, message_id=message_id, following=following)


async def test_a_reply_that_is_written_meanwhile_is_not_missed(
    alice: Person, bob: Person, dora: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody begins to follow while a reply is stored and handled: their list is at that reply."""
    root = await say(alice, group_id, "who is there?")
    write, replies = rows.write, list[str]()

    async def late(*args: Any, **more: Any) -> None:
        if not replies:
            replies.append(await say(bob, group_id, "me", to=root))
            await handle(group_id)
        await write(*args, **more)

    monkeypatch.setattr(rows, "write", late)
    await set_following(actor=dora.actor, message_id=root, following=True)
    (thread,) = (await list_threads(actor=dora.actor))["threads"]
    assert thread["lastReply"]["id"] == replies[0]


async def test_who_follows_by_hand_has_read_what_there_is(alice: Person, dora: Person, group_id: str) -> None:
    root = await say(alice, group_id, "who is there?")
    for text in ("one", "two"):
        await say(alice, group_id, text, to=root)
    await set_following(actor=dora.actor, message_id=root, following=True)
    assert [thread["unread"] for thread in (await list_threads(actor=dora.actor))["threads"]] == [0]
    await say(alice, group_id, "three", to=root)
    await handle(group_id)
    assert [thread["unread"] for thread in (await list_threads(actor=dora.actor))["threads"]] == [1]


async def rows_about(group_id: str, *people: Person) -> list[str]:
    def query() -> list[str]:
        own = [row.item for one in people for row in GroupRow.query(f"memberships#{one.id}")]
        return [row.item for row in GroupRow.query(group_id)] + [item for item in own if group_id in item]

    return await store.call(query)


async def test_nothing_is_left_of_a_deleted_group_whoever_handles_it_late(
    alice: Person, bob: Person, group_id: str
) -> None:
    root = await say(alice, group_id, name(bob))
    await say(bob, group_id, "me", to=root)
    late = await entries(group_id)
    await handle(group_id)
    assert len(await rows_about(group_id, bob)) > 4
    await dissolve_group(actor=alice.actor, group_id=group_id)
    await erase_deleted_groups()
    await ThreadsAndInbox().handle(group_id, late, notify=True)
    assert [item for item in await rows_about(group_id, alice, bob) if item != "creation"] == []
