"""Lists of groups and members: pages, the ends of logs from hints that may be wrong, marks that only move forward."""

import asyncio

import pytest

from foundation.errors import Forbidden
from groups import mark_rows, models, selectors, services
from groups.log import heads, queries
from groups.log.head_hints import HeadHint, head_hints
from groups.read_mark import MarkKey, ReadMark
from groups.read_marks import read_marks
from messaging import services as messages
from realtime.hub.change import Position
from tests.cast import Person, person


async def all_groups(owner: Person, limit: int) -> list[list[str]]:
    """Return the ids of each page."""
    pages, cursor = [], None
    while True:
        page = await selectors.list_groups(actor=owner.actor, cursor=cursor, limit=limit)
        pages.append([group.id for group in page.groups])
        cursor = page.next_cursor
        if cursor is None:
            return pages


async def make_groups(owner: Person, count: int) -> list[str]:
    made = await asyncio.gather(
        *(services.create_group(actor=owner.actor, name=f"G{number}") for number in range(count))
    )
    return [group.id for group in made]


async def test_pages_list_every_group_once(alice: Person) -> None:
    ids = await make_groups(alice, 7)
    pages = await all_groups(alice, 3)
    assert [len(page) for page in pages] == [3, 3, 1]
    assert sorted(group_id for page in pages for group_id in page) == sorted(ids)
    assert [len(page) for page in await all_groups(alice, 7)] == [7]


async def test_a_page_goes_on_after_a_group_that_was_left(alice: Person) -> None:
    other = await person("Owner")
    for number in range(4):
        await services.create_group(actor=other.actor, name=f"G{number}", member_ids=[alice.id])
    first = await selectors.list_groups(actor=alice.actor, limit=2)
    assert first.next_cursor
    await services.leave_group(actor=alice.actor, group_id=first.next_cursor)
    second = await selectors.list_groups(actor=alice.actor, limit=2, cursor=first.next_cursor)
    assert (len(second.groups), second.next_cursor) == (2, None)
    assert len((await selectors.list_groups(actor=alice.actor)).groups) == 3


async def test_the_members_are_listed_in_pages(alice: Person) -> None:
    people = [await person("Guest") for _ in range(5)]
    group = await services.create_group(actor=alice.actor, name="All", member_ids=[p.id for p in people])
    seen, cursor, pages = list[str](), None, 0
    while pages == 0 or cursor:
        page = await selectors.list_members(actor=alice.actor, group_id=group.id, cursor=cursor, limit=2)
        seen += [member.user_id for member in page.members]
        cursor, pages = page.next_cursor, pages + 1
    assert (seen, pages) == (sorted([alice.id, *(p.id for p in people)]), 3)


async def test_a_group_knows_how_many_members_it_has(
    alice: Person, bob: Person, charlie: Person, group_id: str
) -> None:
    async def count() -> int:
        return await selectors.count_members(group_id=group_id, limit=100)

    assert await count() == 2
    await services.add_members(actor=alice.actor, group_id=group_id, user_ids=[charlie.id, bob.id])
    assert await count() == 3
    await services.leave_group(actor=bob.actor, group_id=group_id)
    assert await count() == len(await models.list_members(group_id)) == 2


# --- the ends of logs ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("hint", ["right", "behind", "ahead", "missing"])
async def test_a_head_is_right_whatever_its_hint_says(alice: Person, group_id: str, hint: str) -> None:
    other = (await services.create_group(actor=alice.actor, name="Other")).id
    for _ in range(3):
        await messages.send_message(actor=alice.actor, group_id=group_id, content="ahoy")
    await head_hints().write()
    seq = {"right": 5, "behind": 3, "ahead": 9}.get(hint)
    hints = {group_id: HeadHint(seq, 0.0)} if seq else {}

    async def get(group_ids: object) -> dict[str, HeadHint]:
        return hints

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(head_hints(), "get", get)
        patch.setattr(heads, "cached_state", lambda group_id: None)
        found = await heads.find_heads([group_id, other, "group_none"])
    assert found == {group_id: Position(5, 3), other: Position(1, 0)}


