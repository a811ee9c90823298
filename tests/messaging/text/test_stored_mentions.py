"""Whom a message names is stored with it: members alone, 50 at most, and everybody only where that is allowed."""

import asyncio
from typing import Any

import pytest
from pytest_django import Settings

from foundation.errors import Forbidden
from groups import selectors as group_selectors
from groups import services as groups
from groups.log import queries
from groups.log.entry import Entry
from messaging import services
from messaging.text.mentions import MAX_NAMED
from tests.cast import Person


async def say(who: Person, group_id: str, content: str, **more: Any) -> dict[str, Any]:
    sent = await services.send_message(actor=who.actor, group_id=group_id, content=content, **more)
    message: dict[str, Any] = sent["message"]
    return message


async def entry_of(message: dict[str, Any]) -> Entry:
    entry = await queries.get_entry(message["groupId"], message["seq"])
    assert entry
    return entry


async def test_only_members_are_named(alice: Person, bob: Person, charlie: Person, group_id: str) -> None:
    message = await say(alice, group_id, f"<@{bob.id}> <@{charlie.id}> <@user_nobody> <!here> `<!all>`")
    assert message["mentions"] == {"userIds": [bob.id], "here": True}
    assert (await entry_of(message)).mentions == {bob.id, "!here"}


async def test_who_names_nobody_sends_what_was_sent_before(alice: Person, charlie: Person, group_id: str) -> None:
    for text in ("hello", f"hello <@{charlie.id}>", "`<!all>`"):
        message = await say(alice, group_id, text)
        assert message.keys() == {"id", "content", "userId", "groupId", "seq", "createdAt", "version"}
        entry = await entry_of(message)
        assert not {"mentions", "all_count"} & {n for n, v in entry.attribute_values.items() if v is not None}


async def test_who_was_removed_is_not_named_and_who_was_added_is(
    alice: Person, bob: Person, charlie: Person, group_id: str
) -> None:
    assert (await say(alice, group_id, f"<@{bob.id}>"))["mentions"]["userIds"] == [bob.id]
    await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
    assert "mentions" not in await say(alice, group_id, f"<@{bob.id}>")
    await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[charlie.id])
    assert (await say(alice, group_id, f"<@{charlie.id}>"))["mentions"]["userIds"] == [charlie.id]


async def test_the_first_fifty_are_named(alice: Person, bob: Person, group_id: str) -> None:
    strangers = "".join(f"<@user_{number}>" for number in range(MAX_NAMED - 1))
    assert (await say(alice, group_id, f"{strangers}<@{bob.id}>"))["mentions"]["userIds"] == [bob.id]
    assert "mentions" not in await say(alice, group_id, f"<@user_x>{strangers}<@{bob.id}>")


async def test_messages_that_name_everybody_are_counted(alice: Person, bob: Person, group_id: str) -> None:
    await say(alice, group_id, "hello")
    first = await say(alice, group_id, "<!all> come")
    await say(bob, group_id, "in the thread, <!all>", parent_id=first["id"])
    await services.react(actor=bob.actor, message_id=first["id"], emoji="👍", action="add")
    second = await say(bob, group_id, "<!all> <!all>")
    await services.delete_message(actor=bob.actor, message_id=second["id"])
    last = await say(bob, group_id, "bye")
    counts = [int(entry.all_count or 0) for entry in await queries.entries_after(group_id, first["seq"] - 2)]
    assert counts == [0, 1, 1, 1, 2, 2, 2]
    assert int((await entry_of(last)).message_count) == 4


async def test_an_edit_names_whom_the_message_did_not_name(alice: Person, bob: Person, group_id: str) -> None:
    message = await say(alice, group_id, f"<@{alice.id}>")
    edited = await services.edit_message(
        actor=alice.actor, message_id=message["id"], content=f"<@{alice.id}> <@{bob.id}> <!all>"
    )
    assert edited["message"]["mentions"] == {"userIds": sorted([alice.id, bob.id]), "all": True}
    edit = (await queries.entries_after(group_id, message["seq"]))[0]
    assert edit.kind == "edit"
    assert edit.mentions == {bob.id, "!all"}
    assert not edit.all_count
    edited = await services.edit_message(actor=alice.actor, message_id=message["id"], content="nobody")
    assert "mentions" not in edited["message"]
    assert (await entry_of(message)).mentions is None


async def test_a_deleted_message_names_nobody(alice: Person, bob: Person, group_id: str) -> None:
    message = await say(alice, group_id, f"<@{bob.id}>")
    await services.delete_message(actor=alice.actor, message_id=message["id"])
    assert (await entry_of(message)).mentions is None


@pytest.mark.parametrize(
    ("setting", "owner", "admin", "member"),
    [
        ("members", True, True, True),
        ("admins", True, True, False),
        ("owners", True, False, False),
        ("nobody", False, False, False),
    ],
)
@pytest.mark.parametrize("text", ["<!all>", "<!here>"])
async def test_who_may_name_everybody_in_a_large_group(
    settings: Settings,
    alice: Person,
    bob: Person,
    charlie: Person,
    group_id: str,
    *,
    setting: str,
    text: str,
    owner: bool,
    admin: bool,
    member: bool,
) -> None:
    settings.MENTION_ALL_IN_LARGE_GROUPS, settings.MENTION_ALL_MAX_MEMBERS = setting, 2
    await say(bob, group_id, text)
    await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[charlie.id])
    await groups.change_role(actor=alice.actor, group_id=group_id, user_id=charlie.id, role="admin")
    own = await say(bob, group_id, "mine")
    for who, may in ((alice, owner), (charlie, admin), (bob, member)):
        await say(who, group_id, f"`{text}`")
        if may:
            await say(who, group_id, text)
        else:
            head = await group_selectors.get_head_position(group_id=group_id)
            with pytest.raises(Forbidden):
                await say(who, group_id, text)
            assert await group_selectors.get_head_position(group_id=group_id) == head
    if not member:
        with pytest.raises(Forbidden):
            await services.edit_message(actor=bob.actor, message_id=own["id"], content=text)


async def test_a_message_that_names_everybody_already_may_be_edited(
    settings: Settings, alice: Person, bob: Person, group_id: str
) -> None:
    message = await say(bob, group_id, "<!all> come")
    settings.MENTION_ALL_MAX_MEMBERS = 1
    await services.edit_message(actor=bob.actor, message_id=message["id"], content="<!all> come, please")


async def test_a_removal_among_many_sends(alice: Person, bob: Person, group_id: str) -> None:
    """Each names bob exactly if it lies before the removal, also in the same batch."""
    sends = [say(alice, group_id, f"<@{bob.id}> {number}") for number in range(9)]
    removal = groups.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
    more = [say(alice, group_id, f"<@{bob.id}> {number}") for number in range(9)]
    await asyncio.gather(*sends, removal, *more)
    named = True
    for entry in await queries.entries_after(group_id, 1):
        if entry.kind == "member":
            named = (entry.roles or {}).get(bob.id) is not None
        elif entry.kind == "message":
            assert bool(entry.mentions) is named, entry.content
