"""A mark that a killed process had not written is written by the follower; nothing of those who are gone is."""

import asyncio

import pytest

from dynamodb import store
from groups import mark_rows, memberships, models, services
from groups.dissolving import dissolve_group
from groups.log import queries
from groups.read_mark import MarkKey, ReadMark
from groups.read_mark_repair import ReadMarkRepair
from groups.read_marks import read_marks
from groups.rows import GroupRow
from messaging import services as messages
from messaging.group_deletion import erase_deleted_groups
from tests.cast import Person


async def lose_marks() -> None:
    read_marks()._pending.clear()


async def handle(group_id: str) -> None:
    await ReadMarkRepair().handle(group_id, await queries.entries_after(group_id, 0), notify=True)


async def rows_of(group_id: str, *people: Person) -> list[str]:
    """Return what is left of a group: its rows, and those of these people's own."""

    def query() -> list[str]:
        own = [row.item for person in people for row in GroupRow.query(memberships.partition(person.id))]
        return [row.item for row in GroupRow.query(group_id)] + [item for item in own if group_id in item]

    return await store.call(query)


async def test_a_lost_mark_is_written(alice: Person, bob: Person, group_id: str) -> None:
    for text in ("one", "two"):
        await messages.send_message(actor=alice.actor, group_id=group_id, content=text)
    await messages.send_message(actor=bob.actor, group_id=group_id, content="three")
    await lose_marks()
    await handle(group_id)
    assert await mark_rows.find_read_mark(group_id, alice.id) == ReadMark(4, 2)
    assert await mark_rows.find_read_mark(group_id, bob.id) == ReadMark(5, 3)


async def test_a_lost_mark_of_a_thread_is_written(alice: Person, group_id: str) -> None:
    sent = await messages.send_message(actor=alice.actor, group_id=group_id, content="root")
    root = sent["message"]["id"]
    for text in ("one", "two"):
        await messages.send_message(actor=alice.actor, group_id=group_id, content=text, parent_id=root)
    await lose_marks()
    await handle(group_id)
    await handle(group_id)
    assert await mark_rows.find_read_mark(group_id, alice.id, root) == ReadMark(5, 2)
    assert await mark_rows.find_read_mark(group_id, alice.id) == ReadMark(3, 1)


async def test_a_mark_never_moves_back(alice: Person, group_id: str) -> None:
    await messages.send_message(actor=alice.actor, group_id=group_id, content="one")
    await read_marks().advance(MarkKey(alice.id, group_id), ReadMark(9, 9))
    await mark_rows.repair_read_mark(alice.id, group_id, None, ReadMark(3, 1))
    assert await mark_rows.find_read_mark(group_id, alice.id) == ReadMark(9, 9)


async def test_nothing_is_written_of_a_member_who_has_left(bob: Person, group_id: str) -> None:
    sent = await messages.send_message(actor=bob.actor, group_id=group_id, content="root")
    root = sent["message"]["id"]
    await messages.send_message(actor=bob.actor, group_id=group_id, content="reply", parent_id=root)
    await lose_marks()
    await services.leave_group(actor=bob.actor, group_id=group_id)
    await handle(group_id)
    assert (await mark_rows.find_read_mark(group_id, bob.id)).seq == 0
    assert (await mark_rows.find_read_mark(group_id, bob.id, root)).seq == 0


async def test_nothing_is_left_of_a_group_that_is_deleted_meanwhile(
    alice: Person, bob: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = await messages.send_message(actor=alice.actor, group_id=group_id, content="root")
    await messages.send_message(actor=bob.actor, group_id=group_id, content="r", parent_id=sent["message"]["id"])
    await lose_marks()
    find = mark_rows.find_read_marks

    async def delete_then(keys: object) -> dict[MarkKey, ReadMark]:
        found = await find(keys)  # type: ignore[arg-type]
        await dissolve_group(actor=alice.actor, group_id=group_id)
        await erase_deleted_groups()
        return found

    monkeypatch.setattr(mark_rows, "find_read_marks", delete_then)
    await handle(group_id)
    assert await models.find_group(group_id) is None
    assert await rows_of(group_id, alice, bob) == ["creation"]


async def test_the_senders_process_does_not_write_what_the_follower_has_written(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await read_marks().write_all()
    writes: list[str] = []
    advance = mark_rows.advance_read_mark

    async def counted(
        group: str, user_id: str, parent_id: str | None, mark: ReadMark, **more: bool
    ) -> tuple[ReadMark, bool]:
        writes.append(user_id)
        return await advance(group, user_id, parent_id, mark, **more)

    monkeypatch.setattr(mark_rows, "advance_read_mark", counted)
    await messages.send_message(actor=alice.actor, group_id=group_id, content="one")
    await asyncio.gather(handle(group_id))
    await read_marks().write_all()
    assert (writes, read_marks()._pending) == ([], {})
