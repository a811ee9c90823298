"""Who is blocked does not reach the one who has blocked them, and cannot tell."""

import asyncio
from typing import Any

import pytest

from foundation.errors import Forbidden, Invalid, NotFound
from groups import selectors as group_selectors
from groups import services as groups
from groups.asked import MustBeAsked, list_asked
from groups.blocking import selectors
from groups.blocking import services as blocking
from groups.direct import direct_id
from groups.log import queries
from groups.log.appender import get_appenders
from groups.log.state import LogState
from groups.mentions import MentionFollower
from messaging import selectors as messages
from messaging import services
from messaging.inbox import selectors as inbox
from messaging.inbox.follower import ThreadsAndInbox
from messaging.unread import mark_unread
from tests.cast import Person
from users import blocks
from users.events import UserUpdated
from users.updates import UserUpdates

from .unread.test_mark_unread import say, summary

Wire = dict[str, Any]


async def follow(group_id: str) -> None:
    entries = await queries.entries_after(group_id, 0)
    for follower in (MentionFollower(), ThreadsAndInbox()):
        await follower.handle(group_id, entries, notify=False)


@pytest.fixture
async def direct(alice: Person, bob: Person) -> str:
    """The conversation of alice, who will block bob, with him."""
    return (await groups.create_direct(actor=alice.actor, user_id=bob.id)).id


async def block(alice: Person, bob: Person) -> None:
    await blocking.block_user(actor=alice.actor, user_id=bob.id)


# --- direct conversations --------------------------------------------------------------------------------------------
async def test_neither_writes_in_their_conversation(alice: Person, bob: Person, direct: str) -> None:
    before = await say(bob, direct, client_id="first", after=1)
    own = await say(alice, direct)
    await block(alice, bob)
    for who, message in ((bob, before), (alice, own)):
        for attempt in (
            say(who, direct),
            services.edit_message(actor=who.actor, message_id=message["id"], content="other"),
            services.react(actor=who.actor, message_id=message["id"], emoji="x", action="add"),
        ):
            with pytest.raises(Forbidden):
                await attempt
    entries = await queries.entries_after(direct, own["seq"])
    assert [entry.kind for entry in entries] == ["group"]
    # What was stored is found again.
    again = await services.send_message(actor=bob.actor, group_id=direct, content="ahoy", client_id="first", after=1)
    assert again["duplicate"]
    assert again["message"]["id"] == before["id"]
    await services.delete_message(actor=bob.actor, message_id=before["id"])
    await blocking.unblock_user(actor=alice.actor, user_id=bob.id)
    await say(bob, direct)
    await say(alice, direct)


async def test_what_is_sent_at_that_moment_is_stored_before_or_not_at_all(
    alice: Person, bob: Person, direct: str
) -> None:
    sending = [say(bob, direct, f"{number}", client_id=f"{number}") for number in range(20)]
    results = await asyncio.gather(*sending[:10], block(alice, bob), *sending[10:], return_exceptions=True)
    stored = [result["seq"] for result in results if isinstance(result, dict)]
    assert all(isinstance(result, dict | Forbidden) for result in results if result is not None)
    closing = next(entry for entry in await queries.entries_after(direct, 0) if entry.action == "close")
    assert all(seq < closing.seq for seq in stored)
    assert stored == sorted(stored)


async def test_a_process_that_has_not_heard_of_it_is_refused_by_the_log(
    alice: Person, bob: Person, direct: str
) -> None:
    await say(bob, direct)
    late = get_appenders().pop(direct)
    await block(alice, bob)
    for closes in (True, False):
        here = get_appenders().pop(direct, None)
        get_appenders()[direct] = late
        if closes:
            with pytest.raises(Forbidden):
                await say(bob, direct)
        else:
            await say(bob, direct)
        get_appenders().pop(direct)
        if here:
            get_appenders()[direct] = here
        if closes:
            await blocking.unblock_user(actor=alice.actor, user_id=bob.id)
    state = await LogState.load(direct)
    assert state
    assert state.closed_by == frozenset()


async def test_both_may_block(alice: Person, bob: Person, direct: str) -> None:
    await asyncio.gather(block(alice, bob), block(bob, alice))
    await blocking.unblock_user(actor=alice.actor, user_id=bob.id)
    with pytest.raises(Forbidden):
        await say(alice, direct)
    await blocking.unblock_user(actor=bob.actor, user_id=alice.id)
    await say(alice, direct)


async def test_acts_at_once_end_as_the_row_says(alice: Person, bob: Person, direct: str) -> None:
    await block(alice, bob)
    await asyncio.gather(
        *(blocking.unblock_user(actor=alice.actor, user_id=bob.id) for _ in range(2)),
        *(block(alice, bob) for _ in range(2)),
        return_exceptions=True,
    )
    state = await LogState.load(direct)
    assert state
    assert (alice.id in state.closed_by) == ((await blocks.find_block(alice.id, bob.id)).since is not None)


async def test_none_is_opened(alice: Person, bob: Person, charlie: Person) -> None:
    await block(alice, bob)
    for people in ([alice.id], [alice.id, charlie.id]):
        with pytest.raises(Forbidden, match="begin conversations themselves"):
            await groups.create_direct(actor=bob.actor, user_ids=people)
    for people in ([bob.id], [bob.id, charlie.id]):
        with pytest.raises(Forbidden, match="You have blocked"):
            await groups.create_direct(actor=alice.actor, user_ids=people)
    await groups.create_direct(actor=charlie.actor, user_id=alice.id)
    await blocking.unblock_user(actor=alice.actor, user_id=bob.id)
    await groups.create_direct(actor=bob.actor, user_id=alice.id)


