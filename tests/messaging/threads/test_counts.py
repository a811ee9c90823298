"""What is unread of a thread: replies that name somebody, or everybody, count as those of a group do."""

from typing import Any

import pytest

from groups import mark_rows
from groups.mentions import ThreadMentionFollower
from groups.read_mark import MarkKey
from groups.read_marks import read_marks
from messaging import selectors, services
from messaging.group_deletion import delete_group, erase_deleted_groups
from messaging.threads.selectors import find_counts, list_threads
from messaging.unread import mark_unread
from tests.cast import Person
from tests.messaging.following import entries, name, say
from tests.messaging.following import handle as follow
from users.events import UserUpdated
from users.updates import UserUpdates


def seq_of(message_id: str) -> int:
    return int(message_id.rpartition(".")[2])


async def handle(group_id: str, *, notify: bool = True) -> None:
    await follow(group_id)
    await ThreadMentionFollower().handle(group_id, await entries(group_id), notify=notify)


async def counts(who: Person, root: str) -> tuple[int, list[int], int]:
    """Return how many replies are unread, which of them name the person, and how many everybody."""
    thread = await selectors.list_thread(actor=who.actor, message_id=root)
    return thread["unread"], thread["mentions"], thread["all"]


async def test_replies_that_name_one_or_everybody_count(alice: Person, bob: Person, group_id: str) -> None:
    root = await say(alice, group_id, f"{name(bob)} <!all>")
    plain, names_him, names_all, both = [
        await say(alice, group_id, text, to=root) for text in ("hm", name(bob), "<!all>", f"{name(bob)} <!all>")
    ]
    await handle(group_id)
    named = [seq_of(names_him), seq_of(both)]
    # The root is a message of the group, and counts there.
    assert await counts(bob, root) == (4, named, 2)
    assert await counts(alice, root) == (0, [], 0)
    (thread,) = (await list_threads(actor=bob.actor))["threads"]
    assert (thread["unread"], thread["mentions"], thread["all"]) == (4, named, 2)
    assert (await find_counts(actor=bob.actor)) == (1, 2, 2)
    state = await services.mark_read(actor=bob.actor, group_id=group_id, seq=seq_of(names_all), parent_id=root)
    assert (state["unread"], state["mentions"], state["all"], state["head"]) == (1, [seq_of(both)], 1, seq_of(both))
    assert seq_of(plain) < state["read"]


async def test_edits_and_deletions_are_followed(alice: Person, bob: Person, group_id: str) -> None:
    root = await say(alice, group_id, "hm")
    unnamed, named_later, deleted = [
        await say(alice, group_id, text, to=root) for text in (name(bob), "hm", f"{name(bob)} <!all>")
    ]
    await handle(group_id)
    assert (await counts(bob, root))[1] == [seq_of(unnamed), seq_of(deleted)]
    await services.edit_message(actor=alice.actor, message_id=unnamed, content="<!all>")
    await services.edit_message(actor=alice.actor, message_id=named_later, content=name(bob))
    await services.delete_message(actor=alice.actor, message_id=deleted)
    await handle(group_id)
    # Nobody is called twice: `all` is what was said when it was sent.
    assert await counts(bob, root) == (3, [seq_of(named_later)], 1)


async def test_marking_unread_finds_both_in_the_log(alice: Person, bob: Person, group_id: str) -> None:
    root = await say(alice, group_id, "hm")
    first = await say(alice, group_id, f"{name(bob)} <!all>", to=root)
    await say(bob, group_id, "<!all>", to=root)
    last = await say(alice, group_id, f"{name(bob)} <!all>", to=root)
    await handle(group_id)
    await services.mark_read(actor=bob.actor, group_id=group_id, seq=10**6, parent_id=root)
    assert await counts(bob, root) == (0, [], 0)
    state = await mark_unread(actor=bob.actor, message_id=first)
    # What he has sent himself does not count.
    assert (state["unread"], state["mentions"], state["all"]) == (2, [seq_of(first), seq_of(last)], 2)
    assert await counts(bob, root) == (2, [seq_of(first), seq_of(last)], 2)
    await say(bob, group_id, "<!all>", to=root)
    assert await counts(bob, root) == (0, [], 0)


async def test_a_mark_that_sending_moves_passes_what_named_everybody(alice: Person, bob: Person, group_id: str) -> None:
    root = await say(alice, group_id, "hm")
    await say(alice, group_id, "<!all>", to=root)
    await say(bob, group_id, "<!all>", to=root)
    await read_marks().write_all()
    assert await counts(bob, root) == (0, [], 0)
    await say(alice, group_id, "<!all>", to=root)
    assert await counts(bob, root) == (1, [], 1)
    assert await counts(alice, root) == (0, [], 0)


@pytest.mark.parametrize("then", ["delete", "read"])
async def test_a_process_that_was_frozen_writes_nothing_old(
    alice: Person, bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch, then: str
) -> None:
    """It has read the row and the replies; another one follows what happens then; it thaws."""
    root = await say(alice, group_id, "hm")
    reply = await say(alice, group_id, name(bob), to=root)
    put = mark_rows.put_thread_mentions

    async def frozen(*arguments: Any) -> Any:
        monkeypatch.setattr(mark_rows, "put_thread_mentions", put)
        if then == "delete":
            await services.delete_message(actor=alice.actor, message_id=reply)
        else:
            await services.mark_read(actor=bob.actor, group_id=group_id, seq=seq_of(reply), parent_id=root)
        await handle(group_id)
        return await put(*arguments)

    monkeypatch.setattr(mark_rows, "put_thread_mentions", frozen)
    await handle(group_id)
    assert (await counts(bob, root))[1] == []


async def test_it_is_told_to_a_member_alone(
    alice: Person, bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(UserUpdates, "tell", lambda _, *arguments: told.append(arguments))
    root = await say(alice, group_id, "hm")
    reply = await say(alice, group_id, name(bob), to=root)
    await ThreadMentionFollower().handle(group_id, await entries(group_id), notify=True)
    change = {"groupId": group_id, "parentId": root, "mentions": [seq_of(reply)], "version": 1}
    assert told == [(bob.id, UserUpdated.THREAD_MENTIONS, change)]


async def test_a_deleted_group_gets_no_mark(alice: Person, bob: Person, group_id: str) -> None:
    root = await say(alice, group_id, "hm")
    await say(alice, group_id, name(bob), to=root)
    late = await entries(group_id)
    await delete_group(actor=alice.actor, group_id=group_id)
    await erase_deleted_groups()
    await ThreadMentionFollower().handle(group_id, late, notify=True)
    key = MarkKey(bob.id, group_id, root)
    assert (await mark_rows.find_read_marks([key]))[key].details.version == 0


async def test_the_count_is_bounded_by_the_place_that_it_names(
    alice: Person, bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reply that comes between the log's end and its root was read lies before the `head` of the answer."""
    root = await say(alice, group_id, "hm")
    first = await say(alice, group_id, "one", to=root)
    require = services.require_thread_root

    async def late(*arguments: Any) -> Any:
        await say(alice, group_id, "two", to=root)
        return await require(*arguments)

    monkeypatch.setattr(services, "require_thread_root", late)
    state = await services.mark_read(actor=bob.actor, group_id=group_id, seq=seq_of(first), parent_id=root)
    assert (state["unread"], state["head"]) == (1, seq_of(first) + 1)
