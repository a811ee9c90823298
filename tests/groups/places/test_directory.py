"""The directory has the public groups that are in use, and nobody finds another one in it; who finds one may join."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest

from dynamodb import store
from foundation.cursors import decode_cursor, encode_cursor
from foundation.errors import Forbidden, NotFound
from groups import models, selectors, services
from groups.dissolving import dissolve_group
from groups.models import PUBLIC, Group
from groups.places import listing
from groups.places.selectors import find_groups
from groups.rows import GroupRow
from tests.cast import Person, person
from users.roles import GUEST

from .another_process import another_process


async def public(owner: Person, name: str) -> Group:
    return await services.create_group(actor=owner.actor, name=name, visibility=PUBLIC)


async def names(actor: Person, query: str, limit: int = 20) -> list[str]:
    """Return the names of all groups that are found."""
    return [group.name for group in await found_groups(actor, query, limit)]


async def found_groups(actor: Person, query: str, limit: int) -> list[Group]:
    """Return all groups that are found, page by page."""
    found: list[Group] = []
    cursor: tuple[str, ...] | None = None
    while True:
        page = await find_groups(actor=actor.actor, query=query, limit=limit, cursor=cursor)
        assert len(page.groups) <= limit
        found += [each.group for each in page.groups]
        if page.next_cursor is None:
            return found
        cursor = decode_cursor(page.next_cursor, 1)


@pytest.fixture
def word() -> str:
    """A word that no other test's groups have in their names."""
    return f"w{uuid4().hex[:10]}"


async def test_a_public_group_is_found_and_a_private_one_is_not(alice: Person, charlie: Person, word: str) -> None:
    group = await public(alice, f"{word} open")
    await services.create_group(actor=alice.actor, name=f"{word} closed")
    (found,) = (await find_groups(actor=charlie.actor, query=word)).groups
    assert found.as_wire() == {**group.as_wire(), "memberCount": 1, "joined": False}
    # Not even by who is in it.
    assert await names(alice, word) == [f"{word} open"]
    assert (await find_groups(actor=alice.actor, query=word)).groups[0].joined


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("Ömer {}", "omer {}"),
        ("İbrahim {}", "ibrahim {}"),
        ("The Engine {}", "engine {}"),
        ("\uff26\uff35\uff2c\uff2c {}", "full {}"),
        ("Jean-Luc {}", "luc {}"),
        ("Straße {}", "STRASSE {}"),
        ("Plain {}", "#plain {}"),
        ("Plain {}", "  plain   {} "),
    ],
)
async def test_a_name_is_found_as_it_is_typed(alice: Person, word: str, name: str, query: str) -> None:
    group = await public(alice, name.format(word))
    assert await names(alice, query.format(word)) == [group.name]
    assert await names(alice, "x" + query.format(word)) == []


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
async def test_pages_have_each_group_once_in_the_order_of_names(alice: Person, word: str, limit: int) -> None:
    # Each has three keys that begin with the word.
    made = [f"{word} {letter} {word} {word} é" for letter in "dacb"]
    for name in made:
        await public(alice, name)
    assert await names(alice, word, limit) == sorted(made)


async def test_without_a_query_all_are_listed_by_name(alice: Person) -> None:
    for name in ("Zebra", "apple", "Ähre"):
        await public(alice, f"{name} {uuid4().hex[:6]}")
    found = await found_groups(alice, "", 3)
    # Other tests have groups too, some of one name.
    assert len(found) == len({group.id for group in found}) >= 3
    order = [next(n for n, group in enumerate(found) if group.name.startswith(x)) for x in ("Ähre", "apple", "Zebra")]
    assert order == sorted(order)


async def test_the_directory_follows_each_change(alice: Person, word: str) -> None:
    group = await public(alice, f"{word} one")

    async def change(**changes: object) -> list[str]:
        await services.change_group(actor=alice.actor, group_id=group.id, **changes)  # type: ignore[arg-type]
        return await names(alice, word)

    assert await change(name=f"{word} two") == [f"{word} two"]
    assert await change(name=f"{word} TWO") == [f"{word} TWO"]
    assert await change(topic="ships") == [f"{word} TWO"]
    assert await change(archived=True) == []
    assert await change(archived=False) == [f"{word} TWO"]
    assert await change(visibility="private") == []
    assert await change(name=f"{word} three", visibility="public") == [f"{word} three"]
    await dissolve_group(actor=alice.actor, group_id=group.id)
    assert await names(alice, word) == []


async def test_a_deleted_or_private_group_leaves_no_row_behind(alice: Person, word: str) -> None:
    groups = [await public(alice, f"{word} a b c d e f g h i j k l m n o p q r s {n}") for n in range(3)]
    # Sixteen keys at most.
    assert all(len(listing.rows_of(group)) <= 17 for group in groups)
    await services.change_group(actor=alice.actor, group_id=groups[0].id, visibility="private")
    await services.change_group(actor=alice.actor, group_id=groups[1].id, name="Elsewhere", archived=True)
    with another_process():
        await services.change_group(actor=alice.actor, group_id=groups[2].id, name=f"{word} other")
    await dissolve_group(actor=alice.actor, group_id=groups[2].id)

    def rows() -> list[str]:
        return [row.item for row in GroupRow.query("public", consistent_read=True)]

    ids = {group.id for group in groups}
    assert [item for item in await store.call(rows) if item.rpartition("\n")[2] in ids] == []