async def test_one_that_is_opened_at_that_moment_is_closed(alice: Person, bob: Person) -> None:
    await asyncio.gather(
        groups.create_direct(actor=bob.actor, user_id=alice.id), block(alice, bob), return_exceptions=True
    )
    if state := await LogState.load(direct_id(alice.id, bob.id)):
        assert state.closed_by == {alice.id}


# --- groups ----------------------------------------------------------------------------------------------------------
async def test_they_put_nobody_into_groups_who_has_blocked_them(
    alice: Person, bob: Person, charlie: Person, group_id: str
) -> None:
    await block(charlie, alice)
    with pytest.raises(MustBeAsked) as refused:
        await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[charlie.id])
    assert list(refused.value.fields or ()) == ["userIds"]
    made = await groups.create_group(actor=alice.actor, name="Mine", member_ids=[bob.id, charlie.id])
    page = await group_selectors.list_members(actor=alice.actor, group_id=made.id)
    assert {member.user_id for member in page.members} == {alice.id, bob.id}
    # Nor are they asked, by those whom they have blocked.
    assert await list_asked(charlie.id) == []
    # It works the other way round.
    await groups.create_group(actor=charlie.actor, name="Mine", member_ids=[alice.id])


async def test_what_they_write_in_a_group_names_nobody_to_them(alice: Person, bob: Person, group_id: str) -> None:
    own = await say(alice, group_id)
    early = await say(bob, group_id, f"<@{alice.id}>")
    await block(alice, bob)
    late = await say(bob, group_id, f"<@{alice.id}>")
    # What they and others see is as before.
    assert late["mentions"] == {"userIds": [alice.id]}
    await say(bob, group_id, parent_id=own["id"])
    await services.react(actor=bob.actor, message_id=own["id"], emoji="x", action="add")
    edited = await say(bob, group_id)
    await services.edit_message(actor=bob.actor, message_id=edited["id"], content=f"<@{alice.id}>!")
    for _ in range(2):
        await follow(group_id)
        assert list((await summary(alice, group_id)).mentions) == [early["seq"]]
        shown = await inbox.list_shown(actor=alice.actor)
        assert [each.item.id for each in shown] == [early["id"]]
    state = await mark_unread(actor=alice.actor, message_id=early["id"])
    assert state["mentions"] == [early["seq"]]
    await blocking.unblock_user(actor=alice.actor, user_id=bob.id)
    again = await say(bob, group_id, f"<@{alice.id}>")
    await follow(group_id)
    assert list((await summary(alice, group_id)).mentions) == [early["seq"], again["seq"]]


async def test_a_thread_is_not_followed_for_what_they_write(alice: Person, bob: Person, group_id: str) -> None:
    await block(alice, bob)
    root = await say(bob, group_id, f"<@{alice.id}>")
    await say(bob, group_id, f"<@{alice.id}>", parent_id=root["id"])
    await follow(group_id)
    assert await inbox.list_shown(actor=alice.actor) == []
    thread = await messages.list_thread(actor=alice.actor, message_id=root["id"])
    assert not thread["following"]


# --- the list --------------------------------------------------------------------------------------------------------
async def test_whom_one_has_blocked_is_listed_and_told_to_oneself_alone(
    alice: Person, bob: Person, charlie: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(UserUpdates, "tell", lambda _, *arguments: told.append(arguments))
    await block(alice, bob)
    await block(alice, charlie)
    first = await selectors.list_blocked(actor=alice.actor, limit=1)
    assert [each["userId"] for each in first["blocked"]] == [min(bob.id, charlie.id)]
    rest = await selectors.list_blocked(actor=alice.actor, cursor=first["nextCursor"])
    assert [each["userId"] for each in rest["blocked"]] == [max(bob.id, charlie.id)]
    assert (await selectors.list_blocked(actor=bob.actor))["blocked"] == []
    await blocking.unblock_user(actor=alice.actor, user_id=bob.id)
    assert await selectors.blocked_ids(actor=alice.actor) == {charlie.id}
    assert [(who, kind, change["blocked"]) for who, kind, change in told] == [
        (alice.id, UserUpdated.BLOCKED, True),
        (alice.id, UserUpdated.BLOCKED, True),
        (alice.id, UserUpdated.BLOCKED, False),
    ]


async def test_it_has_rules(alice: Person, bob: Person, charlie: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Invalid):
        await blocking.block_user(actor=alice.actor, user_id=alice.id)
    with pytest.raises(NotFound):
        await blocking.block_user(actor=alice.actor, user_id="user_nobody")
    with pytest.raises(NotFound):
        await blocking.unblock_user(actor=alice.actor, user_id=bob.id)
    monkeypatch.setattr(blocking, "MAX_BLOCKED", 1)
    await block(alice, bob)
    await block(alice, bob)
    with pytest.raises(Invalid):
        await blocking.block_user(actor=alice.actor, user_id=charlie.id)


# --- what it costs ---------------------------------------------------------------------------------------------------
async def test_a_send_asks_for_no_block(
    alice: Person, bob: Person, direct: str, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await say(bob, direct)

    async def fail(*_: Any) -> None:
        raise AssertionError("the sender waits for it")

    monkeypatch.setattr("groups.models.find_closed_by", fail)
    monkeypatch.setattr(blocks.Blocks, "learn", fail)
    await say(bob, direct)
    await say(bob, group_id, f"<@{alice.id}>")
