"""Messages: what each service does, and what it refuses."""

import asyncio
from typing import Any

import pytest

from foundation.errors import Forbidden, Gone, IdempotencyConflict, Invalid, NotFound, RateLimited, VersionConflict
from groups import selectors as groups
from groups import services as group_services
from groups.log import appender, queries
from messaging import rate_limit, selectors, services
from tests.cast import Person
from tests.files.conftest import store


async def say(person: Person, group_id: str, content: str = "hello", **more: Any) -> dict[str, Any]:
    sent = await services.send_message(actor=person.actor, group_id=group_id, content=content, **more)
    message: dict[str, Any] = sent["message"]
    return message


async def head(group_id: str) -> int:
    return (await groups.head_position(group_id=group_id)).seq


def forget_logs() -> None:
    """Make this process know nothing of any log, as after a restart."""
    appender.get_appenders().clear()


async def test_a_sent_message_is_stored_and_read_back(alice: Person, bob: Person, group_id: str) -> None:
    message = await say(alice, group_id, "ahoy", client_id="c1")
    page = await selectors.list_messages(actor=bob.actor, group_id=group_id)
    assert page.messages == [message]
    assert (message["content"], message["userId"], message["clientId"]) == ("ahoy", alice.id, "c1")
    assert message["id"] == f"{group_id}.{message['seq']}"


async def test_one_client_id_is_one_message_however_often_it_is_sent(alice: Person, group_id: str) -> None:
    first = await services.send_message(actor=alice.actor, group_id=group_id, content="once", client_id="c1")
    again = await asyncio.gather(
        *(
            services.send_message(actor=alice.actor, group_id=group_id, content="once", client_id="c1")
            for _ in range(10)
        )
    )
    assert all(answer == {**first, "duplicate": True} for answer in again)
    assert await head(group_id) == first["message"]["seq"]


async def test_ten_first_tries_at_once_store_one_message(alice: Person, group_id: str) -> None:
    answers = await asyncio.gather(
        *(
            services.send_message(actor=alice.actor, group_id=group_id, content="once", client_id="c1")
            for _ in range(10)
        )
    )
    assert len({answer["message"]["id"] for answer in answers}) == 1
    assert sum("duplicate" not in answer for answer in answers) == 1


@pytest.mark.parametrize("with_after", [True, False])
async def test_a_retry_after_a_restart_is_recognised(alice: Person, group_id: str, *, with_after: bool) -> None:
    after = await head(group_id)
    first = await say(alice, group_id, "once", client_id="c1")
    for n in range(5):
        await say(alice, group_id, f"later {n}")
    forget_logs()
    again = await services.send_message(
        actor=alice.actor, group_id=group_id, content="once", client_id="c1", after=after if with_after else None
    )
    assert again == {"message": first, "duplicate": True}


async def test_the_same_client_id_of_another_sender_is_another_message(
    alice: Person, bob: Person, group_id: str
) -> None:
    assert (await say(alice, group_id, client_id="c1"))["id"] != (await say(bob, group_id, client_id="c1"))["id"]


async def test_a_client_id_with_other_content_is_refused(alice: Person, group_id: str) -> None:
    await say(alice, group_id, "one", client_id="c1")
    with pytest.raises(IdempotencyConflict):
        await say(alice, group_id, "other", client_id="c1")


async def test_a_retry_is_recognised_after_the_message_was_edited_or_deleted(alice: Person, group_id: str) -> None:
    first = await say(alice, group_id, "one", client_id="c1")
    await services.edit_message(actor=alice.actor, message_id=first["id"], content="better")
    assert (await say(alice, group_id, "one", client_id="c1"))["content"] == "better"
    await services.delete_message(actor=alice.actor, message_id=first["id"])
    assert (await say(alice, group_id, "one", client_id="c1"))["deleted"] is True


async def test_sends_in_flight_together_leave_together_and_in_order(alice: Person, group_id: str) -> None:
    start = await head(group_id)
    sent = await asyncio.gather(*(say(alice, group_id, str(n)) for n in range(150)))
    assert [message["seq"] for message in sent] == list(range(start + 1, start + 151))
    assert [message["content"] for message in sent] == [str(n) for n in range(150)]


async def test_a_reply_counts_at_its_parent(alice: Person, bob: Person, group_id: str) -> None:
    root = await say(alice, group_id, "root")
    await asyncio.gather(*(say(bob, group_id, f"reply {n}", parent_id=root["id"]) for n in range(5)))
    thread = await selectors.list_thread(actor=alice.actor, message_id=root["id"])
    assert thread["root"]["replyCount"] == 5
    assert [reply["content"] for reply in thread["messages"]] == [f"reply {n}" for n in range(5)]
    assert [m["id"] for m in (await selectors.list_messages(actor=bob.actor, group_id=group_id)).messages] == [
        root["id"]
    ]


