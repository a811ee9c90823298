"""The services of messages: what each does, and what it refuses."""

import asyncio
from typing import Any

import pytest

from foundation.errors import Forbidden, Gone, IdempotencyConflict, Invalid, NotFound, RateLimited, VersionConflict
from foundation.limits.rates import Rate
from groups import selectors as groups
from groups import services as group_services
from groups.log import appender, queries
from messaging import selectors, services
from tests.cast import Person
from tests.files.conftest import store


async def send(person: Person, group_id: str, content: str = "hello", **more: Any) -> dict[str, Any]:
    sent = await services.send_message(actor=person.actor, group_id=group_id, content=content, **more)
    message: dict[str, Any] = sent["message"]
    return message


async def head(group_id: str) -> int:
    return (await groups.get_head_position(group_id=group_id)).seq


def forget_logs() -> None:
    """Drop what this process has in memory of all logs, as a restart does."""
    appender.get_appenders().clear()


async def test_a_sent_message_is_stored_and_read_back(alice: Person, bob: Person, group_id: str) -> None:
    message = await send(alice, group_id, "ahoy", client_id="c1")
    page = await selectors.list_messages(actor=bob.actor, group_id=group_id)
    assert page.messages == [message]
    assert (message["content"], message["userId"], message["clientId"]) == ("ahoy", alice.id, "c1")
    assert message["id"] == f"{group_id}.{message['seq']}"


async def test_a_client_id_sent_many_times_is_one_message(alice: Person, group_id: str) -> None:
    first = await services.send_message(actor=alice.actor, group_id=group_id, content="once", client_id="c1")
    repeated = await asyncio.gather(
        *(
            services.send_message(actor=alice.actor, group_id=group_id, content="once", client_id="c1")
            for _ in range(10)
        )
    )
    assert all(sent == {**first, "duplicate": True} for sent in repeated)
    assert await head(group_id) == first["message"]["seq"]


async def test_ten_concurrent_sends_of_a_client_id_store_one_message(alice: Person, group_id: str) -> None:
    results = await asyncio.gather(
        *(
            services.send_message(actor=alice.actor, group_id=group_id, content="once", client_id="c1")
            for _ in range(10)
        )
    )
    assert len({sent["message"]["id"] for sent in results}) == 1
    assert sum("duplicate" not in sent for sent in results) == 1


@pytest.mark.parametrize("with_after", [True, False])
async def test_a_retry_after_a_restart_is_recognised(alice: Person, group_id: str, *, with_after: bool) -> None:
    after = await head(group_id)
    first = await send(alice, group_id, "once", client_id="c1")
    for n in range(5):
        await send(alice, group_id, f"later {n}")
    forget_logs()
    again = await services.send_message(
        actor=alice.actor, group_id=group_id, content="once", client_id="c1", after=after if with_after else None
    )
    assert again == {"message": first, "duplicate": True}


async def test_the_same_client_id_of_another_sender_is_another_message(
    alice: Person, bob: Person, group_id: str
) -> None:
    assert (await send(alice, group_id, client_id="c1"))["id"] != (await send(bob, group_id, client_id="c1"))["id"]


async def test_a_client_id_with_other_content_is_refused(alice: Person, group_id: str) -> None:
    await send(alice, group_id, "one", client_id="c1")
    with pytest.raises(IdempotencyConflict):
        await send(alice, group_id, "other", client_id="c1")


async def test_a_retry_is_recognised_after_the_message_was_edited_or_deleted(alice: Person, group_id: str) -> None:
    first = await send(alice, group_id, "one", client_id="c1")
    await services.edit_message(actor=alice.actor, message_id=first["id"], content="better")
    assert (await send(alice, group_id, "one", client_id="c1"))["content"] == "better"
    await services.delete_message(actor=alice.actor, message_id=first["id"])
    assert (await send(alice, group_id, "one", client_id="c1"))["deleted"] is True


async def test_concurrent_sends_are_stored_in_order(alice: Person, group_id: str) -> None:
    start = await head(group_id)
    sent = await asyncio.gather(*(send(alice, group_id, str(n)) for n in range(150)))
    assert [message["seq"] for message in sent] == list(range(start + 1, start + 151))
    assert [message["content"] for message in sent] == [str(n) for n in range(150)]


