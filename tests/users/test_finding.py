"""Users are found by id and by the beginning of their name."""

from uuid import uuid4

import pytest

from foundation.errors import NotFound
from users import models, selectors


@pytest.fixture
async def prefix() -> str:
    """A prefix of four users' names, with which one further name ends."""
    prefix = f"p{uuid4().hex}"
    for name in (f"{prefix} b", f"{prefix.upper()} A", f"{prefix}  Çelik", f"{prefix}", f"x {prefix}"):
        await models.create_if_absent(f"user_{uuid4().hex}", name=name)
    return prefix


async def test_found_users_are_sorted_by_name_regardless_of_case(prefix: str) -> None:
    users = await selectors.find_users(query=prefix, limit=10)
    assert [user.name for user in users] == [prefix, f"{prefix.upper()} A", f"{prefix} b", f"{prefix}  Çelik"]


async def test_case_and_spacing_of_the_query_are_ignored(prefix: str) -> None:
    users = await selectors.find_users(query=f"  {prefix.upper()}   ç", limit=10)
    assert [user.name for user in users] == [f"{prefix}  Çelik"]


async def test_no_more_users_than_the_limit_are_found(prefix: str) -> None:
    assert len(await selectors.find_users(query=prefix, limit=2)) == 2


async def test_without_a_query_all_users_are_found(prefix: str) -> None:
    assert len(await selectors.find_users(limit=3)) == 3


async def test_a_renamed_user_is_found_by_the_new_name_only(prefix: str) -> None:
    (user,) = await selectors.find_users(query=f"{prefix} b", limit=10)
    await models.rename(user.id, name=f"{prefix} z")
    assert await selectors.find_users(query=f"{prefix} b", limit=10) == []
    assert [match.id for match in await selectors.find_users(query=f"{prefix} z", limit=10)] == [user.id]


async def test_ids_beyond_one_batch_unknown_ones_and_duplicates_are_read() -> None:
    base = uuid4().hex
    users = [await models.create_if_absent(f"user_{base}_{number}", name=f"N{number}") for number in range(120)]
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
    first = await models.create_if_absent(user_id, name="First")
    assert await models.create_if_absent(user_id, name="Second") == first
