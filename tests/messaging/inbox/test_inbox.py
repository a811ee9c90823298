"""What is in somebody's inbox, and what of it is unread."""

import random
import time
from typing import Any

import pytest

from foundation.ids import parse_message_id
from foundation.limits import bucket
from groups import selectors as groups
from groups import services as group_services
from groups.dissolving import dissolve_group
from groups.followers.registrations import begin_generation, load
from messaging import services
from messaging.group_deletion import erase_deleted_groups
from messaging.inbox import rows, selectors
from messaging.inbox.follower import ThreadsAndInbox
from messaging.inbox.selectors import count_unread, list_inbox
from messaging.inbox.services import read_items
from messaging.threads.services import set_following
from tests.cast import Person
from tests.messaging.following import entries, handle, name, say


async def inbox(who: Person) -> list[tuple[str, str, bool]]:
    """Return (kind, text of the message, whether it is unread) of the items, newest first."""
    page = await list_inbox(actor=who.actor)
    assert page["unread"] == await count_unread(actor=who.actor) == sum(item["unread"] for item in page["items"])
    return [(item["kind"], item["message"]["content"], item["unread"]) for item in page["items"]]


async def ids(who: Person) -> list[str]:
    return [item["id"] for item in (await list_inbox(actor=who.actor))["items"]]


async def react(who: Person, message_id: str, action: str = "add") -> None:
    await services.react(actor=who.actor, message_id=message_id, emoji="👍", action=action)


async def test_it_has_mentions_replies_and_reactions_newest_first(alice: Person, bob: Person, group_id: str) -> None:
    root = await say(alice, group_id, f"ahoy {name(bob)}")
    await say(bob, group_id, "aye", to=root)
    await say(alice, group_id, "good", to=root)
    await react(alice, await say(bob, group_id, "mine"))
    await handle(group_id)
    assert await inbox(bob) == [
        ("reaction", "mine", True),
        ("reply", "good", True),
        # What he has written after it has moved his mark past it, and hers.
        ("mention", f"ahoy {name(bob)}", False),
    ]
    assert await inbox(alice) == [("reply", "aye", False)]
    (item, *_) = (await list_inbox(actor=bob.actor))["items"]
    assert (item["userId"], item["emoji"], item["group"]["name"]) == (alice.id, "👍", "Harbour")


async def test_ones_own_acts_are_no_items(alice: Person, group_id: str) -> None:
    root = await say(alice, group_id, name(alice))
    await say(alice, group_id, name(alice), to=root)
    await react(alice, root)
    await say(alice, group_id, "<!all> <!here>")
    await handle(group_id)
    assert await inbox(alice) == []


async def test_everybody_is_no_item(alice: Person, bob: Person, group_id: str) -> None:
    await say(alice, group_id, "<!all> <!here>")
    await handle(group_id)
    assert await inbox(bob) == []


async def test_a_mention_in_a_thread_that_one_follows_is_one_item(alice: Person, bob: Person, group_id: str) -> None:
    root = await say(bob, group_id, "who is there?")
    reply = await say(alice, group_id, f"me, {name(bob)}", to=root)
    await handle(group_id)
    assert await inbox(bob) == [("mention", f"me, {name(bob)}", True)]
    await services.edit_message(actor=alice.actor, message_id=reply, content="me")
    await handle(group_id)
    assert await inbox(bob) == [("reply", "me", True)]


async def test_what_was_edited_away_deleted_or_taken_back_goes(alice: Person, bob: Person, group_id: str) -> None:
    first = await say(alice, group_id, name(bob))
    second = await say(alice, group_id, name(bob))
    mine = await say(bob, group_id, "mine")
    reply = await say(alice, group_id, "to you", to=mine)
    await react(alice, mine)
    await handle(group_id)
    assert len(await ids(bob)) == 4
    await services.edit_message(actor=alice.actor, message_id=first, content="nobody")
    await services.delete_message(actor=alice.actor, message_id=second)
    await services.delete_message(actor=alice.actor, message_id=reply)
    # What the message does not say any more is not shown even before anybody has handled it.
    assert await ids(bob) == [(await ids(bob))[0]]
    await react(alice, mine, "remove")
    await handle(group_id)
    assert await inbox(bob) == []
    assert await rows.list_items(bob.id) == []


