"""Users are found by id, and by the beginning of their name, of a word of it, or of their handle."""

from typing import Any
from uuid import uuid4

import pytest

from foundation.errors import NotFound
from foundation.validation import validated
from tests.lagging_replica import LaggingReplica
from users import models, profiles, selectors
from users.models import SHARDS, shard_of
from users.serializers import FindUsersInput
from users.user import User


@pytest.fixture
async def prefix() -> str:
    """A prefix of four users' names, which one further name has in it."""
    prefix = f"p{uuid4().hex}"
    for name in (f"{prefix} b", f"{prefix.upper()} A", f"{prefix}  Çelik", f"{prefix}", f"x{prefix}"):
        await profiles.create_if_absent(f"user_{uuid4().hex}", name=name)
    return prefix


async def found(**search: Any) -> list[User]:
    return (await selectors.find_among_all(**search)).users


async def test_found_users_are_sorted_by_name_regardless_of_case(prefix: str) -> None:
    users = await found(query=prefix, limit=10)
    assert [user.name for user in users] == [prefix, f"{prefix.upper()} A", f"{prefix} b", f"{prefix}  Çelik"]


async def test_case_and_spacing_of_the_query_are_ignored(prefix: str) -> None:
    users = await found(query=f"  {prefix.upper()}   ç", limit=10)
    assert [user.name for user in users] == [f"{prefix}  Çelik"]


async def test_no_more_users_than_the_limit_are_found(prefix: str) -> None:
    assert len(await found(query=prefix, limit=2)) == 2


async def test_a_person_is_found_by_each_word_and_the_handle_once() -> None:
    word = f"w{uuid4().hex[:12]}"
    user = await profiles.create_if_absent(f"user_{uuid4().hex}", name=f"Ada {word.upper()}-Lovelace {word}x")
    other = await profiles.create_if_absent(f"user_{uuid4().hex}", name=f"{word} Zuse")
    await profiles.change(user.id, handle=f"{word}.l")
    everybody = [user.id, other.id]
    for query in (word, f"@{word}", f" {word.upper()}"):
        assert sorted(match.id for match in await found(query=query)) == sorted(everybody)
    for query in (f"{word}-love", f"lovelace {word}", f"ada {word}", f"{word}x", f"@{word}.l"):
        assert [match.id for match in await found(query=query)] == [user.id], query
    assert [page_user.id for page in await pages(word, 1) for page_user in page] in (everybody, everybody[::-1])


@pytest.mark.parametrize(
    ("name", "typed"),
    [("\u00d6mer", "omer"), ("\u0130brahim", "ibrahim"), ("\uff21\uff44\uff41", "ada"), ("Ada", "\uff21\uff24\uff21")],
)
async def test_accents_dots_and_width_do_not_count(name: str, typed: str) -> None:
    word = f"w{uuid4().hex}"
    user = await profiles.create_if_absent(f"user_{uuid4().hex}", name=f"{word} {name}{word}")
    assert [match.id for match in await found(query=f"{typed}{word}")] == [user.id]


async def test_who_is_called_so_comes_before_those_of_whose_name_it_is_a_word() -> None:
    word = f"w{uuid4().hex}"
    for number in range(6):
        await profiles.create_if_absent(f"user_{uuid4().hex}", name=f"{number} {word}")
    called = await profiles.create_if_absent(f"user_{uuid4().hex}", name=word.upper())
    assert (await found(query=word, limit=1))[0].id == called.id
    assert len(await found(query=word, limit=10)) == 7


async def test_without_a_query_all_users_are_found(prefix: str) -> None:
    assert len(await found(limit=3)) == 3


async def test_a_renamed_user_is_found_by_the_new_name_only(prefix: str) -> None:
    (user,) = await found(query=f"{prefix} b", limit=10)
    await profiles.change(user.id, name=f"{prefix} z")
    assert await found(query=f"{prefix} b", limit=10) == []
    assert [match.id for match in await found(query=f"{prefix} z", limit=10)] == [user.id]