async def test_heads_that_are_asked_for_together_are_read_together(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await make_groups(alice, 5)
    await head_hints().write()
    monkeypatch.setattr(heads, "cached_state", lambda group_id: None)
    monkeypatch.setattr(queries, "last_entry", None)
    found = await asyncio.gather(*(selectors.get_head_position(group_id=group_id) for group_id in ids))
    assert found == [Position(1, 0)] * 5


async def test_the_groups_that_were_written_to_last_come_first(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = await make_groups(alice, 4)
    monkeypatch.setattr(selectors, "MAX_RECENT", 2)
    for number, group_id in enumerate(ids):
        head_hints().note(group_id, 1, at=1000.0 + number)
    await head_hints().write()
    recent, more = await selectors.list_recent_groups(actor=alice.actor)
    assert ({group.id for group in recent}, more) == (set(ids[2:]), True)
    recent, _ = await selectors.list_recent_groups(actor=alice.actor, including=[ids[0], "group_none"])
    assert {group.id for group in recent} == {ids[0], *ids[2:]}


# --- own marks -------------------------------------------------------------------------------------------------------
async def unread(reader: Person, group_id: str) -> tuple[int, int]:
    (found,) = await selectors.list_summaries(actor=reader.actor, group_ids=[group_id])
    return found.read, found.unread


async def test_own_messages_do_not_count_as_unread_for_their_author(alice: Person, bob: Person, group_id: str) -> None:
    for text in ("one", "two"):
        await messages.send_message(actor=alice.actor, group_id=group_id, content=text)
    assert await unread(alice, group_id) == (4, 0)
    assert await unread(bob, group_id) == (0, 2)
    await messages.send_message(actor=bob.actor, group_id=group_id, content="three")
    assert await unread(alice, group_id) == (4, 1)
    assert await unread(bob, group_id) == (5, 0)


async def test_own_replies_do_not_count_as_unread_in_their_thread(alice: Person, group_id: str) -> None:
    root = (await messages.send_message(actor=alice.actor, group_id=group_id, content="root"))["message"]
    reply = (await messages.send_message(actor=alice.actor, group_id=group_id, content="r", parent_id=root["id"]))[
        "message"
    ]
    mark = await selectors.get_read_mark(actor=alice.actor, group_id=group_id, parent_id=root["id"])
    assert mark == ReadMark(reply["seq"], 1)
    # The group's own mark is where the author's last message in the group is.
    assert (await selectors.get_read_mark(actor=alice.actor, group_id=group_id)).seq == root["seq"]


async def test_many_messages_move_the_authors_mark_by_one_write(
    alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    await read_marks().write_all()
    writes: list[int] = []
    advance = mark_rows.advance_read_mark

    async def counted(
        group: str, user_id: str, parent_id: str | None, mark: ReadMark, **more: bool
    ) -> tuple[ReadMark, bool]:
        writes.append(mark.seq)
        return await advance(group, user_id, parent_id, mark, **more)

    monkeypatch.setattr(mark_rows, "advance_read_mark", counted)
    for _ in range(5):
        await messages.send_message(actor=alice.actor, group_id=group_id, content="ahoy")
    await read_marks().write_all()
    # A slow test may cross the interval once.
    assert writes[-1] == 7
    assert len(writes) < 5


async def test_a_mark_never_moves_back(alice: Person, group_id: str) -> None:
    key = MarkKey(alice.id, group_id)
    results = await asyncio.gather(*(read_marks().advance(key, ReadMark(seq, seq)) for seq in (5, 9, 2, 7, 9, 1)))
    assert max(stored.seq for stored, _ in results) == 9
    assert await mark_rows.find_read_mark(group_id, alice.id) == ReadMark(9, 9)
    read_marks().note_sent(key, ReadMark(3, 3))
    await read_marks().write_all()
    assert await mark_rows.find_read_mark(group_id, alice.id) == ReadMark(9, 9)


async def test_a_mark_is_kept_by_those_who_leave_and_come_back(alice: Person, bob: Person, group_id: str) -> None:
    await messages.send_message(actor=alice.actor, group_id=group_id, content="ahoy")
    await messages.mark_read(actor=bob.actor, group_id=group_id, seq=3)
    await services.leave_group(actor=bob.actor, group_id=group_id)
    assert (await selectors.list_groups(actor=bob.actor)).groups == []
    with pytest.raises(Forbidden):  # He is asked instead.
        await services.add_members(actor=alice.actor, group_id=group_id, user_ids=[bob.id])
    await services.rejoin_group(actor=bob.actor, group_id=group_id)
    assert (await unread(bob, group_id))[0] == 3
    assert await selectors.count_members(group_id=group_id, limit=100) == 2


async def test_people_who_join_and_leave_at_once_are_listed_as_the_log_says(alice: Person) -> None:
    people = [await person("Guest") for _ in range(6)]
    group = await services.create_group(actor=alice.actor, name="Busy", member_ids=[p.id for p in people[:3]])
    await asyncio.gather(
        *(services.leave_group(actor=p.actor, group_id=group.id) for p in people[:3]),
        *(services.add_members(actor=alice.actor, group_id=group.id, user_ids=[p.id]) for p in people[3:]),
    )
    for p in people:
        expected = {group.id} if p in people[3:] else set()
        assert {g.id for g in (await selectors.list_groups(actor=p.actor)).groups} == expected
        assert await selectors.list_group_ids(user_id=p.id) == expected
    assert await selectors.count_members(group_id=group.id, limit=100) == 4