async def test_a_reply_is_counted_at_its_parent(alice: Person, bob: Person, group_id: str) -> None:
    root = await send(alice, group_id, "root")
    await asyncio.gather(*(send(bob, group_id, f"reply {n}", parent_id=root["id"]) for n in range(5)))
    thread = await selectors.list_thread(actor=alice.actor, message_id=root["id"])
    assert thread["root"]["replyCount"] == 5
    assert [reply["content"] for reply in thread["messages"]] == [f"reply {n}" for n in range(5)]
    assert [m["id"] for m in (await selectors.list_messages(actor=bob.actor, group_id=group_id)).messages] == [
        root["id"]
    ]


async def test_a_reply_needs_an_undeleted_top_level_parent_in_its_group(alice: Person, group_id: str) -> None:
    root = await send(alice, group_id, "root")
    reply = await send(alice, group_id, "reply", parent_id=root["id"])
    other = await group_services.create_group(actor=alice.actor, name="Other")
    with pytest.raises(Invalid):
        await send(alice, group_id, "deeper", parent_id=reply["id"])
    with pytest.raises(NotFound):
        await send(alice, other.id, "elsewhere", parent_id=root["id"])
    with pytest.raises(NotFound):
        await send(alice, group_id, "nowhere", parent_id=f"{group_id}.999")
    await services.delete_message(actor=alice.actor, message_id=root["id"])
    with pytest.raises(Gone):
        await send(alice, group_id, "too late", parent_id=root["id"])


async def test_only_the_author_edits_and_only_the_version_that_they_saw(
    alice: Person, bob: Person, group_id: str
) -> None:
    message = await send(alice, group_id, "one")
    with pytest.raises(Forbidden):
        await services.edit_message(actor=bob.actor, message_id=message["id"], content="mine")
    edited = await services.edit_message(actor=alice.actor, message_id=message["id"], content="two", if_version=1)
    assert (edited["message"]["version"], edited["message"]["edited"]) == (2, True)
    with pytest.raises(VersionConflict):
        await services.edit_message(actor=alice.actor, message_id=message["id"], content="three", if_version=1)


async def test_of_concurrent_edits_of_one_version_one_succeeds(alice: Person, group_id: str) -> None:
    message = await send(alice, group_id, "one")
    edits = [
        services.edit_message(actor=alice.actor, message_id=message["id"], content=f"by {n}", if_version=1)
        for n in range(6)
    ]
    results = await asyncio.gather(*edits, return_exceptions=True)
    assert sum(isinstance(result, VersionConflict) for result in results) == 5
    stored = await selectors.get_message(actor=alice.actor, message_id=message["id"])
    assert [stored] == [result["message"] for result in results if isinstance(result, dict)]


async def test_a_deletion_is_final(alice: Person, bob: Person, group_id: str) -> None:
    message = await send(alice, group_id, "secret", client_id="c1")
    await services.react(actor=bob.actor, message_id=message["id"], emoji="👍", action="add")
    with pytest.raises(Forbidden):
        await services.delete_message(actor=bob.actor, message_id=message["id"])
    deletion = await services.delete_message(actor=alice.actor, message_id=message["id"])
    assert await services.delete_message(actor=alice.actor, message_id=message["id"]) == deletion
    tombstone = await selectors.get_message(actor=bob.actor, message_id=message["id"])
    assert (tombstone["content"], tombstone["deleted"]) == ("", True)
    assert "reactions" not in tombstone
    for attempt in (
        services.edit_message(actor=alice.actor, message_id=message["id"], content="back"),
        services.react(actor=bob.actor, message_id=message["id"], emoji="👍", action="add"),
    ):
        with pytest.raises(Gone):
            await attempt
    entries = await queries.entries_after(group_id, 0)
    assert not any("secret" in str(entry.attribute_values) for entry in entries)


async def test_an_owner_may_delete_a_members_message(alice: Person, bob: Person, group_id: str) -> None:
    message = await send(bob, group_id)
    await services.delete_message(actor=alice.actor, message_id=message["id"])


async def test_concurrent_reactions_are_all_kept(alice: Person, bob: Person, group_id: str) -> None:
    message = await send(alice, group_id)
    reactions = [(person, emoji) for person in (alice, bob) for emoji in "👍🎉🚀❤🐙"]
    await asyncio.gather(
        *(
            services.react(actor=person.actor, message_id=message["id"], emoji=emoji, action="add")
            for person, emoji in reactions
        )
    )
    stored = await selectors.get_message(actor=alice.actor, message_id=message["id"])
    assert {r["emoji"]: set(r["userIds"]) for r in stored["reactions"]} == {e: {alice.id, bob.id} for e in "👍🎉🚀❤🐙"}


