"""A block is replaced whichever way its messages left it: changed, handed over again, or of a group that is gone."""

import asyncio
from typing import Any

import pytest

from messaging import services
from search import blocks, sealing
from search import index as documents
from search.follower import SearchIndex
from search.sealing import seal
from tests.cast import Person
from tests.search.searching import found, index, say

pytestmark = pytest.mark.usefixtures("small_blocks")


@pytest.fixture
async def ids(alice: Person, group_id: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Messages of a group, all of which are in blocks."""
    monkeypatch.setattr(sealing, "MAX_TAIL", 10_000)
    ids = [await say(alice, group_id, f"number {number} quixotic") for number in range(20)]
    await index(group_id)
    await sealing.sealer().wait()
    await seal_all(monkeypatch)
    return ids


async def seal_all(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sealing, "MAX_TAIL", 1)
        await seal()


async def seal_all_with(message_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Return once this message is sealed: a server of another test may be sealing, and then this waits for it."""
    async with asyncio.timeout(60):
        while not await documents.messages().count_documents({"_id": message_id, "b": {"$exists": True}}):
            await seal_all(monkeypatch)


async def block_of(message_id: str) -> int:
    (document,) = await documents.messages().find({"_id": message_id}).to_list()
    return int(document["b"])


async def is_to_be_replaced(block: int) -> bool:
    """Return whether a block is noted as changed, or was replaced since."""
    found = await blocks._blocks().find_one({"_id": block, "state": "ready"})
    return found is None or bool(found.get("changed"))


def seq_of(message_id: str) -> int:
    return int(message_id.rpartition(".")[2])


async def test_one_whose_messages_are_handed_over_again_is_replaced(
    alice: Person, group_id: str, ids: list[str]
) -> None:
    before = await block_of(ids[0])
    assert not await is_to_be_replaced(before)
    await index(group_id)
    assert await is_to_be_replaced(before)
    assert await found(alice, "quixotic") == ids[::-1]
    assert await documents.messages().count_documents({"g": group_id, "w.0": {"$exists": True}}) == 0


async def test_one_is_noted_by_who_comes_after_a_process_that_died(
    alice: Person, group_id: str, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await block_of(ids[1])
    await services.edit_message(actor=alice.actor, message_id=ids[1], content="sober")

    async def die(*_: Any) -> None:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr(blocks, "mark_changed", die)
        with pytest.raises(ConnectionError):
            await index(group_id, after=seq_of(ids[-1]))
    await seal_all(monkeypatch)
    await index(group_id, after=seq_of(ids[-1]))
    assert await is_to_be_replaced(before)


async def test_one_that_is_sealed_just_before_the_writing_is_noted(
    alice: Person, group_id: str, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    late = await say(alice, group_id, "quixotic too")
    await index(group_id, after=seq_of(ids[-1]))
    await services.edit_message(actor=alice.actor, message_id=late, content="sober")
    write, sealed = documents.write, list[int]()

    async def write_late(*args: Any) -> None:
        await seal_all(monkeypatch)
        sealed.append(await block_of(late))
        await write(*args)

    monkeypatch.setattr(documents, "write", write_late)
    await index(group_id, after=seq_of(late))
    assert [await is_to_be_replaced(block) for block in sealed] == [True]


async def test_one_of_a_group_that_is_gone_is_noted(
    alice: Person, group_id: str, ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, forget = await block_of(ids[0]), documents.forget
    late = await say(alice, group_id, "quixotic too")
    await index(group_id, after=seq_of(ids[-1]))
    sealed = [before]

    async def forget_late(*args: Any) -> None:
        await seal_all_with(late, monkeypatch)
        sealed.append(await block_of(late))
        await forget(*args)

    monkeypatch.setattr(documents, "forget", forget_late)
    await SearchIndex().forget(group_id)
    assert all([await is_to_be_replaced(block) for block in sealed])
