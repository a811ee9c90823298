"""The index is right whichever entry comes first, late or twice, and may be built anew while people search."""

import random
from collections.abc import Sequence
from typing import Any

import pytest
from pymongo.errors import BulkWriteError

from groups.followers import registrations
from groups.log import queries
from messaging import services
from search import index as documents
from search import rebuilding
from search.follower import SearchIndex
from search.keys import MAX_PAIRS
from tests.cast import Person
from tests.search.searching import found, index, say


async def _stored(group_id: str) -> list[dict[str, object]]:
    return await documents.messages().find({"g": group_id}).sort("s", 1).to_list()


async def test_entries_in_any_batches_again_and_late_give_the_same(alice: Person, bob: Person, group_id: str) -> None:
    chance = random.Random(7)
    ids = [await say(alice, group_id, f"number {number}") for number in range(8)]
    await say(bob, group_id, "a reply", parent_id=ids[0])
    for message_id in ids[:4]:
        await services.edit_message(actor=alice.actor, message_id=message_id, content=f"edited {message_id}")
    await services.delete_message(actor=alice.actor, message_id=ids[3])
    await services.react(actor=bob.actor, message_id=ids[5], emoji="👍", action="add")
    early = await queries.entries_after(group_id, 0, limit=9)
    await services.edit_message(actor=alice.actor, message_id=ids[6], content="the last word")
    await services.delete_message(actor=alice.actor, message_id=ids[7])
    await index(group_id)
    expected = await _stored(group_id)
    # As another process has read them, before the last edit and deletion.
    await SearchIndex().handle(group_id, early, notify=False)
    assert await _stored(group_id) == expected
    entries = await queries.entries_after(group_id, 0)
    for _ in range(10):
        start = chance.randrange(len(entries))
        await SearchIndex().handle(group_id, entries[start : start + chance.randint(1, 6)], notify=False)
    assert await _stored(group_id) == expected
    assert await found(alice, "number") == [ids[5], ids[4]]


async def test_a_rebuild_mends_what_is_wrong_while_the_rest_is_found(alice: Person, group_id: str) -> None:
    ids = [await say(alice, group_id, f"number {number}") for number in range(4)]
    await services.edit_message(actor=alice.actor, message_id=ids[1], content="number one")
    await index(group_id)
    expected = await _stored(group_id)
    await documents.messages().delete_one({"_id": ids[0]})
    await documents.messages().update_one({"_id": ids[1]}, {"$set": {"t": "nonsense"}})
    assert await found(alice, "number") == [ids[3], ids[2]]
    await index(group_id)
    assert await _stored(group_id) == expected
    assert await found(alice, "number") == ids[::-1]


class _Racing:
    """The collection, while another process inserts a document between the look for one and the insertion."""

    def __init__(self, inserted: dict[str, Any]) -> None:
        self._collection, self._inserted = documents.messages(), [inserted]

    async def bulk_write(self, writes: Sequence[Any], **options: Any) -> Any:
        if self._inserted:
            await self._collection.insert_one(self._inserted.pop())
            raise BulkWriteError({"writeErrors": [{"index": 0, "code": 11000}]})
        return await self._collection.bulk_write(writes, **options)


@pytest.mark.parametrize(("theirs", "ours", "kept"), [(1, 2, 2), (3, 2, 3)], ids=["older", "newer"])
async def test_of_two_insertions_at_once_the_newer_stays(
    group_id: str, monkeypatch: pytest.MonkeyPatch, theirs: int, ours: int, kept: int
) -> None:
    def state(change: int) -> dict[str, Any]:
        return {"_id": f"{group_id}.1", "g": group_id, "s": 1, "c": change, "o": 1, "t": "x", "m": []}

    racing = _Racing(state(theirs))
    with monkeypatch.context() as patch:
        patch.setattr(documents, "messages", lambda: racing)
        await documents.write([state(ours)])
    assert [one["c"] for one in await _stored(group_id)] == [kept]


async def test_a_rebuild_removes_what_belongs_to_no_group(alice: Person, group_id: str) -> None:
    await documents.write([{"_id": "group_gone.1", "g": "group_gone", "s": 1, "c": 1, "o": 1, "t": "x", "m": []}])
    before = (await registrations.load([SearchIndex()]))["search"]
    assert await rebuilding.rebuild() >= 1
    assert await documents.messages().count_documents({"g": "group_gone"}) == 0
    assert (await registrations.load([SearchIndex()]))["search"].generation == before.generation + 1


async def test_a_text_of_very_many_pairs_is_found_by_each(alice: Person, group_id: str) -> None:
    noise = "".join(map(chr, range(0x4E00, 0x4E00 + MAX_PAIRS + 100)))
    message = await say(alice, group_id, noise)
    await index(group_id)
    assert await found(alice, noise[700:704]) == [message]
    assert await found(alice, noise[704:700:-1]) == []
