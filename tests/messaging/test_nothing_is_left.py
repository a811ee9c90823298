"""Of a deleted group nothing is left in any table or in MongoDB, whoever was in it, and whatever they kept of it."""

import asyncio
from typing import Any

import pytest

from dynamodb import store as dynamodb
from files import storage
from files.pictures.cutting import SentPicture
from files.pictures.services import set_group_picture
from files.resumable import append_part, begin_upload
from foundation import tasks
from groups import services as groups
from groups.followers.follower import registered
from groups.log import queries
from groups.log.entry import Entry
from groups.own_settings.services import change_own_settings
from groups.provided import rows as provided
from groups.rows import GroupRow
from messaging import services
from messaging.drafts.services import write_draft
from messaging.group_deletion import delete_group
from messaging.inbox import rows as inbox
from messaging.later.reminding import remind
from messaging.pins.services import pin_message
from messaging.saved import models as saved
from messaging.saved.services import save_message
from messaging.threads.services import set_following
from messaging.unread import mark_unread
from tests.cast import Person, person
from tests.files.conftest import pieces, store
from tests.media import picture
from users.models import UserRow
from workspace import audit

_AUDITED = "audit#"


async def rows_naming(text: str) -> list[tuple[str, ...]]:
    """Return the keys of all rows, of all tables, that have a text anywhere, but in the audit log, which stays."""
    found: list[tuple[str, ...]] = []
    for table in (Entry, GroupRow, UserRow, provided.ProvidedRow):
        place: Any = None
        while True:
            rows, place = await dynamodb.call(_scan, table, text, place)
            found += rows
            if place is None:
                break
    return found


def _scan(table: type[dynamodb.Table], text: str, place: Any) -> tuple[list[tuple[str, ...]], Any]:
    """Return the keys of these among a thousand rows, and where the next begin: all at once would take too long.

    As they are stored: other tests write what no model reads.
    """
    answer = table._get_connection().scan(consistent_read=True, limit=1000, exclusive_start_key=place)
    attributes = table.get_attributes()
    keys = [attributes[name].attr_name if name in attributes else "" for name in ("group_id", "user_id", "item", "seq")]
    found = [
        (table.__name__, *(str(next(iter(row[key].values()))) if key in row else "None" for key in keys))
        for row in answer["Items"]
        if text in repr(row) and _AUDITED not in repr(row.get(keys[1]))
    ]
    return found, answer.get("LastEvaluatedKey")


async def documents_naming(*texts: str) -> list[str]:
    """Return the collections of MongoDB in which a document has one of these texts, or an id that begins with one."""
    found = []
    for name in await storage.database().list_collection_names():
        async for document in storage.database()[name].find({}, {"data": 0, "sizes": 0}):
            if any(text in repr(document) for text in texts):
                found.append(name)
    return found


async def fill(alice: Person, bob: Person, gone: Person, group_id: str) -> tuple[str, list[str]]:
    """Have people do all that they can in a group; return a message's id, and those of the files."""
    image = await store(alice, group_id, picture())
    unsent = await store(bob, group_id, b"never sent")
    upload = await begin_upload(actor=bob.actor, group_id=group_id, length=100, name="half.txt")
    await append_part(actor=bob.actor, upload_id=upload.id, offset=0, pieces=pieces(b"half"))
    sent = await services.send_message(
        actor=alice.actor, group_id=group_id, content=f"<@{bob.id}> <@{gone.id}> see", attachments=[image.id]
    )
    message_id = sent["message"]["id"]
    for actor in (bob.actor, gone.actor):
        await services.send_message(actor=actor, group_id=group_id, content=f"<@{alice.id}>", parent_id=message_id)
        await services.react(actor=actor, message_id=message_id, emoji="👍", action="add")
        await save_message(actor=actor, message_id=message_id, action="add")
        await write_draft(actor=actor, group_id=group_id, content="what I meant to say")
        await remind(actor=actor, message_id=message_id, when="1_hour")
        await write_draft(actor=actor, group_id=group_id, parent_id=message_id, content="so?")
        await change_own_settings(actor=actor, group_id=group_id, favourite=True, muted=True)
        await set_following(actor=actor, message_id=message_id, following=True)
        await services.mark_read(actor=actor, group_id=group_id, seq=2)
        await services.mark_read(actor=actor, group_id=group_id, parent_id=message_id, seq=3)
        await mark_unread(actor=actor, message_id=message_id)
    await pin_message(actor=alice.actor, message_id=message_id, action="add")
    content = picture()
    await set_group_picture(actor=alice.actor, group_id=group_id, picture=SentPicture(pieces(content), len(content)))
    return message_id, [image.id, unsent.id, upload.id]


def provide(user_id: str, group_id: str) -> None:
    """Have a membership be one that a provider's group has made."""
    provided.ProvidedRow(user_id, "provided").update([provided.ProvidedRow.groups.add({group_id})])


async def follow(group_id: str) -> None:
    entries = await queries.entries_after(group_id, 0)
    for follower in registered():
        await follower.handle(group_id, entries, notify=True)


@pytest.mark.parametrize("archived", [False, True])
async def test_nothing_is_left(alice: Person, bob: Person, monkeypatch: pytest.MonkeyPatch, archived: bool) -> None:
    left, removed = await person("Left"), await person("Removed")
    others = [bob.id, left.id, removed.id]
    group = await groups.create_group(actor=alice.actor, name="Harbour", member_ids=others, client_id="mine")
    message_id, file_ids = await fill(alice, bob, left, group.id)
    await save_message(actor=removed.actor, message_id=message_id, action="add")
    await write_draft(actor=removed.actor, group_id=group.id, content="x")
    await follow(group.id)
    await groups.leave_group(actor=left.actor, group_id=group.id)
    await groups.remove_member(actor=alice.actor, group_id=group.id, user_id=removed.id)
    await follow(group.id)
    assert await inbox.list_items(bob.id, group.id)
    noted: list[Any] = []

    async def record(act: str, **about: Any) -> None:
        noted.append((act, about))

    await groups.change_group(
        actor=alice.actor, group_id=group.id, topic="Tides", description="All of them.", visibility="public"
    )
    await groups.join_group(actor=removed.actor, group_id=group.id)
    for who in (left, removed):
        await dynamodb.call(provide, who.id, group.id)
    await follow(group.id)
    if archived:
        await groups.change_group(actor=alice.actor, group_id=group.id, archived=True)
    monkeypatch.setattr(audit, "record", record)
    await delete_group(actor=alice.actor, group_id=group.id)
    assert noted == [("group.delete", {"by": alice.actor, "group": group.id})]
    await asyncio.gather(*tasks._running)
    # The row of its creation stays, as docs/decisions/0033 says.
    assert await rows_naming(group.id) == [("GroupRow", group.id, "None", "creation", "None")]
    assert await documents_naming(group.id, *file_ids) == []
    for who in (bob, left, removed):
        assert (await saved.get_state(who.id, message_id)).count == 0
