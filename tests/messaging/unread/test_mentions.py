"""Which messages name somebody is noted once, as the messages are, by whichever process comes late."""

from collections.abc import Sequence
from typing import Any

import pytest

from groups import mark_rows, mentions, selectors
from groups import services as groups
from groups.followers import places
from groups.log import queries
from groups.log.entry import Entry
from groups.mentions import MentionFollower
from messaging import services
from messaging.group_deletion import delete_group, erase_deleted_groups
from messaging.unread import mark_unread
from tests.cast import Person
from users.events import UserUpdated
from users.updates import UserUpdates

from .test_mark_unread import say, summary


async def handle(group_id: str, entries: Sequence[Entry] | None = None, *, notify: bool = True) -> None:
    entries = await queries.entries_after(group_id, 0) if entries is None else entries
    await MentionFollower().handle(group_id, entries, notify=notify)


async def mentions_of(who: Person, group_id: str) -> list[int]:
    return list((await summary(who, group_id)).mentions)


async def test_what_names_somebody_now_counts(alice: Person, bob: Person, group_id: str) -> None:
    names_him, names_him_later, deleted, reply = (
        await say(alice, group_id, f"<@{bob.id}>"),
        await say(alice, group_id),
        await say(alice, group_id, f"<@{bob.id}>"),
        await say(alice, group_id, f"<@{bob.id}>"),
    )
    await say(alice, group_id, f"<@{bob.id}>", parent_id=reply["id"])
    await handle(group_id)
    assert await mentions_of(bob, group_id) == [names_him["seq"], deleted["seq"], reply["seq"]]
    await services.edit_message(actor=alice.actor, message_id=names_him["id"], content="never mind")
    await services.edit_message(actor=alice.actor, message_id=names_him_later["id"], content=f"<@{bob.id}>!")
    await services.delete_message(actor=alice.actor, message_id=deleted["id"])
    await handle(group_id)
    assert await mentions_of(bob, group_id) == [names_him_later["seq"], reply["seq"]]
    await services.mark_read(actor=bob.actor, group_id=group_id, seq=names_him_later["seq"])
    assert await mentions_of(bob, group_id) == [reply["seq"]]


async def test_who_deletes_a_message_that_names_them_has_one_mention_less(
    alice: Person, bob: Person, group_id: str
) -> None:
    message = await say(bob, group_id, f"<@{alice.id}>")
    await handle(group_id)
    assert await mentions_of(alice, group_id) == [message["seq"]]
    await services.delete_message(actor=alice.actor, message_id=message["id"])
    await handle(group_id)
    assert await mentions_of(alice, group_id) == []


@pytest.mark.parametrize("then", ["delete", "edit", "read", "unread"])
async def test_a_process_that_was_frozen_writes_nothing_old(
    alice: Person, bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch, then: str
) -> None:
    """It has read the row and the messages; another one follows what happens then; it thaws."""
    first = await say(alice, group_id)
    message = await say(alice, group_id, f"<@{bob.id}>")
    put = mark_rows.put_mentions

    async def frozen(*arguments: Any) -> Any:
        monkeypatch.setattr(mark_rows, "put_mentions", put)
        if then == "delete":
            await services.delete_message(actor=alice.actor, message_id=message["id"])
        elif then == "edit":
            await services.edit_message(actor=alice.actor, message_id=message["id"], content="never mind")
        elif then == "read":
            await services.mark_read(actor=bob.actor, group_id=group_id, seq=message["seq"])
        else:
            await mark_unread(actor=bob.actor, message_id=first["id"])
        await handle(group_id)
        return await put(*arguments)

    monkeypatch.setattr(mark_rows, "put_mentions", frozen)
    await handle(group_id)
    assert await mentions_of(bob, group_id) == ([message["seq"]] if then == "unread" else [])


async def test_a_mention_that_comes_while_a_mark_is_moved_back_is_kept(
    alice: Person, bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = await say(alice, group_id)
    put, late = mark_rows.put_read_mark, []

    async def slow(*arguments: Any) -> Any:
        monkeypatch.setattr(mark_rows, "put_read_mark", put)
        late.append((await say(alice, group_id, f"<@{bob.id}>"))["seq"])
        await handle(group_id)
        return await put(*arguments)

    monkeypatch.setattr(mark_rows, "put_read_mark", slow)
    state = await mark_unread(actor=bob.actor, message_id=message["id"])
    assert (state["mentions"], state["head"]) == (late, late[0])
    assert await mentions_of(bob, group_id) == late


async def test_the_newest_hundred_are_kept(
    alice: Person, bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mentions, "MAX_MENTIONS", 3)
    seqs = [(await say(alice, group_id, f"<@{bob.id}>"))["seq"] for _ in range(5)]
    await handle(group_id)
    assert await mentions_of(bob, group_id) == seqs[2:]
    await services.mark_read(actor=bob.actor, group_id=group_id, seq=seqs[2])
    assert await mentions_of(bob, group_id) == seqs[3:]


async def test_a_rebuild_makes_good_what_was_wrong(alice: Person, bob: Person, group_id: str) -> None:
    message = await say(alice, group_id, f"<@{bob.id}>")
    other = await say(alice, group_id, "nobody")
    mark = await mark_rows.find_read_mark(group_id, bob.id)
    await mark_rows.put_mentions(group_id, bob.id, mark, [])
    await handle(group_id, notify=False)
    assert await mentions_of(bob, group_id) == [message["seq"]]
    assert other["seq"] not in await mentions_of(bob, group_id)


async def test_each_change_is_told_and_old_ones_are_not(
    alice: Person, bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = await say(alice, group_id, f"<@{bob.id}> <@{alice.id}>")
    told: list[Any] = []
    monkeypatch.setattr(UserUpdates, "tell", lambda _, *arguments: told.append(arguments))
    await handle(group_id)
    assert told == [(bob.id, UserUpdated.MENTIONS, {"groupId": group_id, "mentions": [message["seq"]], "version": 1})]
    await handle(group_id, notify=False)
    assert len(told) == 1


async def test_who_was_removed_is_told_nothing_and_finds_the_same_later(
    alice: Person, bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = await say(alice, group_id, f"<@{bob.id}>")
    await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
    told: list[Any] = []
    monkeypatch.setattr(UserUpdates, "tell", lambda _, *arguments: told.append(arguments))
    await handle(group_id)
    assert told == []
    assert await selectors.list_summaries(actor=bob.actor, group_ids=[group_id]) == []
    await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[bob.id])
    assert await mentions_of(bob, group_id) == [message["seq"]]


async def test_nothing_is_left_of_a_group_that_is_deleted_meanwhile(alice: Person, bob: Person, group_id: str) -> None:
    await say(alice, group_id, f"<@{bob.id}>")
    entries = await queries.entries_after(group_id, 0)
    await delete_group(actor=alice.actor, group_id=group_id)
    await erase_deleted_groups()
    await handle(group_id, entries)
    assert await mark_rows.find_own_marks(group_id, [bob.id]) == {}
    assert await places.find([group_id]) == {}


async def test_a_deletion_keeps_whom_the_message_named_and_nothing_else(
    alice: Person, bob: Person, group_id: str
) -> None:
    message = await say(alice, group_id, f"a secret for <@{bob.id}> <!all>")
    deletion = await services.delete_message(actor=alice.actor, message_id=message["id"])
    entry = await queries.get_entry(group_id, deletion["seq"])
    assert entry
    assert entry.unnamed == {bob.id}
    assert "secret" not in str(entry.attribute_values)
