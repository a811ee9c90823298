"""Pinned messages: who pins, how many, and that a deletion unpins."""

import asyncio
from typing import Any

import pytest
from pytest_django import Settings

from foundation.errors import Forbidden, Gone, Invalid, NotFound
from groups import models as group_models
from groups import services as groups
from groups.models import ADMIN
from messaging import selectors, services
from messaging.pins.selectors import list_pins
from messaging.pins.services import pin_message
from tests.cast import Person


async def send(person: Person, group_id: str, content: str = "hello", **more: Any) -> str:
    sent = await services.send_message(actor=person.actor, group_id=group_id, content=content, **more)
    return str(sent["message"]["id"])


async def pins(person: Person, group_id: str) -> list[str]:
    return [message["id"] for message in (await list_pins(actor=person.actor, group_id=group_id))["messages"]]


async def test_a_pinned_message_says_by_whom_and_is_listed(alice: Person, bob: Person, group_id: str) -> None:
    first, second = await send(alice, group_id), await send(bob, group_id, "look")
    reply = await send(bob, group_id, "a reply", parent_id=first)
    for message_id in (second, first, reply):
        pinned = await pin_message(actor=bob.actor, message_id=message_id, action="add")
    assert pinned["pinned"]["userId"] == bob.id
    message = await selectors.get_message(actor=alice.actor, message_id=reply)
    assert message["pinned"] == pinned["pinned"]
    assert set(await pins(alice, group_id)) == {first, second, reply}
    assert (await pins(alice, group_id))[0] == reply
    assert "pinned" not in await pin_message(actor=alice.actor, message_id=reply, action="remove")
    assert "pinned" not in await selectors.get_message(actor=alice.actor, message_id=reply)
    assert set(await pins(alice, group_id)) == {first, second}


async def test_a_second_pin_changes_nothing(alice: Person, bob: Person, group_id: str) -> None:
    message_id = await send(alice, group_id)
    since = int(message_id.rpartition(".")[2])
    first = await pin_message(actor=bob.actor, message_id=message_id, action="add")
    assert await pin_message(actor=alice.actor, message_id=message_id, action="add") == first
    await pin_message(actor=alice.actor, message_id=message_id, action="remove")
    await pin_message(actor=alice.actor, message_id=message_id, action="remove")
    changes = await selectors.list_changes(actor=alice.actor, group_id=group_id, since=since)
    assert [change["event"] for change in changes["changes"]] == ["pin_update", "pin_update"]


async def test_a_deletion_unpins_in_its_transaction(alice: Person, bob: Person, group_id: str) -> None:
    message_id = await send(alice, group_id)
    await pin_message(actor=bob.actor, message_id=message_id, action="add")
    await services.delete_message(actor=alice.actor, message_id=message_id)
    assert await pins(alice, group_id) == []
    assert await group_models.find_pinned(group_id) == []
    assert "pinned" not in await selectors.get_message(actor=alice.actor, message_id=message_id)
    with pytest.raises(Gone):
        await pin_message(actor=bob.actor, message_id=message_id, action="add")


async def test_an_edit_leaves_a_message_pinned(alice: Person, bob: Person, group_id: str) -> None:
    message_id = await send(alice, group_id)
    await pin_message(actor=bob.actor, message_id=message_id, action="add")
    edited = await services.edit_message(actor=alice.actor, message_id=message_id, content="other")
    assert edited["message"]["pinned"]["userId"] == bob.id


async def test_a_group_has_a_bounded_number_however_many_pin_at_once(
    alice: Person, bob: Person, group_id: str, settings: Settings
) -> None:
    settings.MAX_PINS = 2
    ids = [await send(alice, group_id, f"{number}") for number in range(5)]
    attempts = [pin_message(actor=person.actor, message_id=id_, action="add") for id_ in ids for person in (alice, bob)]
    results = await asyncio.gather(*attempts, return_exceptions=True)
    assert {type(result) for result in results} == {dict, Invalid}
    assert len(await pins(alice, group_id)) == 2


async def test_a_setting_lets_managers_alone_pin(alice: Person, bob: Person, group_id: str, settings: Settings) -> None:
    settings.PIN_MESSAGES = "managers"
    message_id = await send(bob, group_id)
    for action in ("add", "remove"):
        with pytest.raises(Forbidden):
            await pin_message(actor=bob.actor, message_id=message_id, action=action)
    await pin_message(actor=alice.actor, message_id=message_id, action="add")
    await groups.change_role(actor=alice.actor, group_id=group_id, user_id=bob.id, role=ADMIN)
    await pin_message(actor=bob.actor, message_id=message_id, action="remove")
    direct = await groups.create_direct(actor=alice.actor, user_id=bob.id)
    await pin_message(actor=bob.actor, message_id=await send(alice, direct.id), action="add")


async def test_who_is_removed_neither_pins_nor_sees_pins(alice: Person, bob: Person, group_id: str) -> None:
    message_id = await send(bob, group_id)
    await pin_message(actor=bob.actor, message_id=message_id, action="add")
    await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
    with pytest.raises(NotFound):
        await pin_message(actor=bob.actor, message_id=message_id, action="remove")
    with pytest.raises(NotFound):
        await list_pins(actor=bob.actor, group_id=group_id)


async def test_what_is_no_message_is_not_pinned(alice: Person, group_id: str) -> None:
    for message_id in (f"{group_id}.1", f"{group_id}.999", "nonsense", ""):
        with pytest.raises(NotFound):
            await pin_message(actor=alice.actor, message_id=message_id, action="add")
