"""Finding people by id and by how their name starts."""

from uuid import uuid4

import pytest

from foundation.errors import NotFound
from users import models, selectors


@pytest.fixture
async def prefix() -> str:
    """Four people whose names start with it, and one whose name ends with it."""
    prefix = f"p{uuid4().hex}"
    for name in (f"{prefix} b", f"{prefix.upper()} A", f"{prefix}  Çelik", f"{prefix}", f"x {prefix}"):
        await models.create_if_absent(f"user_{uuid4().hex}", name=name)
    return prefix


async def test_in_the_order_of_names_whatever_their_case(prefix: str) -> None:
    found = await selectors.find_users(query=prefix, limit=10)
    assert [user.name for user in found] == [prefix, f"{prefix.upper()} A", f"{prefix} b", f"{prefix}  Çelik"]


async def test_case_and_spaces_of_the_query_do_not_matter(prefix: str) -> None:
    found = await selectors.find_users(query=f"  {prefix.upper()}   ç", limit=10)
    assert [user.name for user in found] == [f"{prefix}  Çelik"]


async def test_no_more_than_the_limit(prefix: str) -> None:
    assert len(await selectors.find_users(query=prefix, limit=2)) == 2


async def test_without_a_query_everyone(prefix: str) -> None:
    assert len(await selectors.find_users(limit=3)) == 3


async def test_a_new_name_is_found_and_the_old_one_is_not(prefix: str) -> None:
    (user,) = await selectors.find_users(query=f"{prefix} b", limit=10)
    await models.rename(user.id, name=f"{prefix} z")
    assert await selectors.find_users(query=f"{prefix} b", limit=10) == []
    assert [found.id for found in await selectors.find_users(query=f"{prefix} z", limit=10)] == [user.id]


async def test_more_ids_than_one_batch_holds_some_of_them_unknown_or_twice() -> None:
    base = uuid4().hex
    users = [await models.create_if_absent(f"user_{base}_{number}", name=f"N{number}") for number in range(120)]
    asked = [user.id for user in users] * 2 + ["user_nobody", "", "x" * 3_000, "\ud800"]
    assert await selectors.get_users(user_ids=asked) == {user.id: user for user in users}


async def test_nobody_asked_for_is_nobody_found() -> None:
    assert await selectors.get_users(user_ids=[]) == {}


@pytest.mark.parametrize("user_id", ["user_nobody", "", "x" * 3_000, "a b", "\ud800"])
async def test_an_unknown_id_is_not_found(user_id: str) -> None:
    with pytest.raises(NotFound):
        await selectors.get_user(user_id=user_id)


async def test_whoever_comes_second_gets_the_first_ones_user() -> None:
    user_id = f"user_{uuid4().hex}"
    first = await models.create_if_absent(user_id, name="First")
    assert await models.create_if_absent(user_id, name="Second") == first
