"""A Users table of a former version is carried over: nobody is missing, and repeating it changes nothing."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command

from dynamodb import store
from users import name_index, profiles, selectors, services, user_cache
from users.local_issuer import user_id_for_name
from users.models import UserRow


async def former_user(name: str, table: str = UserRow.Meta.table_name, **more: str) -> str:
    """Write a user as a former version did, and return the id; `more` are attributes that only a later one wrote."""
    user_id = f"user_{uuid4().hex}"
    times = {"createdAt": "2026-01-01T00:00:00.000Z", "updatedAt": "2026-01-01T00:00:00.000Z"}
    item = {"userId": user_id, "item": "profile", "name": name, "nameKey": name.casefold(), **times, **more}
    put = {"TableName": table, "Item": {key: {"S": value} for key, value in item.items()}}
    await store.call(store.connection().dispatch, "PutItem", put)
    return user_id


async def found(prefix: str) -> list[str]:
    return [user.id for user in (await selectors.find_among_all(query=prefix, limit=100)).users]


async def test_users_of_a_former_version_are_found_once_carried_over() -> None:
    prefix = f"p{uuid4().hex}"
    user_ids = [await former_user(f"{prefix} {number}") for number in range(5)]
    assert await found(prefix) == []
    assert await name_index.spread_users() >= 5
    assert await found(prefix) == user_ids
    assert await name_index.spread_users() == 0
    assert await found(prefix) == user_ids


async def test_users_of_the_version_that_had_no_keys_of_words_are_found_by_each_word() -> None:
    word = f"w{uuid4().hex}"
    name = f"\u00d6mer {word}"
    spread = {"nameShard": "1", "nameSort": f"{name.casefold()}\nuser"}
    user_id = await former_user(name, **spread)
    # Whom a server of that version renames while this one serves.
    renamed = await profiles.create_if_absent(f"user_{uuid4().hex}", name=f"Before {word}")
    await store.call(UserRow(renamed.id, "profile").update, [UserRow.name.set(f"{word} After")])
    assert user_id not in await found(word)
    assert await found(f"{word} a") == []
    assert await name_index.spread_users() >= 2
    assert await found(f"{word} a") == [renamed.id]
    assert sorted(await found(word)) == sorted([user_id, renamed.id])
    assert await found(f"omer {word}") == [user_id]
    assert await found(f"before {word}") == []


async def test_who_signs_in_is_carried_over_before_the_command_comes_to_them(name: str) -> None:
    user_id = user_id_for_name(name)
    await services.sign_in_locally(name=name)
    await store.call(UserRow(user_id, "profile").update, [UserRow.keyed_name.remove(), UserRow.key_count.remove()])
    user_cache.clear()
    await services.sign_in(token=await services.sign_in_locally(name=name))
    stored = await selectors.get_user(user_id=user_id)
    assert stored.is_indexed
    assert await found(name.rsplit(maxsplit=1)[-1]) == [user_id]


async def test_someone_renamed_meanwhile_keeps_the_new_name(monkeypatch: pytest.MonkeyPatch) -> None:
    prefix = f"p{uuid4().hex}"
    user_id = await former_user(f"{prefix} before")
    spread = name_index._spread

    async def after_renaming(row: UserRow) -> bool:
        if row.user_id == user_id:
            await profiles.change(user_id, name=f"{prefix} after")
        return await spread(row)

    monkeypatch.setattr(name_index, "_spread", after_renaming)
    await name_index.spread_users()
    assert [user.name for user in (await selectors.find_among_all(query=prefix)).users] == [f"{prefix} after"]


@pytest.fixture
async def former_table() -> AsyncIterator[type[UserRow]]:
    """A table with the index of the former version only."""
    name = f"{UserRow.Meta.table_name}-{uuid4().hex[:8]}"

    class FormerRow(UserRow):
        class Meta(store.TableMeta):
            table_name = name

    keys = [("userId", "HASH"), ("item", "RANGE"), ("nameKey", "RANGE")]
    schema = [{"AttributeName": key, "KeyType": kind} for key, kind in keys]
    index = {
        "IndexName": "item-nameKey",
        "KeySchema": [{"AttributeName": "item", "KeyType": "HASH"}, schema[2]],
        "Projection": {"ProjectionType": "ALL"},
    }
    await _call(
        "CreateTable",
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key, _ in keys],
        KeySchema=schema[:2],
        GlobalSecondaryIndexes=[index],
    )
    yield FormerRow
    await _call("DeleteTable", TableName=name)


async def _call(operation: str, **arguments: Any) -> Any:
    """Call DynamoDB on a thread: making a table takes longer than a call on the loop may."""
    return await asyncio.to_thread(store.connection().dispatch, operation, arguments)


async def test_a_table_of_a_former_version_gets_the_index_in_place_of_its_own(former_table: type[UserRow]) -> None:
    await former_user("Ada", former_table.Meta.table_name)
    assert await name_index.add_index(former_table)
    assert await name_index.spread_users(former_table) == 1
    assert await name_index.drop_former_index(former_table)
    # And again.
    assert not await name_index.add_index(former_table)
    assert await name_index.spread_users(former_table) == 0
    described = await _call("DescribeTable", TableName=former_table.Meta.table_name)
    assert [index["IndexName"] for index in described["Table"]["GlobalSecondaryIndexes"]] == ["names"]
    assert not await name_index.drop_former_index(former_table)


async def test_a_table_is_carried_over_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(name_index, "_DONE", (f"carried over {uuid4().hex}", "keys"))
    assert not await name_index.is_done()
    await name_index.mark_done()
    assert await name_index.is_done()


def test_it_runs_as_a_command_twice(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        call_command("spread_users")
        assert "users carried over" in capsys.readouterr().out
