"""The history of a message: what each edit replaced, for those who may see it, until the message is deleted."""

from typing import Any

import pytest
from pytest_django import Settings

from foundation.errors import Forbidden, Gone, NotFound
from groups import services as groups
from groups.log import queries
from messaging import services
from messaging.edit_history import list_versions
from messaging.proposals.edit import MAX_FORMER
from tests.cast import Person


async def say(who: Person, group_id: str, content: str) -> str:
    sent = await services.send_message(actor=who.actor, group_id=group_id, content=content)
    message_id: str = sent["message"]["id"]
    return message_id


async def edit(who: Person, message_id: str, content: str) -> dict[str, Any]:
    edited = await services.edit_message(actor=who.actor, message_id=message_id, content=content)
    message: dict[str, Any] = edited["message"]
    return message


async def test_each_edit_keeps_what_it_replaced(alice: Person, bob: Person, group_id: str) -> None:
    message_id = await say(bob, group_id, "first")
    second = await edit(bob, message_id, "second")
    await services.react(actor=alice.actor, message_id=message_id, emoji="👍", action="add")
    third = await edit(bob, message_id, "third")
    versions = (await list_versions(actor=bob.actor, message_id=message_id))["versions"]
    assert [(v["id"], v["version"], v["content"]) for v in versions] == [
        (message_id, 1, "first"),
        (message_id, 2, "second"),
        (message_id, 3, "third"),
    ]
    assert [v["createdAt"] for v in versions] == [third["createdAt"], second["updatedAt"], third["updatedAt"]]


async def test_a_message_that_was_never_edited_has_one_text(bob: Person, group_id: str) -> None:
    message_id = await say(bob, group_id, "only")
    (version,) = (await list_versions(actor=bob.actor, message_id=message_id))["versions"]
    assert version["content"] == "only"


async def test_so_many_former_texts_are_kept(bob: Person, group_id: str) -> None:
    message_id = await say(bob, group_id, "text 0")
    for number in range(1, MAX_FORMER + 4):
        await edit(bob, message_id, f"text {number}")
    versions = (await list_versions(actor=bob.actor, message_id=message_id))["versions"]
    assert [v["content"] for v in versions] == [f"text {number}" for number in range(3, MAX_FORMER + 4)]
    assert [v["version"] for v in versions] == list(range(4, MAX_FORMER + 5))
    assert "createdAt" not in versions[0]
    assert len(await _stored_texts(group_id, "text ")) == MAX_FORMER + 1
    await services.delete_message(actor=bob.actor, message_id=message_id)
    assert await _stored_texts(group_id, "text ") == []


async def _stored_texts(group_id: str, start: str) -> list[str]:
    """Return what the log has of these texts, in whichever attribute."""
    values = [value for entry in await queries.entries_after(group_id, 0) for value in entry.attribute_values.values()]
    return [value for value in values if isinstance(value, str) and value.startswith(start)]


async def test_a_deletion_erases_all_of_it(alice: Person, bob: Person, group_id: str) -> None:
    message_id = await say(bob, group_id, "a secret slip")
    await edit(bob, message_id, "a secret, again")
    await edit(bob, message_id, "harmless")
    await services.delete_message(actor=alice.actor, message_id=message_id)
    for who in (alice, bob):
        with pytest.raises(Gone):
            await list_versions(actor=who.actor, message_id=message_id)
    assert await _stored_texts(group_id, "a secret") == await _stored_texts(group_id, "harmless") == []


@pytest.mark.parametrize(
    ("setting", "author", "manager", "member"),
    [
        ("members", True, True, True),
        ("managers", True, True, False),
        ("author", True, False, False),
        ("nobody", False, False, False),
    ],
)
async def test_who_sees_it_is_a_setting(
    settings: Settings,
    alice: Person,
    bob: Person,
    charlie: Person,
    group_id: str,
    *,
    setting: str,
    author: bool,
    manager: bool,
    member: bool,
) -> None:
    message_id = await say(bob, group_id, "first")
    await edit(bob, message_id, "second")
    with pytest.raises(NotFound):
        await list_versions(actor=charlie.actor, message_id=message_id)
    await groups.add_members(actor=alice.actor, group_id=group_id, user_ids=[charlie.id])
    settings.EDIT_HISTORY = setting
    for who, may in ((bob, author), (alice, manager), (charlie, member)):
        if may:
            assert len((await list_versions(actor=who.actor, message_id=message_id))["versions"]) == 2
        else:
            with pytest.raises(Forbidden):
                await list_versions(actor=who.actor, message_id=message_id)


async def test_what_nobody_may_see_is_not_kept(settings: Settings, bob: Person, group_id: str) -> None:
    settings.EDIT_HISTORY = "nobody"
    message_id = await say(bob, group_id, "first")
    await edit(bob, message_id, "second")
    assert await _stored_texts(group_id, "first") == []
    settings.EDIT_HISTORY = "members"
    (version,) = (await list_versions(actor=bob.actor, message_id=message_id))["versions"]
    assert (version["version"], version["content"]) == (2, "second")


@pytest.mark.parametrize("message_id", ["nonsense", "$absent", "$not_a_message"])
async def test_what_is_no_message_has_no_history(alice: Person, group_id: str, message_id: str) -> None:
    ids = {"$absent": f"{group_id}.999", "$not_a_message": f"{group_id}.1"}
    with pytest.raises(NotFound):
        await list_versions(actor=alice.actor, message_id=ids.get(message_id, message_id))