async def test_who_may_not_discover_groups_finds_none_and_joins_none(alice: Person, charlie: Person, word: str) -> None:
    group = await public(alice, word)
    guest = replace(charlie.actor, stored_role=GUEST)
    with pytest.raises(Forbidden):
        await find_groups(actor=guest, query=word)
    with pytest.raises(NotFound):
        await services.join_group(actor=guest, group_id=group.id)
    assert await names(alice, word) == [word]


@pytest.mark.parametrize("item", ["key#", "name#zz", "a", "\U0010ffff", "key#\U0010ffff", "x" * 900])
async def test_a_made_up_cursor_leads_nowhere_else(alice: Person, word: str, item: str) -> None:
    await public(alice, word)
    cursor = decode_cursor(encode_cursor(item), 1)
    for query in (word, ""):
        page = await find_groups(actor=alice.actor, query=query, cursor=cursor)
        assert all(each.group.visibility == PUBLIC for each in page.groups)


async def test_a_page_of_thousands_costs_two_requests(
    alice: Person, word: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A query of the directory and a read of the groups: neither grows with the number of groups."""
    made = [Group(f"group_{uuid4().hex}", f"{word} {n:04}", "group", "now", alice.id, 1, PUBLIC) for n in range(2_000)]

    def write(part: list[Group]) -> None:
        with GroupRow.batch_write() as batch:
            for group in part:
                for row in (models.group_row(group), *listing.rows_of(group)):
                    batch.save(row)

    for start in range(0, len(made), 500):
        await store.call(write, made[start : start + 500])
    calls: list[object] = []
    call = store.call

    async def counted(function: object, *args: object, **more: object) -> object:
        calls.append(function)
        return await call(function, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(store, "call", counted)
    page = await find_groups(actor=alice.actor, query=f"{word} 15", limit=50)
    assert [each.group.name for each in page.groups] == [f"{word} {n:04}" for n in range(1500, 1550)]
    assert len(calls) == 2


# --- joining ---------------------------------------------------------------------------------------------------------
async def test_anybody_joins_a_public_group_and_leaves_it(alice: Person, charlie: Person, word: str) -> None:
    group = await public(alice, word)
    for _ in range(2):
        joined = await services.join_group(actor=charlie.actor, group_id=group.id)
        assert joined.id == group.id
        detail = await selectors.get_group_detail(actor=charlie.actor, group_id=group.id)
        assert (detail["role"], detail["memberCount"]) == ("member", 2)
        # Whoever has left comes back by an act of their own.
        await services.leave_group(actor=charlie.actor, group_id=group.id)
    assert (await find_groups(actor=alice.actor, query=word)).groups[0].group.member_count == 1


async def test_joining_twice_is_joining_once(alice: Person, charlie: Person, word: str) -> None:
    group = await public(alice, word)
    await asyncio.gather(*(services.join_group(actor=charlie.actor, group_id=group.id) for _ in range(3)))
    assert (await selectors.get_group_detail(actor=charlie.actor, group_id=group.id))["memberCount"] == 2
    head = await selectors.get_head_position(group_id=group.id)
    assert head.seq == 2


async def test_many_join_at_once(alice: Person, word: str) -> None:
    group = await public(alice, word)
    guests = [await person("Guest") for _ in range(8)]
    await asyncio.gather(*(services.join_group(actor=guest.actor, group_id=group.id) for guest in guests))
    assert (await find_groups(actor=alice.actor, query=word)).groups[0].group.member_count == 9


async def test_nobody_joins_what_is_not_public(alice: Person, bob: Person, charlie: Person, group_id: str) -> None:
    direct = await services.create_direct(actor=alice.actor, user_id=bob.id)
    for id_ in (group_id, direct.id, "group_0000000000000000", "public", "directory#00"):
        with pytest.raises(NotFound):
            await services.join_group(actor=charlie.actor, group_id=id_)
    assert group_id not in await selectors.list_group_ids(user_id=charlie.id)


async def test_a_group_that_another_process_has_closed_a_moment_ago_is_not_joined(
    alice: Person, charlie: Person, word: str
) -> None:
    group = await public(alice, word)
    guest = await person("Guest")
    await services.join_group(actor=guest.actor, group_id=group.id)
    with another_process():
        await services.change_group(actor=alice.actor, group_id=group.id, visibility="private")
    with pytest.raises(NotFound):
        await services.join_group(actor=charlie.actor, group_id=group.id)


async def test_who_was_added_is_in_a_group_that_became_public(alice: Person, bob: Person, group_id: str) -> None:
    await services.change_group(actor=alice.actor, group_id=group_id, visibility="public", name=f"W {uuid4().hex}")
    await services.join_group(actor=bob.actor, group_id=group_id)
    assert (await selectors.get_group_detail(actor=bob.actor, group_id=group_id))["memberCount"] == 2


async def test_a_retry_of_a_creation_finds_the_public_group(alice: Person, word: str) -> None:
    made = [
        await services.create_group(actor=alice.actor, name=word, visibility=PUBLIC, client_id="once") for _ in range(2)
    ]
    assert made[0].id == made[1].id
    assert await names(alice, word) == [word]


def test_a_change_of_a_long_name_fits_into_a_transaction() -> None:
    words = " ".join(f"w{n}" for n in range(20))[:80]
    group = Group("group_1", words, "group", "now", "user_1", 1, PUBLIC)
    other = Group("group_1", words[::-1], "group", "now", "user_1", 1, PUBLIC)
    assert len(listing.relist_writes(group, other)) <= 34
