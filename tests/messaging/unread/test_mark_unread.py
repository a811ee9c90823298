"""Marking unread moves a mark back, and nothing that comes late undoes it."""

from typing import Any

import pytest

from dynamodb import store
from foundation.errors import Invalid, NotFound, RateLimited, Unavailable
from foundation.limits.rates import Rate
from groups import mark_rows, selectors
from groups import services as groups
from groups.log import queries
from groups.memberships import own_row
from groups.read_mark import MarkKey
from groups.read_mark_repair import ReadMarkRepair
from groups.read_marks import read_marks
from groups.rows import GroupRow
from groups.selectors import GroupSummary
from messaging import services, unread
from messaging.unread import mark_unread
from realtime.hub.change import Position
from tests.cast import Person
from users.events import UserUpdated
from users.updates import UserUpdates


async def say(who: Person, group_id: str, content: str = "ahoy", **more: Any) -> dict[str, Any]:
    sent = await services.send_message(actor=who.actor, group_id=group_id, content=content, **more)
    message: dict[str, Any] = sent["message"]
    return message


async def summary(who: Person, group_id: str) -> GroupSummary:
    (found,) = await selectors.list_summaries(actor=who.actor, group_ids=[group_id])
    return found


async def test_what_others_have_written_since_is_unread(alice: Person, bob: Person, group_id: str) -> None:
    first = await say(alice, group_id, f"<@{bob.id}>")
    await say(bob, group_id, "<!all>")
    third = await say(alice, group_id, f"<!all> <@{bob.id}>")
    last = await say(bob, group_id, f"<@{alice.id}> <!all>")
    assert (await summary(bob, group_id)).unread == 0
    state = await mark_unread(actor=bob.actor, message_id=first["id"])
    assert state["read"] == first["seq"] - 1
    assert (state["unread"], state["mentions"], state["all"]) == (2, [first["seq"], third["seq"]], 1)
    assert state["head"] == last["seq"]
    # When a part is read again, what is left is counted by what was noted.
    state = await services.mark_read(actor=bob.actor, group_id=group_id, seq=first["seq"] + 1)
    assert (state["unread"], state["mentions"], state["all"]) == (1, [third["seq"]], 1)
    state = await services.mark_read(actor=bob.actor, group_id=group_id, seq=third["seq"])
    assert (state["unread"], state["mentions"], state["all"]) == (0, [], 0)


async def test_marks_that_were_to_be_written_do_not_undo_it(alice: Person, bob: Person, group_id: str) -> None:
    first = await say(alice, group_id)
    own = await say(bob, group_id)
    key = MarkKey(bob.id, group_id)
    late = read_marks()._pending[key]
    await mark_unread(actor=bob.actor, message_id=first["id"])
    read_marks().note_sent(key, late)
    assert (await summary(bob, group_id)).unread == 1
    read_marks().note_sent(key, late)
    await read_marks().write_all()
    assert key not in read_marks()._pending
    await ReadMarkRepair().handle(group_id, await queries.entries_after(group_id, 0), notify=True)
    assert (await mark_rows.find_read_mark(group_id, bob.id)).seq == first["seq"] - 1
    assert own["seq"] == late.seq


async def test_a_message_sent_afterwards_moves_the_mark(alice: Person, bob: Person, group_id: str) -> None:
    first = await say(alice, group_id)
    await say(bob, group_id)
    await mark_unread(actor=bob.actor, message_id=first["id"])
    own = await say(bob, group_id)
    found = await summary(bob, group_id)
    assert (found.read, found.unread) == (own["seq"], 0)


async def test_a_thread_is_marked_by_a_reply(alice: Person, bob: Person, group_id: str) -> None:
    root = await say(alice, group_id)
    first = await say(alice, group_id, parent_id=root["id"])
    await say(bob, group_id, parent_id=root["id"])
    await say(alice, group_id)
    await say(alice, group_id, parent_id=root["id"])
    before = await summary(bob, group_id)
    state = await mark_unread(actor=bob.actor, message_id=first["id"])
    assert (state["read"], state["unread"]) == (first["seq"] - 1, 2)
    assert (state["mentions"], state["all"]) == ([], 0)
    mark = await selectors.get_read_mark(actor=bob.actor, group_id=group_id, parent_id=root["id"])
    assert (mark.seq, mark.unread(Position(10**6, 3))) == (first["seq"] - 1, 2)
    assert await summary(bob, group_id) == before


async def test_it_is_told_to_the_users_other_devices(
    alice: Person, bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await say(alice, group_id)
    await services.mark_read(actor=bob.actor, group_id=group_id, seq=first["seq"])
    told: list[Any] = []
    monkeypatch.setattr(UserUpdates, "tell", lambda _, *arguments: told.append(arguments))
    state = await mark_unread(actor=bob.actor, message_id=first["id"])
    assert told == [(bob.id, UserUpdated.READ_MARK, {"groupId": group_id, **state})]


async def test_what_lies_too_far_back_is_refused(alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unread, "MAX_BACK", 2)
    messages = [await say(alice, group_id) for _ in range(4)]
    with pytest.raises(Invalid) as refused:
        await mark_unread(actor=alice.actor, message_id=messages[0]["id"])
    assert refused.value.fields == {"messageId": ["More than 2 entries of the log follow it."]}
    assert (await mark_unread(actor=alice.actor, message_id=messages[1]["id"]))["unread"] == 0


async def test_marking_counts_as_reading_the_log(alice: Person, group_id: str, settings: Any) -> None:
    message = await say(alice, group_id)
    settings.RATE_LIMITS = {"history": Rate(1, 1000)}
    await mark_unread(actor=alice.actor, message_id=message["id"])
    with pytest.raises(RateLimited):
        await mark_unread(actor=alice.actor, message_id=message["id"])


async def test_who_was_removed_marks_nothing(alice: Person, bob: Person, group_id: str) -> None:
    message = await say(alice, group_id)
    await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
    with pytest.raises(NotFound):
        await mark_unread(actor=bob.actor, message_id=message["id"])


async def test_who_is_removed_meanwhile_gets_no_mark(
    alice: Person, bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = await say(alice, group_id)
    read = queries.outlines_after

    async def removed_then(*arguments: Any, **limits: Any) -> Any:
        if await selectors.members_among(group_id=group_id, user_ids=[bob.id]):
            await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
        return await read(*arguments, **limits)

    monkeypatch.setattr(queries, "outlines_after", removed_then)
    with pytest.raises((NotFound, Unavailable)):
        await mark_unread(actor=bob.actor, message_id=message["id"])
    assert (await mark_rows.find_read_mark(group_id, bob.id)).details.version == 0


async def test_a_mark_of_an_older_version_has_what_the_log_says(alice: Person, bob: Person, group_id: str) -> None:
    await say(alice, group_id, "<!all>")
    read = await say(alice, group_id)
    await say(alice, group_id, "<!all>")

    def write_as_before() -> None:
        own_row(bob.id, group_id).update(actions=[GroupRow.seq.set(read["seq"]), GroupRow.message_count.set(2)])

    await store.call(write_as_before)
    found = await summary(bob, group_id)
    assert (found.unread, found.unread_alls, found.mentions) == (1, 1, [])
    state = await services.mark_read(actor=bob.actor, group_id=group_id, seq=1)
    assert (state["read"], state["all"]) == (read["seq"], 1)