async def test_a_reply_needs_a_parent_of_the_same_group_that_is_open(alice: Person, group_id: str) -> None:
    root = await say(alice, group_id, "root")
    reply = await say(alice, group_id, "reply", parent_id=root["id"])
    other = await group_services.create_group(actor=alice.actor, name="Other")
    with pytest.raises(Invalid):
        await say(alice, group_id, "deeper", parent_id=reply["id"])
    with pytest.raises(NotFound):
        await say(alice, other.id, "elsewhere", parent_id=root["id"])
    with pytest.raises(NotFound):
        await say(alice, group_id, "nowhere", parent_id=f"{group_id}.999")
    await services.delete_message(actor=alice.actor, message_id=root["id"])
    with pytest.raises(Gone):
        await say(alice, group_id, "too late", parent_id=root["id"])


async def test_only_the_author_edits_and_if_version_refuses_the_stale(
    alice: Person, bob: Person, group_id: str
) -> None:
    message = await say(alice, group_id, "one")
    with pytest.raises(Forbidden):
        await services.edit_message(actor=bob.actor, message_id=message["id"], content="mine")
    edited = await services.edit_message(actor=alice.actor, message_id=message["id"], content="two", if_version=1)
    assert (edited["message"]["version"], edited["message"]["edited"]) == (2, True)
    with pytest.raises(VersionConflict):
        await services.edit_message(actor=alice.actor, message_id=message["id"], content="three", if_version=1)


async def test_of_editors_at_once_with_the_same_version_one_wins(alice: Person, group_id: str) -> None:
    message = await say(alice, group_id, "one")
    tries = [
        services.edit_message(actor=alice.actor, message_id=message["id"], content=f"by {n}", if_version=1)
        for n in range(6)
    ]
    results = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(result, VersionConflict) for result in results) == 5
    stored = await selectors.get_message(actor=alice.actor, message_id=message["id"])
    assert [stored] == [result["message"] for result in results if isinstance(result, dict)]


async def test_a_delete_is_final(alice: Person, bob: Person, group_id: str) -> None:
    message = await say(alice, group_id, "secret", client_id="c1")
    await services.react(actor=bob.actor, message_id=message["id"], emoji="👍", action="add")
    with pytest.raises(Forbidden):
        await services.delete_message(actor=bob.actor, message_id=message["id"])
    deletion = await services.delete_message(actor=alice.actor, message_id=message["id"])
    assert await services.delete_message(actor=alice.actor, message_id=message["id"]) == deletion
    left = await selectors.get_message(actor=bob.actor, message_id=message["id"])
    assert (left["content"], left["deleted"]) == ("", True)
    assert "reactions" not in left
    for attempt in (
        services.edit_message(actor=alice.actor, message_id=message["id"], content="back"),
        services.react(actor=bob.actor, message_id=message["id"], emoji="👍", action="add"),
    ):
        with pytest.raises(Gone):
            await attempt
    entries = await queries.entries_after(group_id, 0)
    assert not any("secret" in str(entry.attribute_values) for entry in entries)


async def test_a_manager_may_delete_what_a_member_wrote(alice: Person, bob: Person, group_id: str) -> None:
    message = await say(bob, group_id)
    await services.delete_message(actor=alice.actor, message_id=message["id"])


async def test_no_reaction_is_lost_when_all_react_at_once(alice: Person, bob: Person, group_id: str) -> None:
    message = await say(alice, group_id)
    wishes = [(person, emoji) for person in (alice, bob) for emoji in "👍🎉🚀❤🐙"]
    await asyncio.gather(
        *(
            services.react(actor=person.actor, message_id=message["id"], emoji=emoji, action="add")
            for person, emoji in wishes
        )
    )
    stored = await selectors.get_message(actor=alice.actor, message_id=message["id"])
    assert {r["emoji"]: set(r["userIds"]) for r in stored["reactions"]} == {e: {alice.id, bob.id} for e in "👍🎉🚀❤🐙"}


async def test_a_reaction_is_there_once_and_goes_once(alice: Person, group_id: str) -> None:
    message = await say(alice, group_id)
    for _ in range(2):
        added = await services.react(actor=alice.actor, message_id=message["id"], emoji="👍", action="add")
        assert added["reactions"] == [{"emoji": "👍", "userIds": [alice.id], "count": 1}]
    after = await head(group_id)
    assert after == message["seq"] + 1
    for _ in range(2):
        removed = await services.react(actor=alice.actor, message_id=message["id"], emoji="👍", action="remove")
        assert removed["reactions"] == []