async def test_adding_or_removing_a_reaction_twice_is_one_entry(alice: Person, group_id: str) -> None:
    message = await send(alice, group_id)
    for _ in range(2):
        added = await services.react(actor=alice.actor, message_id=message["id"], emoji="👍", action="add")
        assert added["reactions"] == [{"emoji": "👍", "userIds": [alice.id], "count": 1}]
    after = await head(group_id)
    assert after == message["seq"] + 1
    for _ in range(2):
        removed = await services.react(actor=alice.actor, message_id=message["id"], emoji="👍", action="remove")
        assert removed["reactions"] == []


async def test_a_message_has_a_limited_number_of_different_emoji(alice: Person, group_id: str, settings: Any) -> None:
    settings.MAX_EMOJI_PER_MESSAGE = 3
    message = await send(alice, group_id)
    for emoji in "abc":
        await services.react(actor=alice.actor, message_id=message["id"], emoji=emoji, action="add")
    with pytest.raises(Invalid):
        await services.react(actor=alice.actor, message_id=message["id"], emoji="d", action="add")


async def test_unread_is_exact_and_a_read_mark_never_moves_back(alice: Person, bob: Person, group_id: str) -> None:
    sent = [await send(alice, group_id, str(n)) for n in range(4)]
    await services.react(actor=alice.actor, message_id=sent[0]["id"], emoji="👍", action="add")
    await send(alice, group_id, "a reply", parent_id=sent[0]["id"])
    (summary,) = (await groups.list_groups(actor=bob.actor)).groups
    assert summary.unread == 4
    mark = await services.mark_read(actor=bob.actor, group_id=group_id, seq=sent[2]["seq"])
    assert (mark["read"], mark["unread"], mark["head"]) == (sent[2]["seq"], 1, await head(group_id))
    assert await services.mark_read(actor=bob.actor, group_id=group_id, seq=sent[0]["seq"]) == mark
    far = await services.mark_read(actor=bob.actor, group_id=group_id, seq=10**9)
    assert (far["read"], far["unread"]) == (await head(group_id), 0)
    assert far["version"] > mark["version"]


async def test_a_thread_has_its_own_read_mark(alice: Person, bob: Person, group_id: str) -> None:
    root = await send(alice, group_id, "root")
    replies = [await send(alice, group_id, str(n), parent_id=root["id"]) for n in range(3)]
    mark = await services.mark_read(actor=bob.actor, group_id=group_id, seq=replies[0]["seq"], parent_id=root["id"])
    assert mark["unread"] == 2
    thread = await selectors.list_thread(actor=bob.actor, message_id=root["id"])
    assert (thread["read"], thread["unread"]) == (replies[0]["seq"], 2)


async def test_pages_of_history_have_no_gap_and_no_overlap(alice: Person, group_id: str) -> None:
    sent = []
    for n in range(12):
        sent.append(await send(alice, group_id, str(n)))
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


async def test_a_user_who_sends_too_fast_gets_the_seconds_to_wait(alice: Person, group_id: str, settings: Any) -> None:
    settings.RATE_LIMITS = {"message": Rate(2, 4)}
    for n in range(2):
        await send(alice, group_id, str(n))
    with pytest.raises(RateLimited) as refused:
        await send(alice, group_id, "too fast")
    assert 0 < (refused.value.retry_after or 0) <= 2


async def test_a_member_removed_by_another_process_cannot_send(alice: Person, bob: Person, group_id: str) -> None:
    """The appender has bob's role in memory; the removal bypasses it, as if another process had made it."""
    await send(bob, group_id, "still a member")
    appenders = dict(appender.get_appenders())
    forget_logs()
    await group_services.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
    forget_logs()
    appender.get_appenders().update(appenders)
    before = await head(group_id)
    for attempt in (
        services.send_message(actor=bob.actor, group_id=group_id, content="out"),
        services.send_message(actor=bob.actor, group_id=group_id, content="out", client_id="c9"),
    ):
        with pytest.raises(NotFound):
            await attempt
    assert await head(group_id) == before


async def test_a_retry_is_recognised_after_its_files_were_deleted(alice: Person, group_id: str) -> None:
    file = await store(alice, group_id)
    files = [file.id, file.id]
    message: dict[str, Any] = {"group_id": group_id, "content": "see", "client_id": "c1", "attachments": files}
    sent = await services.send_message(actor=alice.actor, **message)
    assert (await services.send_message(actor=alice.actor, **message)) == {**sent, "duplicate": True}
    await services.delete_message(actor=alice.actor, message_id=sent["message"]["id"])
    again = await services.send_message(actor=alice.actor, **message)
    assert (again["duplicate"], again["message"]["deleted"]) == (True, True)
