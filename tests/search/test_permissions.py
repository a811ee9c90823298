"""Who searches finds what they may read at that moment, as it is at that moment: whatever the index says."""

import pytest

from files import storage
from foundation.errors import Invalid
from groups import services as groups
from groups.blocking import services as blocking
from groups.log import queries
from messaging import group_deletion, services
from search import index as documents
from search.follower import SearchIndex
from search.selectors import search
from tests.cast import Person
from tests.search.searching import cursor_of, found, index, say


async def test_an_outsider_finds_nothing_and_somebody_who_is_removed_nothing_more(
    alice: Person, bob: Person, charlie: Person, group_id: str
) -> None:
    message = await say(alice, group_id, "the quixotic plan")
    await index(group_id)
    assert await found(bob, "quixotic") == [message]
    assert await found(charlie, "quixotic") == []
    await groups.remove_member(actor=alice.actor, group_id=group_id, user_id=bob.id)
    assert await found(bob, "quixotic") == []
    assert await found(alice, "quixotic") == [message]


async def test_what_was_edited_away_or_deleted_is_not_found_before_the_index_knows(
    alice: Person, group_id: str
) -> None:
    edited, deleted, kept = [await say(alice, group_id, f"quixotic {word}") for word in ("one", "two", "three")]
    await index(group_id)
    await services.edit_message(actor=alice.actor, message_id=edited, content="sober")
    await services.delete_message(actor=alice.actor, message_id=deleted)
    assert await found(alice, "quixotic") == [kept]
    await index(group_id)
    assert await found(alice, "quixotic") == [kept]
    assert await found(alice, "sober") == [edited]


async def test_of_a_deleted_message_the_index_keeps_no_word(alice: Person, group_id: str) -> None:
    message = await say(alice, group_id, "the quixotic plan")
    await index(group_id)
    await services.delete_message(actor=alice.actor, message_id=message)
    await index(group_id)
    (left,) = await documents.messages().find({"g": group_id}).to_list()
    assert left.keys() == {"_id", "g", "s", "c"}


async def test_who_is_blocked_is_not_found(alice: Person, bob: Person, group_id: str) -> None:
    message = await say(bob, group_id, "the quixotic plan")
    await index(group_id)
    await blocking.block_user(actor=alice.actor, user_id=bob.id)
    assert await found(alice, "quixotic") == []
    assert await found(alice, f"from:{bob.id}") == []
    assert await found(bob, "quixotic") == [message]
    await blocking.unblock_user(actor=alice.actor, user_id=bob.id)
    assert await found(alice, "quixotic") == [message]


async def test_a_deleted_group_leaves_no_documents_however_late_a_follower_is(alice: Person, group_id: str) -> None:
    await say(alice, group_id, "the quixotic plan")
    entries = await queries.entries_after(group_id, 0)
    await SearchIndex().handle(group_id, entries, notify=False)
    await group_deletion.delete_group(actor=alice.actor, group_id=group_id)
    assert await found(alice, "quixotic") == []
    await SearchIndex().forget(group_id)
    await SearchIndex().handle(group_id, entries, notify=False)
    assert await documents.messages().count_documents({"g": group_id}) == 0
    database = storage.database()
    names = [name for name in await database.list_collection_names() if name.startswith("search.")]
    assert names
    assert [name for name in names if await database[name].find_one({"_id": group_id})] == []


@pytest.mark.parametrize("query", ["in:Harbour plan", "in:{group_id} plan"], ids=["by name", "by id"])
async def test_a_group_that_one_is_not_in_is_none(charlie: Person, group_id: str, query: str) -> None:
    with pytest.raises(Invalid) as refused:
        await search(actor=charlie.actor, query=query.format(group_id=group_id))
    assert refused.value.fields == {"q": ["You are in no group that is called so."]}


async def test_a_cursor_tells_of_no_message_and_goes_with_its_query(alice: Person, bob: Person, group_id: str) -> None:
    for number in range(6):
        await say(bob, group_id, f"quixotic {number}")
    await index(group_id)
    page = await search(actor=alice.actor, query="quixotic", limit=2)
    (sealed,) = cursor = cursor_of(page)
    places = [str(one["o"]) async for one in documents.messages().find({"g": group_id, "o": {"$exists": True}})]
    assert places
    assert not any(place in sealed for place in places)
    assert len((await search(actor=alice.actor, query="quixotic", cursor=cursor))["items"]) == 4
    for who, query, place in ((bob, "quixotic", cursor), (alice, "from:me", cursor), (alice, "quixotic", (places[0],))):
        with pytest.raises(Invalid) as refused:
            await search(actor=who.actor, query=query, cursor=place)
        assert refused.value.fields
        assert refused.value.fields.keys() == {"cursor"}