async def test_a_message_takes_fifty_different_emoji(alice: Person, group_id: str, settings: Any) -> None:
    settings.MAX_EMOJI_PER_MESSAGE = 3
    message = await say(alice, group_id)
    for emoji in "abc":
        await services.react(actor=alice.actor, message_id=message["id"], emoji=emoji, action="add")
    with pytest.raises(Invalid):
        await services.react(actor=alice.actor, message_id=message["id"], emoji="d", action="add")


async def test_unread_is_exact_and_a_read_mark_never_moves_back(alice: Person, bob: Person, group_id: str) -> None:
    sent = [await say(alice, group_id, str(n)) for n in range(4)]
    await services.react(actor=alice.actor, message_id=sent[0]["id"], emoji="👍", action="add")
    await say(alice, group_id, "a reply", parent_id=sent[0]["id"])
    (summary,) = await groups.list_groups(actor=bob.actor)
    assert summary.unread == 4
    mark = await services.mark_read(actor=bob.actor, group_id=group_id, seq=sent[2]["seq"])
    assert mark == {"read": sent[2]["seq"], "unread": 1}
    assert await services.mark_read(actor=bob.actor, group_id=group_id, seq=sent[0]["seq"]) == mark
    far = await services.mark_read(actor=bob.actor, group_id=group_id, seq=10**9)
    assert far == {"read": await head(group_id), "unread": 0}


async def test_a_thread_has_a_read_mark_of_its_own(alice: Person, bob: Person, group_id: str) -> None:
    root = await say(alice, group_id, "root")
    replies = [await say(alice, group_id, str(n), parent_id=root["id"]) for n in range(3)]
    mark = await services.mark_read(actor=bob.actor, group_id=group_id, seq=replies[0]["seq"], parent_id=root["id"])
    assert mark["unread"] == 2
    thread = await selectors.list_thread(actor=bob.actor, message_id=root["id"])
    assert (thread["read"], thread["unread"]) == (replies[0]["seq"], 2)


async def test_history_pages_meet_without_gap_or_overlap(alice: Person, group_id: str) -> None:
    sent = []
    for n in range(12):
        sent.append(await say(alice, group_id, str(n)))
        await services.react(actor=alice.actor, message_id=sent[-1]["id"], emoji="👍", action="add")
    seen: list[str] = []
    before: int | None = None
    while True:
        page = await selectors.list_messages(actor=alice.actor, group_id=group_id, before=before, limit=5)
        seen = [message["id"] for message in page.messages] + seen
        if not page.has_more:
            break
        before = page.messages[0]["seq"]
    assert seen == [message["id"] for message in sent]


async def test_whoever_sends_too_fast_is_told_when_to_go_on(alice: Person, group_id: str, settings: Any) -> None:
    settings.MESSAGE_RATE, settings.MESSAGE_BURST = 0.5, 2
    rate_limit._buckets.clear()
    for n in range(2):
        await say(alice, group_id, str(n))
    with pytest.raises(RateLimited) as refused:
        await say(alice, group_id, "too fast")
    assert 0 < (refused.value.retry_after or 0) <= 2


async def test_who_was_removed_elsewhere_cannot_write_although_this_process_knew_them(
    alice: Person, bob: Person, group_id: str
) -> None:
    """The appender here knows bob as a member; the removal is written past it, as by another process."""
    await say(bob, group_id, "still in")
    known = dict(appender.get_appenders())
    forget_logs()
    await group_services.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
    forget_logs()
    appender.get_appenders().update(known)
    before = await head(group_id)
    for attempt in (
        services.send_message(actor=bob.actor, group_id=group_id, content="out"),
        services.send_message(actor=bob.actor, group_id=group_id, content="out", client_id="c9"),
    ):
        with pytest.raises(NotFound):
            await attempt
    assert await head(group_id) == before


async def test_a_retry_is_recognised_although_its_files_are_gone(alice: Person, group_id: str) -> None:
    file = await store(alice, group_id)
    files = [file.id, file.id]
    message: dict[str, Any] = {"group_id": group_id, "content": "see", "client_id": "c1", "attachments": files}
    sent = await services.send_message(actor=alice.actor, **message)
    assert (await services.send_message(actor=alice.actor, **message)) == {**sent, "duplicate": True}
    await services.delete_message(actor=alice.actor, message_id=sent["message"]["id"])
    again = await services.send_message(actor=alice.actor, **message)
    assert (again["duplicate"], again["message"]["deleted"]) == (True, True)
