"""A guest's search finds everybody they share a group with, nobody else, and looks at a bounded number of people."""

import base64
from typing import Any
from uuid import uuid4

import pytest

from foundation.cursors import decode_cursor
from foundation.errors import Invalid
from groups import services as groups
from tests.cast import Person, person
from users import name_search, sight
from users import selectors as users
from users.roles import GUEST
from users.sealed_places import seal

from .cast import give_role
from .test_guests import scene_of


async def pages(actor_of: Person, query: str, limit: int) -> list[str]:
    """Return the ids of all pages."""
    found: list[str] = []
    cursor = None
    while True:
        page = await users.find_users(actor=actor_of.actor, query=query, limit=limit, cursor=cursor)
        found += [user.id for user in page.users]
        if page.next_cursor is None:
            return found
        cursor = decode_cursor(page.next_cursor, 1)
        # Where a page ends says nothing of anybody, not even of how they are called.
        raw = base64.urlsafe_b64decode(cursor[0])
        assert len(raw) == len(base64.urlsafe_b64decode(seal("x")))
        assert not [user.id for user in page.users if user.id in cursor[0] or user.id.encode() in raw]


@pytest.mark.parametrize("most", [1_000, 1])
async def test_pages_have_each_person_once_however_many_are_around(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    monkeypatch.setattr(sight, "MAX_AROUND", most)
    scene = await scene_of(uuid4().hex[:8])
    more = [await person(f"Sam {scene.family}") for _ in range(4)]
    await groups.add_members(actor=scene.seen.actor, group_id=scene.group_id, user_ids=[each.id for each in more])
    expected = {scene.guest.id, scene.seen.id, *(each.id for each in more)}
    for limit in (1, 2, 100):
        found = await pages(scene.guest, scene.family, limit)
        assert len(found) == len(set(found))
        assert set(found) == expected


@pytest.mark.parametrize("pages_at_a_time", [1, 10])
async def test_who_lies_behind_many_others_is_found_a_little_at_a_time(
    monkeypatch: pytest.MonkeyPatch, pages_at_a_time: int
) -> None:
    """Each request looks at a bounded number of people, and the next one goes on where it ended."""
    for name, value in {"MAX_AROUND": 1, "_PAGES": pages_at_a_time, "_PAGE": 3}.items():
        monkeypatch.setattr(sight, name, value)
    family = uuid4().hex[:8]
    hidden = [await person(f"{family} Anna {number}") for number in range(40)]
    guest, last = await person(f"{family} Gus"), await person(f"{family} Zoe")
    await groups.create_group(actor=last.actor, name="Shared", member_ids=[guest.id])
    guest = await give_role(guest, GUEST)
    asked: list[Any] = []

    async def counting(query: str, **options: Any) -> Any:
        asked.append(options)
        return await name_search.search(query, **options)

    monkeypatch.setattr(sight, "search", counting)
    found = await pages(guest, family, 5)
    assert (len(found), set(found)) == (2, {guest.id, last.id})
    assert len(asked) == 14
    page = await users.find_users(actor=guest.actor, query=family, limit=5)
    assert len(asked) - 14 == pages_at_a_time
    assert not {each.id for each in hidden} & {user.id for user in page.users}


async def test_a_place_is_of_one_guest_and_one_search(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = await scene_of(uuid4().hex[:8])
    page = await users.find_users(actor=scene.guest.actor, query=scene.family, limit=1)
    cursor = decode_cursor(page.next_cursor or "", 1)
    assert (await users.find_users(actor=scene.guest.actor, query=scene.family, cursor=cursor)).users
    other = await give_role(await person("Olga"), GUEST)
    for actor, query, place in (
        (other.actor, scene.family, cursor),
        (scene.guest.actor, "", cursor),
        # Of one's own choice: whether there are more behind it would tell who is.
        (scene.guest.actor, scene.family, ("una",)),
        (scene.guest.actor, scene.family, ("\N{SNOWMAN}",)),
        (scene.guest.actor, scene.family, (cursor[0][:-8],)),
    ):
        with pytest.raises(Invalid):
            await users.find_users(actor=actor, query=query, cursor=place)


async def test_a_guest_in_more_groups_than_are_read_finds_everybody_around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("groups.sight._MAX_GROUPS", 2)
    scene = await scene_of(uuid4().hex[:8])
    more = [await person(f"Sam {scene.family}") for _ in range(4)]
    for each in more[:2]:
        await groups.create_direct(actor=each.actor, user_id=scene.guest.id)
    await groups.create_direct(actor=more[2].actor, user_ids=[scene.guest.id, scene.seen.id])
    expected = {scene.guest.id, scene.seen.id, *(each.id for each in more[:3])}
    # Conversations say who is in them, and two groups are read.
    assert await sight._around(scene.guest.id, 100) == sorted(expected)
    assert set(await pages(scene.guest, scene.family, 2)) == expected
    for name in ("One", "Two"):
        await groups.create_group(actor=more[3].actor, name=name, member_ids=[scene.guest.id])
    assert await sight._around(scene.guest.id, 100) is None
    assert set(await pages(scene.guest, scene.family, 2)) == expected | {more[3].id}
