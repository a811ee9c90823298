"""A page of messages has each of them as it is alone, and says where the log ends."""

from typing import Any

import pytest

from files import services as files
from groups import selectors as groups
from groups.log.entry import Entry
from groups.services import change_group
from messaging import selectors, services
from messaging.models import Message
from tests.cast import Person
from tests.files.conftest import pieces


async def send(sender: Person, group_id: str, content: str, **more: Any) -> str:
    sent = await services.send_message(actor=sender.actor, group_id=group_id, content=content, **more)
    return str(sent["message"]["id"])


@pytest.fixture
async def sent(alice: Person, bob: Person, group_id: str) -> list[str]:
    """Messages to which something has happened, and some to which nothing has."""
    names = ("plain", "edited", "deleted", "with a reaction", "with replies")
    ids = [await send(alice, group_id, name) for name in names]
    ids.append(await send(alice, group_id, "named", client_id="one"))
    await services.edit_message(actor=alice.actor, message_id=ids[1], content="edited twice")
    await services.delete_message(actor=alice.actor, message_id=ids[2])
    await services.react(actor=bob.actor, message_id=ids[3], emoji="👍", action="add")
    for number in range(5):
        await send(bob, group_id, f"reply {number}", parent_id=ids[4])
    file = await files.store_file(
        actor=alice.actor, group_id=group_id, name="a.txt", content_type="text/plain", chunks=pieces(b"a")
    )
    ids.append(await send(alice, group_id, "", attachments=[file.id]))
    await services.react(actor=bob.actor, message_id=ids[0], emoji="👍", action="add")
    return ids


async def test_each_message_is_as_it_is_alone(alice: Person, group_id: str, sent: list[str]) -> None:
    alone = [await selectors.get_message(actor=alice.actor, message_id=message_id) for message_id in sent]
    page = await selectors.list_messages(actor=alice.actor, group_id=group_id)
    assert page.messages == alone
    assert not page.has_more


async def test_a_plain_message_is_read_the_short_way_in_a_group_with_rules_too(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await change_group(actor=alice.actor, group_id=group_id, policy={"pin": "managers"})
    message_id = await send(alice, group_id, "plain", client_id="one")
    alone = await selectors.get_message(actor=alice.actor, message_id=message_id)

    def long_way(entry: Entry) -> Message:
        raise AssertionError(entry)

    monkeypatch.setattr(Message, "from_entry", long_way)
    assert (await selectors.list_messages(actor=alice.actor, group_id=group_id)).messages == [alone]


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 7])
async def test_pages_are_full_whatever_lies_between(alice: Person, group_id: str, sent: list[str], limit: int) -> None:
    head = (await groups.get_head_position(group_id=group_id)).seq
    page = await selectors.list_messages(actor=alice.actor, group_id=group_id, limit=limit)
    assert ([message["id"] for message in page.messages], page.head) == (sent[-limit:], head)
    assert page.has_more == (limit < len(sent))
    before = page.messages[0]["seq"]
    older = await selectors.list_messages(actor=alice.actor, group_id=group_id, before=before, limit=limit)
    assert [message["id"] for message in older.messages] == sent[-2 * limit : -limit]
    assert older.head == head