async def test_ids_beyond_one_batch_unknown_ones_and_duplicates_are_read() -> None:
    base = uuid4().hex
    users = [await profiles.create_if_absent(f"user_{base}_{number}", name=f"N{number}") for number in range(120)]
    user_ids = [user.id for user in users] * 2 + ["user_nobody", "", "x" * 3_000, "\ud800"]
    assert await selectors.get_users(user_ids=user_ids) == {user.id: user for user in users}


async def test_no_ids_find_no_users() -> None:
    assert await selectors.get_users(user_ids=[]) == {}


@pytest.mark.parametrize("user_id", ["user_nobody", "", "x" * 3_000, "a b", "\ud800"])
async def test_an_unknown_id_is_not_found(user_id: str) -> None:
    with pytest.raises(NotFound):
        await selectors.get_user(user_id=user_id)


async def test_creating_an_existing_user_returns_the_stored_one() -> None:
    user_id = f"user_{uuid4().hex}"
    first = await profiles.create_if_absent(user_id, name="First")
    assert await profiles.create_if_absent(user_id, name="Second") == first


async def pages(query: str, limit: int) -> list[list[User]]:
    """Read all pages, each with the cursor of the one before, as a client passes it."""
    pages, cursor = [], None
    while True:
        given = validated(FindUsersInput, {"search": query, "limit": limit, **({"cursor": cursor} if cursor else {})})
        page = await selectors.find_among_all(**given)
        pages.append(page.users)
        cursor = page.next_cursor
        if cursor is None:
            return pages


@pytest.mark.parametrize("limit", [1, 3, 7, 24, 25])
async def test_all_users_are_found_page_by_page_each_once(limit: int) -> None:
    """Half of them have one name: what follows is then decided by their ids."""
    prefix = f"p{uuid4().hex}"
    names = [prefix] * 12 + [f"{prefix} {number:02d}" for number in range(12)]
    created = [await profiles.create_if_absent(f"user_{uuid4().hex}", name=name) for name in names]
    assert len({shard_of(user.id) for user in created}) > 1
    read = await pages(prefix, limit)
    assert [len(page) for page in read[:-1]] == [limit] * (len(read) - 1)
    assert [user for page in read for user in page] == sorted(created, key=lambda user: (user.name, user.id))
    assert len(read) == -(-24 // limit)


async def test_users_who_are_all_in_one_partition_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A partition then holds more of the page than its share."""
    monkeypatch.setattr(models, "shard_of", lambda user_id: "2")
    prefix = f"p{uuid4().hex}"
    created = [await profiles.create_if_absent(f"user_{uuid4().hex}", name=f"{prefix} {n:02d}") for n in range(30)]
    for limit in (9, 29, 30, 31):
        assert [user for page in await pages(prefix, limit) for user in page] == created


async def test_a_cursor_of_another_search_finds_what_follows_it(prefix: str) -> None:
    after_all, before_all = ("\U0010ffff",), ("\x01",)
    assert await found(query=prefix, cursor=after_all) == []
    assert await found(query=prefix, cursor=before_all) == await found(query=prefix)


async def test_users_are_spread_over_the_partitions_of_the_index() -> None:
    base = uuid4().hex
    shards = [shard_of(f"user_{base}_{number}") for number in range(400)]
    assert min(shards.count(str(shard)) for shard in range(SHARDS)) > 50


async def test_a_consistent_read_finds_users_who_have_just_signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    users = [await profiles.create_if_absent(f"user_{uuid4().hex}", name="New") for _ in range(2)]
    LaggingReplica(monkeypatch)
    ids = [user.id for user in users]
    assert await selectors.get_users(user_ids=ids) == {}
    assert await selectors.get_users(user_ids=ids, consistent=True) == {user.id: user for user in users}
