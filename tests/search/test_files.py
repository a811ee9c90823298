"""Files are found by their names among those of one's own groups, however many others there are."""

import pytest

from files.services import store_file
from groups import services as groups
from search import by_name
from search.selectors import search
from tests.cast import Person
from tests.files.conftest import pieces
from tests.search.searching import index, say


async def _attach(who: Person, group_id: str, *names: str) -> list[str]:
    ids = []
    for name in names:
        file = await store_file(
            actor=who.actor, group_id=group_id, name=name, content_type="text/plain", chunks=pieces(b"x")
        )
        ids.append(file.id)
    await say(who, group_id, "see", attachments=ids)
    await index(group_id)
    return ids


async def test_files_of_others_hide_none_and_tell_nothing(
    alice: Person, charlie: Person, group_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(by_name, "_MAX_FILES_COMPARED", 2)
    (mine,) = await _attach(alice, group_id, "manifest of cargo.txt")
    elsewhere = await groups.create_group(actor=charlie.actor, name="Elsewhere", member_ids=[])
    for number in range(3):
        await _attach(charlie, elsewhere.id, f"manifest {number}.txt")
    page = await search(actor=alice.actor, query="manifest")
    assert [each["file"]["id"] for each in page["files"]] == [mine]
    assert "moreFiles" not in page


async def test_words_are_those_of_one_name(alice: Person, group_id: str) -> None:
    invoice, _ = await _attach(alice, group_id, "invoice march.txt", "draft april.txt")
    expected = {"invoice -draft": [invoice], "invoice march": [invoice], "invoice april": [], "invoice -march": []}
    files = {query: (await search(actor=alice.actor, query=query))["files"] for query in expected}
    assert {query: [each["file"]["id"] for each in found] for query, found in files.items()} == expected