async def test_all_reactions_to_a_deleted_message_go(alice: Person, bob: Person, group_id: str) -> None:
    mine = await say(bob, group_id, "mine")
    await react(alice, mine)
    await handle(group_id)
    await services.delete_message(actor=bob.actor, message_id=mine)
    await handle(group_id, after=3)
    assert (await inbox(bob), await rows.list_items(bob.id)) == ([], [])


async def test_an_edited_text_is_shown_as_it_is_now(alice: Person, bob: Person, group_id: str) -> None:
    message = await say(alice, group_id, f"a secret slip {name(bob)}")
    await handle(group_id)
    await services.edit_message(actor=alice.actor, message_id=message, content=f"better {name(bob)}")
    assert "secret" not in str(await list_inbox(actor=bob.actor))


async def test_items_are_read_one_by_one_and_all_at_once(alice: Person, bob: Person, group_id: str) -> None:
    for number in range(3):
        await say(alice, group_id, f"{number} {name(bob)}")
    await handle(group_id)
    newest, middle, oldest = await ids(bob)
    assert await read_items(actor=bob.actor, item_ids=[middle, "nonsense"]) == {"unread": 2}
    assert [unread for _, _, unread in await inbox(bob)] == [True, False, True]
    # Handled again, nothing is unread again.
    await handle(group_id)
    assert [unread for _, _, unread in await inbox(bob)] == [True, False, True]
    assert await read_items(actor=bob.actor, item_ids=None) == {"unread": 0}
    assert await ids(bob) == [newest, middle, oldest]


async def test_reading_where_it_was_said_reads_it_here(alice: Person, bob: Person, group_id: str) -> None:
    root = await say(alice, group_id, name(bob))
    reply = await say(alice, group_id, f"and {name(bob)}", to=root)
    mine = await say(bob, group_id, "mine")
    await react(alice, mine)
    await handle(group_id)
    # His own message has moved his mark of the group past the first; the thread and the reaction are left.
    assert [unread for _, _, unread in await inbox(bob)] == [True, True, False]
    await services.mark_read(actor=bob.actor, group_id=group_id, seq=seq_of(reply), parent_id=root)
    assert [unread for _, _, unread in await inbox(bob)] == [True, False, False]
    await services.mark_read(actor=bob.actor, group_id=group_id, seq=10**6)
    assert [unread for _, _, unread in await inbox(bob)] == [True, False, False]


def seq_of(message_id: str) -> int:
    key = parse_message_id(message_id)
    assert key
    return key[1]


async def test_who_is_named_anew_has_something_unread_again(alice: Person, bob: Person, group_id: str) -> None:
    message = await say(alice, group_id, name(bob))
    await handle(group_id)
    await read_items(actor=bob.actor, item_ids=None)
    for text in ("nobody", name(bob)):
        await services.edit_message(actor=alice.actor, message_id=message, content=text)
    await handle(group_id)
    assert await inbox(bob) == [("mention", name(bob), True)]


async def test_who_stops_to_follow_a_thread_sees_its_replies_no_longer(
    alice: Person, bob: Person, group_id: str
) -> None:
    root = await say(bob, group_id, "who is there?")
    await say(alice, group_id, "me", to=root)
    await handle(group_id)
    assert len(await inbox(bob)) == 1
    await set_following(actor=bob.actor, message_id=root, following=False)
    assert await inbox(bob) == []


async def test_who_was_removed_sees_nothing_of_the_group_at_once(alice: Person, bob: Person, group_id: str) -> None:
    mine = await say(bob, group_id, "mine")
    await say(alice, group_id, name(bob))
    await say(alice, group_id, "to you", to=mine)
    await react(alice, mine)
    await handle(group_id)
    known = await ids(bob)
    assert len(known) == 3
    await group_services.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
    assert await inbox(bob) == []
    assert await read_items(actor=bob.actor, item_ids=known) == {"unread": 0}
    await group_services.add_members(actor=alice.actor, group_id=group_id, user_ids=[bob.id])
    await handle(group_id)
    # Who named him is there again, unread; the thread he follows no longer.
    assert [(kind, unread) for kind, _, unread in await inbox(bob)] == [("reaction", True), ("mention", True)]


async def test_nothing_is_left_of_a_deleted_group_whoever_handles_it_late(
    alice: Person, bob: Person, group_id: str
) -> None:
    await say(alice, group_id, name(bob))
    await handle(group_id)
    late = await entries(group_id)
    await dissolve_group(actor=alice.actor, group_id=group_id)
    await erase_deleted_groups()
    await ThreadsAndInbox().handle(group_id, late, notify=True)
    assert await rows.list_items(bob.id) == []


async def test_what_was_written_before_there_were_inboxes_is_read_and_a_rebuild_leaves_all_as_it_is(
    alice: Person, bob: Person, group_id: str
) -> None:
    follower = ThreadsAndInbox()
    follower.name = f"inboxes of {group_id}"

    async def rebuild() -> None:
        await follower.handle(group_id, await entries(group_id), notify=False)

    await say(alice, group_id, f"old {name(bob)}")
    await react(alice, await say(bob, group_id, "mine"))
    await load([follower])
    await say(alice, group_id, f"waited {name(bob)}")
    await rebuild()
    expected = [("mention", True), ("reaction", False), ("mention", False)]
    assert [(kind, unread) for kind, _, unread in await inbox(bob)] == expected
    await begin_generation(follower.name)
    await rebuild()
    assert [(kind, unread) for kind, _, unread in await inbox(bob)] == expected


# --- bounds ----------------------------------------------------------------------------------------------------------
async def test_an_inbox_has_so_many_items_and_no_more(
    alice: Person, bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (rows, selectors):
        monkeypatch.setattr(module, "MAX_ITEMS", 3)
    monkeypatch.setattr(random, "randrange", lambda _: 0)
    sent = [await say(alice, group_id, f"{number} {name(bob)}") for number in range(6)]
    await handle(group_id)
    assert await ids(bob) == sent[:2:-1]
    assert len(await rows.list_items(bob.id)) == 3
    await handle(group_id)
    assert await ids(bob) == sent[:2:-1]


async def test_what_is_old_expires(alice: Person, bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    await say(alice, group_id, name(bob))
    await handle(group_id)
    later = time.time() + rows.KEPT_SECONDS + 10
    monkeypatch.setattr(time, "time", lambda: later)
    assert await rows.list_items(bob.id) == []
    await rows.delete([rows.ItemKey(bob.id, group_id, 3, rows.MENTION)])
    await handle(group_id)
    monkeypatch.undo()
    assert await rows.list_items(bob.id) == []


async def test_many_followers_of_a_thread_get_a_reply_in_several_writes(
    alice: Person, bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "MAX_ITEMS_A_WRITE", 1)
    root = await say(alice, group_id, "who is there?")
    await say(bob, group_id, "me", to=root)
    await say(alice, group_id, f"good {name(bob)}", to=root)
    await handle(group_id)
    await handle(group_id)
    assert (len(await inbox(bob)), len(await inbox(alice))) == (1, 1)


async def test_a_page_goes_on_where_the_one_before_ended(alice: Person, bob: Person, group_id: str) -> None:
    sent = [await say(alice, group_id, f"{number} {name(bob)}") for number in range(5)]
    await handle(group_id)
    found, cursor = list[str](), None
    while True:
        page: dict[str, Any] = await list_inbox(actor=bob.actor, limit=2, cursor=cursor)
        found += [item["id"] for item in page["items"]]
        assert page["unread"] == 5
        if "nextCursor" not in page:
            break
        at, item_id = page["items"][-1]["at"], page["items"][-1]["id"]
        cursor = (at, item_id)
    assert found == sent[::-1]
    assert (await groups.list_group_ids(user_id=bob.id)) == {group_id}


async def test_listing_it_counts_as_reading_all_its_items(
    alice: Person, bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        await say(alice, group_id, name(bob))
    await handle(group_id)
    charged: list[tuple[str, str, float]] = []
    monkeypatch.setattr(bucket, "charge", lambda *charge: charged.append(charge))
    await list_inbox(actor=bob.actor, limit=1)
    (_, _, cost), _messages = charged
    assert cost == pytest.approx(3 * 0.1)
